"""Train the colour baseline of popularity: RankNet on pairs of one account.

Pairs as Ding, Ma & Wang (2019, §3) draw them, as far as small data allows: the same
account, at most MAX_DAYS apart, likes at least RATIO apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from socialsense.arrays import Float64
from socialsense.datasets import LikedPhoto
from socialsense.images import read_image
from socialsense.photographic import features
from socialsense.popularity.color import ColorPopularity

MAX_DAYS = 60
RATIO = 1.3
STRENGTH = 0.1
"""Inverse of the L2 penalty (scikit-learn's C), per standardised feature."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Indices of the photo with more likes, of that with fewer, and their account."""

    more: int
    fewer: int
    account: str


def same_account_pairs(photos: Sequence[LikedPhoto]) -> list[Pair]:
    """All pairs of one account, close in time and clearly apart in likes."""
    found = []
    for (i, a), (j, b) in combinations(enumerate(photos), 2):
        close = abs(a.taken_at - b.taken_at) <= MAX_DAYS * 86400
        if a.account == b.account and close:
            more, fewer = (i, j) if a.likes > b.likes else (j, i)
            if photos[more].likes >= RATIO * photos[fewer].likes:
                found.append(Pair(more, fewer, a.account))
    return found


def feature_table(photos: Sequence[LikedPhoto]) -> Float64:
    """(N, 8) features of the photos. Raises ImageError."""
    return np.array([features(read_image(photo.path).pixels) for photo in photos])


def fit_color(table: Float64, pairs: Sequence[Pair]) -> ColorPopularity:
    """Logistic regression on feature differences; accounts weigh alike."""
    from sklearn.linear_model import LogisticRegression

    mean, scale = table.mean(axis=0), table.std(axis=0) + 1e-9
    unit = (table - mean) / scale
    gaps = np.array([unit[pair.more] - unit[pair.fewer] for pair in pairs])
    sizes = {pair.account: 0 for pair in pairs}
    for pair in pairs:
        sizes[pair.account] += 1
    weight = np.array([len(pairs) / len(sizes) / sizes[pair.account] for pair in pairs])
    model = LogisticRegression(C=STRENGTH, fit_intercept=False).fit(
        np.concatenate([gaps, -gaps]),
        np.repeat([1, 0], len(gaps)),
        sample_weight=np.tile(weight / len(weight), 2) * 100,
    )
    return ColorPopularity(
        mean.astype(np.float32), scale.astype(np.float32), model.coef_[0].astype(np.float32), "fit"
    )
