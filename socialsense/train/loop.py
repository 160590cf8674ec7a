"""The loop that fits the head to pairs of posts: epochs, early stopping, a checkpoint.

Batches are anchors and, for each, a neighbour in crawl order; all pairs in a batch count,
so half of the photos come with company from their own page and the rest is chance. Pairs
that share a hashtag weigh as much as those that do not. How far two posts' hashtags
overlap, weighted by how informative each is, says how sure a sharing pair is to count.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy import sparse
from torch import Tensor, nn
from torch.nn import functional

from socialsense.datasets import TaggedPhotos
from socialsense.embedders.hashtag import Head
from socialsense.evaluate.similarity import OVERLAP
from socialsense.train.counts import FitSplit, fit_split
from socialsense.train.descriptions import Descriptions
from socialsense.train.processes import Processes

BATCH = 256
CHUNK_RUNS = 512
"""Runs whose descriptions are in memory at a time: 8,192 photos, 100 MB."""
NEIGHBOURS = 3
DROPOUT = 0.3
THEME_RATE, LINE_RATE, DIRECTION_RATE = 2e-4, 1e-2, 2e-6
"""Learning rates of the theme head, of the line from products to logits, of the direction head."""
TEMPERATURE = 0.1


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one pass gave; `score` is the mean of both areas under the ROC curve, validation."""

    number: int
    loss: float
    score: float | None
    best: bool


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


class Objective(nn.Module):
    """What is minimised: surprise at a photo's theme, at who shares, at who overlaps most.

    The last alone moves the directions, slowly: they were fitted in closed form, and pairs
    made them worse.
    """

    def __init__(self, head: Head) -> None:
        super().__init__()
        self.head = head
        self.line = nn.Parameter(torch.stack([head.radius().square().view(()), torch.tensor(-3.0)]))

    def forward(self, rows: Tensor, themes: Tensor, overlap: Tensor) -> Tensor:
        """(N, width), (N,) theme numbers or −1, (N, N) overlaps or −1, to the loss."""
        seen = functional.dropout(rows, DROPOUT, self.training)
        directions = functional.normalize(self.head.direction(seen), dim=1)
        told = self.head.told(directions.detach(), self.head.theme(seen))
        surprise = theme_loss(self.head.theme(seen), themes)
        surprise = surprise + contrastive_loss(directions, overlap)
        return surprise + pair_loss(self.line[0] * (told @ told.T) + self.line[1], overlap)


def theme_loss(logits: Tensor, themes: Tensor) -> Tensor:
    """Cross-entropy where the theme is known; 0 where none is."""
    total = functional.cross_entropy(logits, themes, ignore_index=-1, reduction="sum")
    return total / (themes >= 0).sum().clamp_min(1)


def pair_loss(logits: Tensor, overlap: Tensor) -> Tensor:
    """Binary cross-entropy over pairs; those that share and those that do not weigh the same.

    The target of a pair that shares is its overlap over OVERLAP, at most 1. Pairs of
    negative overlap are left out. (N, N) twice; the lower triangles are not read.
    """
    pairs = torch.triu(torch.ones_like(overlap, dtype=torch.bool), 1) & (overlap >= 0)
    target = (overlap / OVERLAP).clamp(0, 1)
    each = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    total = each.sum() * 0
    for side in (pairs & (overlap > 0), pairs & (overlap == 0)):
        total = total + (each * side).sum() / side.sum().clamp_min(1) / 2
    return total


def contrastive_loss(directions: Tensor, overlap: Tensor) -> Tensor:
    """Supervised contrastive loss (Khosla et al. 2020, eq. 2), positives weighted by overlap.

    (N, D) unit rows, (N, N) overlaps; pairs of negative overlap are left out, and rows that
    overlap with nobody. 0 where there are none.
    """
    allowed = overlap >= 0
    logits = (directions @ directions.T / TEMPERATURE).masked_fill(~allowed, -1e9)
    surprise = torch.logsumexp(logits, dim=1, keepdim=True) - logits
    weight = overlap.clamp_min(0)
    total = weight.sum(dim=1)
    mean = (weight * surprise).sum(dim=1) / total.clamp_min(1e-9)
    return mean.sum() / (total > 0).sum().clamp_min(1)


