"""The direction head in closed form: ridge regression from sums over the photos.

Sums are gathered batch by batch and added over processes, so neither memory nor the
answer depends on how many photos there are or how many processes share them.

A post's target is the direction of its hashtags among the tag vectors, where synonyms are
close, beside the informative hashtags themselves. Two targets agree as far as two posts
do, so the product of two predictions follows what two posts share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from socialsense.arrays import Float32, Float64
from socialsense.datasets import TaggedPhoto
from socialsense.train.processes import Processes
from socialsense.train.tag_vectors import TagVectors

DIMENSIONS = 128
KEPT_MEAN = 0.5
"""Share of the mean target that stays in a prediction: what posts have in common is a signal."""


class Targets:
    """Where hashtags point, and which of the informative ones a post has: (N, V + T)."""

    def __init__(self, vectors: TagVectors, idf: Mapping[str, float]) -> None:
        self._vectors = vectors
        self._column = {tag: column for column, tag in enumerate(idf)}
        self._idf = np.array([*idf.values()], dtype=np.float64)
        self.width = vectors.vectors.shape[1] + len(idf)

    def of(self, photos: Sequence[TaggedPhoto]) -> Float64:
        """A row a photo, of length √2 at most."""
        rows = np.zeros((len(photos), self.width))
        directions, own = np.split(rows, [self.width - len(self._column)], axis=1)
        for number, photo in enumerate(photos):
            directions[number] = self._vectors.mean(photo.hashtags)
            columns = [self._column[tag] for tag in photo.hashtags if tag in self._column]
            own[number, columns] = np.sqrt(self._idf[columns])
        own /= np.sqrt(1 + np.square(own).sum(axis=1, keepdims=True))
        return rows


@dataclass(frozen=True, slots=True)
class Linear:
    """standardised description @ weight + bias points to the hashtags."""

    weight: Float64
    bias: Float64


class Sums:
    """All that a ridge regression needs to know of descriptions x and targets y."""

    def __init__(self, width: int, targets: int) -> None:
        self.count = np.zeros(1)
        self.x, self.y = np.zeros(width), np.zeros(targets)
        self.xx, self.xy = np.zeros((width, width)), np.zeros((width, targets))
        self.yy = np.zeros((targets, targets))

    def add(self, x: Float32, y: Float64) -> None:
        """(N, width) and (N, targets)."""
        rows = x.astype(np.float64)
        self.count += len(rows)
        self.x += rows.sum(axis=0)
        self.y += y.sum(axis=0)
        self.xx += rows.T @ rows
        self.xy += rows.T @ y
        self.yy += y.T @ y

    def __add__(self, other: "Sums") -> "Sums":
        both = Sums(len(self.x), len(self.y))
        for name in vars(both):
            setattr(both, name, getattr(self, name) + getattr(other, name))
        return both

    def over(self, processes: Processes) -> "Sums":
        """The same of all processes' photos."""
        all_of_them = Sums(0, 0)
        for name, table in vars(self).items():
            setattr(all_of_them, name, processes.total(table))
        return all_of_them

    def moments(self) -> tuple[Float64, Float64]:
        """Mean and standard deviation of each feature."""
        mean = self.x / self.count
        variance = np.diag(self.xx) / self.count - np.square(mean)
        return mean, np.sqrt(np.maximum(variance, 0)) + 1e-6

    def ridge(self, strength: float) -> Linear:
        """From standardised descriptions to targets, turned and cut to DIMENSIONS.

        The cut keeps products of two targets as well as so few numbers can. `strength` is
        in units of photos × features of variance 1.
        """
        mean, scale = self.moments()
        _, axes = np.linalg.eigh(self.yy)
        kept = axes[:, : -DIMENSIONS - 1 : -1]
        average = self.y / self.count
        xx = (self.xx - self.count * np.outer(mean, mean)) / np.outer(scale, scale)
        xy = (self.xy - self.count * np.outer(mean, average)) @ kept / scale[:, None]
        xx[np.diag_indices_from(xx)] += strength
        weight = np.linalg.solve(xx, xy)
        return Linear(np.asarray(weight, dtype=np.float64), KEPT_MEAN * average @ kept)
