"""How much a photo's popularity score says of its post's engagement, from photos with likes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from socialsense.arrays import Float64
from socialsense.datasets import read_liked_photos
from socialsense.evaluate.estimate import Estimate
from socialsense.settings import Settings
from socialsense.train.probe import left_out, look_at

MATURE = 2 * 86400
"""Seconds a post must be older than its account's newest."""
FAR = 1.5
"""Log likes are cut off so far from the account's median."""
STRAPS = 1000


@dataclass(frozen=True, slots=True)
class PhotoSlope:
    """Log engagement by photo score, `low` the low end of its 95 % interval over accounts.

    `saved`: share of the mean absolute error that the term takes away on accounts left out.
    """

    slope: float
    low: float
    saved: Estimate


def fit_photo_slope(data: Path, settings: Settings) -> PhotoSlope:
    """From photos with likes; each account is scored by a probe that never saw it.

    Scores and log likes are taken about the account's own middle. The low end is the one to
    use: the accounts are celebrities'.
    """
    photos = read_liked_photos(data)
    table, *_ = look_at(photos, settings)
    likes, names = [photo.likes for photo in photos], [photo.account for photo in photos]
    scores = left_out(table, likes, names)
    taken = np.array([photo.taken_at for photo in photos])
    return slope_of(scores, np.log(np.maximum(likes, 1)), taken, names)


def slope_of(scores: Float64, y: Float64, taken: Float64, names: Sequence[str]) -> PhotoSlope:
    """Of (N,) scores, log likes, seconds since 1970, and accounts."""
    x, y, account = _centred(scores, y, taken, names)
    lots = np.random.default_rng(0).exponential(size=(STRAPS, account.max() + 1))[:, account]
    draws = (lots @ (x * y)) / (lots @ (x * x))
    error = np.abs(y - _slopes_of_others(x, y, account) * x)
    saved = 1 - float(error.mean() / np.abs(y).mean())
    return PhotoSlope(
        float((x @ y) / (x @ x)),
        float(np.quantile(draws, 0.025)),
        Estimate.of(saved, 1 - (lots @ error) / (lots @ np.abs(y))),
    )


def _slopes_of_others(x: Float64, y: Float64, account: np.ndarray) -> Float64:
    """(N,) the slope fitted without each post's own account."""
    slopes = np.zeros(len(x))
    for number in range(account.max() + 1):
        own = account == number
        slopes[own] = (x[~own] @ y[~own]) / (x[~own] @ x[~own])
    return slopes


def _centred(
    scores: Float64, y: Float64, taken: Float64, names: Sequence[str]
) -> tuple[Float64, Float64, np.ndarray]:
    """Scores and log likes about the middle of their account's posts that have had their time."""
    owner = np.unique(names, return_inverse=True)[1]
    rows = []
    for number in range(owner.max() + 1):
        own = np.flatnonzero(owner == number)
        own = own[taken[own] <= taken[own].max() - MATURE]
        if len(own) > 1:
            middle = y[own] - np.median(y[own])
            rows.append((scores[own] - scores[own].mean(), np.clip(middle, -FAR, FAR), owner[own]))
    x, centred, account = (np.concatenate(part) for part in zip(*rows, strict=True))
    return x, centred, np.unique(account, return_inverse=True)[1]
