"""What is usual for an account, on the scale of log rates, and how far its posts stray from it.

`y` is log((engagement + ½) / followers) throughout. The latest posts count most, outliers
little, and an account with few posts is drawn towards what accounts of its size have
(empirical Bayes; Efron & Morris 1975). Half-life, clip and prior were chosen on the half of
`accounts_2017` that fits the model (see docs/method.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt

import numpy as np

from socialsense.arrays import Float64
from socialsense.types import Post

HALF_LIFE = 4.0
"""Posts after which one counts half as much."""
CLIP = 0.7
"""Further from the level than this, a post pulls no harder (Huber 1964)."""
PRIOR_POSTS = 0.1
"""How many posts the curve over followers is worth."""
SD, SD_POSTS = 0.3, 2.0
"""Spread of an account's posts before any is seen, and how many posts that is worth."""
FAR = 2.5
"""Further than this, a post says no more about the spread; 2.5 is a factor of 12."""
DRIFT = 3.0
"""Levels wander, so one is known as well as from a third of its posts."""
MIN_OTHERS = 2
"""Other posts of an account, below which its single posts' lifts say nothing."""
MAX_POSTS = 30
STEPS = 8


@dataclass(frozen=True, slots=True)
class Curve:
    """Expected y by followers: `at` + a slope below `knots[0]`, between the two, and above.

    Slopes are of y over log followers; `at` is y at the lower knot.
    """

    at: float
    slopes: tuple[float, float, float]
    knots: tuple[float, float] = (log(10_000), log(300_000))
    known: tuple[float, float] = (log(50), log(2e7))

    def __call__(self, followers: float) -> float:
        """Expected y of an account with so many followers; flat outside what was seen."""
        x = min(max(log(followers), self.known[0]), self.known[1])
        below, between, above = self.pieces(np.array([x]))[0, 1:]
        return float(self.at + np.dot(self.slopes, (below, between, above)))

    def pieces(self, x: Float64) -> Float64:
        """(N,) log followers to (N, 4): 1, and how far x lies in each of the three pieces."""
        low, high = self.knots
        return np.stack(
            [
                np.ones_like(x),
                np.minimum(x - low, 0.0),
                np.clip(x - low, 0.0, high - low),
                np.maximum(x - high, 0.0),
            ],
            axis=1,
        )


@dataclass(frozen=True, slots=True)
class Level:
    """An account's usual y, the spread of a next post about it, and how many posts say so."""

    mean: float
    sd: float
    posts: int


def log_rate(engagement: float, followers: float) -> float:
    """The y of one post; ½ stands in so that no engagement has a logarithm."""
    return log((engagement + 0.5) / followers)


def usual_level(y: Sequence[float], expected: float) -> Level:
    """The level of an account from its posts' y, nearest in time first, and the curve's y.

    A weighted Huber mean by iteratively reweighted least squares; no posts give the curve.
    """
    values = np.asarray(y[:MAX_POSTS], dtype=np.float64)
    recency = 0.5 ** (np.arange(len(values)) / HALF_LIFE)
    mean = float(np.median(values)) if len(values) else expected
    for _ in range(STEPS):
        far = np.abs(values - mean)
        weights = recency * np.minimum(1.0, CLIP / np.maximum(far, 1e-9))
        total = float(weights.sum())
        mean = (float(weights @ values) + PRIOR_POSTS * expected) / (total + PRIOR_POSTS)
    return Level(mean, _spread(values, recency, mean), len(values))


def near(post: Post, others: Sequence[Post]) -> list[Post]:
    """The other posts of an account, nearest in time to one of them first."""
    rest = [other for other in others if other.pk != post.pk]
    return sorted(rest, key=lambda other: abs(other.taken_at - post.taken_at))


def _spread(values: Float64, recency: Float64, mean: float) -> float:
    """Standard deviation of the next post about the level, the level's own error included."""
    squares = np.minimum(np.abs(values - mean), FAR) ** 2
    total = float(recency.sum())
    variance = (float(recency @ squares) + SD_POSTS * SD**2) / (total + SD_POSTS)
    effective = total**2 / float(recency @ recency) if len(values) else 0.0
    return sqrt(variance * (1 + DRIFT / (effective + PRIOR_POSTS)))
