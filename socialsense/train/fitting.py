"""The heads fitted to some of the splits: directions in closed form, themes in a loop."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import reduce
from pathlib import Path

import numpy as np
import torch

from socialsense.arrays import Float32, Float64
from socialsense.datasets import TaggedPhotos
from socialsense.decode import batches
from socialsense.embedders.hashtag import Head
from socialsense.images import sha256_of
from socialsense.train.calibration import Pairs
from socialsense.train.chunks import Chunks
from socialsense.train.counts import Counts, FitSplit, fit_split
from socialsense.train.descriptions import Descriptions
from socialsense.train.loop import RECIPE, Epoch, fit_loop
from socialsense.train.processes import Processes
from socialsense.train.ridge import Sums, Targets
from socialsense.train.tag_vectors import TagVectors

STRENGTH = 8000.0
"""Of the ridge, in units of photos × features of variance 1."""
GAIN = 1.5
"""What directions count beside themes."""
INFORMATIVE = 1024
"""Hashtags among the targets of the ridge."""
KNOWN = 100_000
"""Hashtags that pairs are compared by."""
PATIENCE = 15

Progress = Callable[[str, int, int], None]
"""What is being done, how many are done, of how many."""


class Fitting:
    """What stays the same from one fit to the next."""

    def __init__(
        self,
        photos: TaggedPhotos,
        counts: Counts,
        vectors: TagVectors,
        descriptions: Descriptions,
        processes: Processes,
        seed: int,
    ) -> None:
        self.photos, self.counts, self.descriptions = photos, counts, descriptions
        self.processes, self.seed = processes, seed
        self.targets = Targets(vectors, counts.informative(INFORMATIVE))
        self.sums: dict[FitSplit, Sums] = {}

    @property
    def name(self) -> str:
        """Another one for other data, another seed or another recipe."""
        sums = (self.sums[split] for split in sorted(self.sums))
        told = [repr((self.seed, STRENGTH, GAIN, self.processes.size, RECIPE)).encode()]
        told += [table.round(6).tobytes() for one in sums for table in (one.count, one.x, one.y)]
        return sha256_of(b"".join(told))[:16]

    def describe(self, show: Progress) -> None:
        """Every photo described, and the sums over those of each split."""
        mine: dict[FitSplit, Sums] = {
            split: Sums(self.descriptions.width, self.targets.width) for split in self.counts.posts
        }
        runs = self.processes.share(len(self.photos))
        done = 0
        for batch in batches(runs):
            photos = [photo for run in batch for photo in self.photos.run(run) if fit_split(photo)]
            photos, rows = self.descriptions.of(photos)
            for split, sums in mine.items():
                inside = [n for n, photo in enumerate(photos) if photo.split == split]
                sums.add(rows[inside], self.targets.of([photos[n] for n in inside]))
            done += len(batch)
            show("describing photos", done, len(runs))
        self.sums = {split: sums.over(self.processes) for split, sums in mine.items()}

    def fit(
        self,
        splits: Sequence[FitSplit],
        epochs: int,
        judge: Callable[[Head], Pairs] | None = None,
        *,
        checkpoint: Path | None = None,
        on_epoch: Callable[[Epoch], None] | None = None,
    ) -> tuple[Head, int]:
        """A head for descriptions as they come, and the epochs of the loop behind it."""
        sums = reduce(Sums.__add__, (self.sums[split] for split in splits))
        moments, linear = sums.moments(), sums.ridge(STRENGTH)
        themes = self.counts.themes()
        head = Head(self.descriptions.width, linear.bias.size, len(themes))
        with torch.no_grad():
            head.direction.weight.copy_(torch.from_numpy(linear.weight.T))
            head.direction.bias.copy_(torch.from_numpy(linear.bias))
            head.theme.weight.zero_()
            head.theme.bias.zero_()
            head.company.copy_(torch.from_numpy(self.counts.company(splits)))
            head.gain.fill_(GAIN)
        chunks = Chunks(
            self.photos,
            splits,
            self.descriptions,
            self.processes,
            idf=self.counts.informative(KNOWN),
            themes=themes,
            moments=moments,
        )

        def score(fitted: Head) -> float:
            return float(np.mean(judge(on_raw(fitted, moments)).figures())) if judge else 0.0

        fitted, taken = fit_loop(
            head,
            chunks,
            self.processes,
            posts=sum(self.counts.posts[split] for split in splits),
            epochs=epochs,
            patience=PATIENCE,
            seed=self.seed,
            score=score if judge else None,
            checkpoint=checkpoint,
            on_epoch=on_epoch,
        )
        return on_raw(fitted, moments), taken


def on_raw(head: Head, moments: tuple[Float64, Float64]) -> Head:
    """The head of standardised descriptions as one of raw descriptions."""
    raw = deepcopy(head)
    mean, scale = (torch.from_numpy(part).float() for part in moments)
    with torch.no_grad():
        for layer in (raw.direction, raw.theme):
            layer.weight.div_(scale)
            layer.bias.sub_(layer.weight @ mean)
    return raw


@torch.inference_mode()
def told(head: Head, seen: Float32) -> Float32:
    """(N, width) descriptions to (N, D − 1): rows without the column that says nothing."""
    rows: Float32 = head(torch.from_numpy(seen))[:, :-1].numpy()
    return rows