def draw(count: int, rng: np.random.Generator) -> np.ndarray:
    """Different photos, anchors anywhere and for each a neighbour, at most BATCH."""
    anchors = rng.integers(count, size=min(BATCH // 2, count))
    step = rng.integers(1, NEIGHBOURS + 1, len(anchors)) * rng.choice((-1, 1), len(anchors))
    return np.unique(np.concatenate([anchors, (anchors + step).clip(0, count - 1)]))


def fit_loop(
    head: Head,
    chunks: Chunks,
    processes: Processes,
    *,
    posts: int,
    epochs: int,
    patience: int,
    seed: int,
    score: Callable[[Head], float] | None = None,
    checkpoint: Path | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> tuple[Head, int]:
    """The head of the best epoch by `score`, else of the last, and that epoch's number.

    Epoch 0 is the head as given. With a checkpoint, a stopped loop goes on behind the
    last epoch it finished, to the same answer.
    """
    objective = Objective(head)
    module = processes.together(objective)
    optimizer = torch.optim.Adam(
        [
            {"params": objective.head.theme.parameters(), "lr": THEME_RATE},
            {"params": [objective.line], "lr": LINE_RATE},
            {"params": objective.head.direction.parameters(), "lr": DIRECTION_RATE},
        ]
    )
    memory = _Memory(checkpoint, objective, optimizer)
    memory.restore(score, processes)
    steps = max(1, -(-posts // (BATCH * processes.size * chunks.count)))
    while memory.epoch < epochs and memory.waited < patience:
        memory.epoch += 1
        rng = np.random.default_rng([seed, memory.epoch])
        own = np.random.default_rng([seed, memory.epoch, processes.rank])
        torch.manual_seed(int(own.integers(2**31)))
        total = 0.0
        for chunk in chunks.epoch(rng):
            total += _pass(module, optimizer, chunk, steps, own)
        reached = None
        if score is not None:
            objective.eval()
            reached = processes.gathered(score(objective.head))[0]
        best = memory.judge(reached)
        if processes.first:
            memory.keep()
            if on_epoch:
                on_epoch(Epoch(memory.epoch, total / (steps * chunks.count), reached, best))
    objective.load_state_dict(memory.best_state)
    return objective.head.eval(), memory.best_epoch


def _pass(
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    chunk: Chunk,
    steps: int,
    rng: np.random.Generator,
) -> float:
    module.train()
    total = 0.0
    for _ in range(steps):
        chosen = draw(len(chunk.rows), rng)
        index = torch.from_numpy(chosen)
        loss = module(chunk.rows[index], chunk.themes[index], chunk.overlap(chosen))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total


class _Memory:
    """Where a loop stands; on disk too, where it has a file."""

    def __init__(
        self, file: Path | None, objective: Objective, optimizer: torch.optim.Optimizer
    ) -> None:
        self._file, self._objective, self._optimizer = file, objective, optimizer
        self.epoch = self.best_epoch = self.waited = 0
        self.best_score = -1.0
        self.best_state = self._copy()

    def restore(self, score: Callable[[Head], float] | None, processes: Processes) -> None:
        """What the first process's file holds, or the beginning."""
        kept: dict[str, Any] = {}
        if self._file is not None and processes.first and self._file.exists():
            kept = torch.load(self._file, weights_only=True)
        kept = processes.gathered(kept)[0]
        if kept:
            self._objective.load_state_dict(kept["state"])
            self._optimizer.load_state_dict(kept["optimizer"])
            self.best_state = kept["best_state"]
            self.epoch, self.best_epoch, self.waited = kept["epochs"]
            self.best_score = kept["best_score"]
        elif score is not None:
            self._objective.eval()
            self.best_score = processes.gathered(score(self._objective.head))[0]

    def judge(self, reached: float | None) -> bool:
        """Whether the epoch just made is the best so far; without a score the last one is."""
        best = reached is None or reached > self.best_score
        self.waited = 0 if best else self.waited + 1
        if best:
            self.best_state, self.best_epoch = self._copy(), self.epoch
            self.best_score = -1.0 if reached is None else reached
        return best

    def keep(self) -> None:
        """Write the file, whole or not at all."""
        if self._file is None:
            return
        kept = {
            "state": self._objective.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "best_state": self.best_state,
            "epochs": (self.epoch, self.best_epoch, self.waited),
            "best_score": self.best_score,
        }
        partial = self._file.with_suffix(".part")
        torch.save(kept, partial)
        partial.replace(self._file)

    def _copy(self) -> dict[str, Tensor]:
        return {name: value.clone() for name, value in self._objective.state_dict().items()}
