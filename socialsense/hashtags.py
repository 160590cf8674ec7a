"""Candidate hashtags, and what their top posts say of each for one photo.

The formula of 2020: a hashtag's score is the average, over its top posts, of each
post's lift (its engagement rate minus its account's usual one), weighted by the
post's similarity to the photo.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from socialsense.arrays import Float64, FloatArray
from socialsense.types import Denominator, Evidence, RankedHashtag

if TYPE_CHECKING:
    from scipy.sparse import csr_array

COMMON_HASHTAGS: tuple[str, ...] = (
    "photography", "art", "nature", "travel", "photooftheday", "picoftheday", "beautiful",
    "love", "instagood", "style", "design", "artist", "illustration", "handmade", "diy",
    "food", "animals", "landscape", "sunset", "sky", "architecture", "history", "science",
    "education", "teacher", "learning", "inspiration", "creative", "summer", "happy",
)  # fmt: skip
"""Where an account without hashtags of its own starts."""

MIN_SUPPORT = 3
"""Fewer posts than this give no interval."""
COVERAGE = 0.8


@dataclass(frozen=True, slots=True)
class Scores:
    """One row a hashtag; all (T,). `low` and `high` are NaN below MIN_SUPPORT posts."""

    score: Float64
    low: Float64
    high: Float64
    similarity: Float64
    lift: Float64
    support: Float64

    def order(self, tags: Sequence[str]) -> list[int]:
        """Best first. Equal scores (to 1e-12): the more similar, better supported one."""
        keys = zip(-self.score.round(12), -self.similarity, -self.support, tags, strict=True)
        return [index for _, index in sorted((key, i) for i, key in enumerate(keys))]


def related_hashtags(
    seeds: Sequence[str], captions: Iterable[Sequence[str]], count: int
) -> tuple[str, ...]:
    """Hashtags that stand beside the seeds in captions, the most frequent first."""
    known = frozenset(seeds)
    beside = Counter(tag for tags in captions for tag in set(tags) if tag not in known)
    return tuple(sorted(beside, key=lambda tag: (-beside[tag], tag))[:count])


def membership(rows: Sequence[Sequence[int]], posts: int) -> "csr_array":
    """(T, N) matrix of ones: row t holds the columns of the posts behind hashtag t."""
    from scipy.sparse import csr_array

    ends = np.cumsum([0, *map(len, rows)])
    columns = np.fromiter((column for row in rows for column in row), np.int32, int(ends[-1]))
    return csr_array((np.ones(len(columns)), columns, ends), shape=(len(rows), posts))


def score_hashtags(
    weights: FloatArray,
    lifts: Float64,
    posts_of: "csr_array",
    denominator: Denominator = "weight",
) -> Scores:
    """Scores of T hashtags over N posts: `weights` and `lifts` (N,), `posts_of` (T, N).

    `denominator`: "weight" divides by the sum of weights (a weighted mean), "count"
    by the number of posts, as the 2020 code did. Where it is zero the score is 0.
    The interval treats posts as independent: Student's t on the weighted standard error.
    """
    n = np.diff(posts_of.indptr).astype(np.float64)
    total, weighted, lift, w2, w2l, w2l2 = _sums(weights, lifts, posts_of)
    by = total if denominator == "weight" else n
    score = _divide(weighted, by)
    if denominator == "weight":
        squares = w2l2 - 2 * score * w2l + score**2 * w2
    else:
        squares = w2l2 - n * score**2
    variance = np.maximum(squares, 0.0) * _divide(n, n - 1)
    error = _divide(np.sqrt(variance), by)
    margin = np.where(n >= MIN_SUPPORT, _student(n) * error, np.nan)
    return Scores(
        score, score - margin, score + margin, _divide(total, n), _divide(lift, n), support=n
    )


def _sums(weights: FloatArray, lifts: Float64, posts_of: "csr_array") -> tuple[Float64, ...]:
    """A hashtag each: Σw, Σwl, Σl, Σw², Σw²l, Σ(wl)² over its posts. No other post is touched."""
    starts = posts_of.indptr[:-1]
    some = starts < posts_of.indptr[1:]

    def summed(terms: Float64) -> Float64:
        sums = np.zeros(len(starts))
        if len(terms):
            sums[some] = np.add.reduceat(terms, starts[some])
        return sums

    w = np.take(weights, posts_of.indices).astype(np.float64, copy=False)
    lift = np.take(lifts, posts_of.indices)
    wl = w * lift
    return summed(w), summed(wl), summed(lift), summed(w * w), summed(w * wl), summed(wl * wl)


def rank_by_evidence(
    evidence: Sequence[Evidence], posts_of: Mapping[str, Sequence[int]], denominator: Denominator
) -> tuple[RankedHashtag, ...]:
    """Hashtags, best first; `posts_of` names each one's posts by their place in `evidence`."""
    tags = tuple(posts_of)
    scores = score_hashtags(
        np.array([item.similarity for item in evidence]),
        np.array([item.lift for item in evidence]),
        membership(tuple(posts_of.values()), len(evidence)),
        denominator,
    )
    return tuple(
        RankedHashtag(
            tag=tags[row],
            score=float(scores.score[row]),
            low=_known(scores.low[row]),
            high=_known(scores.high[row]),
            similarity=float(scores.similarity[row]),
            lift=float(scores.lift[row]),
            support=int(scores.support[row]),
            evidence=tuple(evidence[column] for column in posts_of[tags[row]]),
        )
        for row in scores.order(tags)
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _student(n: Float64) -> Float64:
    from scipy.special import stdtrit

    counts, place = np.unique(n, return_inverse=True)  # few differ, and each one is slow
    quantiles = stdtrit(np.maximum(counts - 1, 1), (1 + COVERAGE) / 2)
    return np.asarray(quantiles[place], dtype=np.float64)


def _divide(top: Float64, bottom: Float64) -> Float64:
    """Elementwise quotient, 0 where the divisor is 0."""
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom != 0)
