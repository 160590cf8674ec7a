"""Photos for the loop, a chunk in memory at a time, and batches drawn from a chunk.

A batch is anchors and, for each, a neighbour in crawl order; all its pairs count, so half
of the photos come with company from their own page and the rest is chance.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from socialsense.datasets import TaggedPhotos
from socialsense.train.counts import FitSplit, fit_split
from socialsense.train.descriptions import Descriptions
from socialsense.train.processes import Processes

BATCH = 256
CHUNK_RUNS = 512
"""Runs whose descriptions are in memory at a time: 8,192 photos, 100 MB."""
NEIGHBOURS = 3


@dataclass(frozen=True, slots=True)
class Chunk:
    """Photos in memory: standardised descriptions, and what their pairs are judged by."""

    rows: Tensor
    tags: sparse.csr_array
    themes: Tensor
    groups: np.ndarray

    def overlap(self, chosen: np.ndarray) -> Tensor:
        """(N, N) weighted Jaccard of the chosen photos' hashtags; −1 for pairs of one group."""
        part = self.tags[chosen]
        shared = (part @ part.sign().T).toarray()
        size = np.asarray(part.sum(axis=1)).ravel()
        union = size[:, None] + size - shared
        table = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
        table[self.groups[chosen][:, None] == self.groups[chosen]] = -1
        return torch.from_numpy(table.astype(np.float32))


class Chunks:
    """The photos of some splits, a chunk at a time, in an order that changes every epoch."""

    def __init__(
        self,
        photos: TaggedPhotos,
        splits: Sequence[FitSplit],
        descriptions: Descriptions,
        processes: Processes,
        *,
        idf: Mapping[str, float],
        themes: Sequence[str],
        moments: tuple[np.ndarray, np.ndarray],
    ) -> None:
        self._photos, self._splits, self._descriptions = photos, set(splits), descriptions
        self._processes = processes
        self._column = {tag: column for column, tag in enumerate(idf)}
        self._idf = np.array([*idf.values()], dtype=np.float64)
        self._theme = {theme: number for number, theme in enumerate(themes)}
        self._mean, self._scale = (part.astype(np.float32) for part in moments)
        self.count = max(1, -(-len(photos) // (CHUNK_RUNS * processes.size)))
        self._only: Chunk | None = None

    def epoch(self, rng: np.random.Generator) -> Iterator[Chunk]:
        """This process's chunks; every process has as many."""
        if self._only is not None:
            yield self._only
            return
        order = rng.permutation(len(self._photos))[self._processes.rank :: self._processes.size]
        for runs in np.array_split(order, self.count):
            chunk = self._load(np.sort(runs))
            if self.count == 1:
                self._only = chunk
            yield chunk

    def _load(self, runs: np.ndarray) -> Chunk:
        photos = [photo for run in runs for photo in self._photos.run(int(run))]
        photos, rows = self._descriptions.of([p for p in photos if fit_split(p) in self._splits])
        where, which = [], []
        for number, photo in enumerate(photos):
            known = [self._column[tag] for tag in photo.hashtags if tag in self._column]
            which += known
            where += [number] * len(known)
        shape = (len(photos), len(self._column))
        names = {
            group: number for number, group in enumerate(dict.fromkeys(p.group for p in photos))
        }
        rows -= self._mean
        rows /= self._scale
        return Chunk(
            rows=torch.from_numpy(rows),
            tags=sparse.csr_array((self._idf[which], (where, which)), shape=shape),
            themes=torch.tensor([self._theme.get(p.page or "", -1) for p in photos]),
            groups=np.array([names[photo.group] for photo in photos]),
        )


def draw(count: int, rng: np.random.Generator) -> np.ndarray:
    """Different photos, anchors anywhere and for each a neighbour, at most BATCH."""
    anchors = rng.integers(count, size=min(BATCH // 2, count))
    step = rng.integers(1, NEIGHBOURS + 1, len(anchors)) * rng.choice((-1, 1), len(anchors))
    return np.unique(np.concatenate([anchors, (anchors + step).clip(0, count - 1)]))
