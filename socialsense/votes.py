"""Posts on hashtags' pages gathered into votes: who speaks for a hashtag, and how loudly."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from socialsense.arrays import Float64, FloatArray, Int64
from socialsense.types import Denominator

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Integers = NDArray[np.integer[Any]]

CLIP = 2.0
"""Lifts further from 0, in log engagement, count as this far: a factor of 7."""


@dataclass(frozen=True, slots=True)
class Formula:
    """The choices that a score is made by.

    `votes`: "post", or "account": an account's votes add up to at most one post just like the
    photo. `denominator`: of the average. `correction` for pages that show what did well:
    "none"; "pool", the mean over hashtags; "size", a curve over what is known of each one's
    size; "recent" is "pool" for pages that show posts regardless of how they did. `shrink`:
    whether thin evidence is drawn towards no effect. `clip`: whether extreme lifts are cut.
    """

    votes: Literal["post", "account"]
    denominator: Denominator
    correction: Literal["none", "pool", "size", "recent"]
    shrink: bool
    clip: bool


FAITHFUL = Formula("post", "weight", "none", shrink=False, clip=False)
CALIBRATED = Formula("account", "weight", "size", shrink=True, clip=True)


@dataclass(frozen=True, slots=True)
class Pool:
    """T hashtags over N posts: `posts_of` (T, N) memberships; `lifts`, `owners` (N,).

    `traits` (T, K): what tells a hashtag's size, such as the log of its number of posts or of
    its posters' followers; NaN where unknown.
    """

    posts_of: "csr_array"
    lifts: Float64
    owners: Int64
    traits: Float64


@dataclass(frozen=True, slots=True)
class Votes:
    """One for each hashtag and account that posts under it.

    In order of the hashtags: those of hashtag t stand from `ends[t]` to `ends[t + 1]`. `lift`:
    the account's mean lift there, weighted by similarity; `weight`: the similarity it votes
    with; `top`, `bottom`: its part of the score's numerator and denominator.
    """

    ends: Integers
    account: Integers
    lift: Float64
    weight: Float64
    top: Float64
    bottom: Float64

    def total(self, values: Float64) -> Float64:
        """(V,) to (T,): sums over each hashtag's votes."""
        sums = np.zeros(len(self.ends) - 1)
        some = self.ends[:-1] < self.ends[1:]
        if some.any():
            sums[some] = np.add.reduceat(values, self.ends[:-1][some])
        return sums

    def spread_out(self, values: Float64) -> Float64:
        """(T,) to (V,): each hashtag's value for each of its votes."""
        return np.repeat(values, np.diff(self.ends))


def membership(rows: Sequence[Sequence[int]], posts: int) -> "csr_array":
    """(T, N) matrix of ones: row t holds the columns of the posts behind hashtag t."""
    from scipy.sparse import csr_array

    ends = np.cumsum([0, *map(len, rows)])
    columns = np.fromiter((column for row in rows for column in row), np.int32, int(ends[-1]))
    return csr_array((np.ones(len(columns)), columns, ends), shape=(len(rows), posts))


def count_votes(weights: FloatArray, pool: Pool, formula: Formula) -> Votes:
    """Posts gathered by hashtag and account.

    An account of several posts votes with the sum of their similarities, but for at most 1:
    more of its posts never weigh more than one just like the photo, and a better post never
    makes its vote worse.
    """
    columns, ends, owners = _by_owner(pool)
    w = weights[columns].astype(np.float64, copy=False)
    lifts = pool.lifts[columns]
    product = w * (np.clip(lifts, -CLIP, CLIP) if formula.clip else lifts)
    first = np.ones(len(columns), dtype=bool)
    first[1:] = owners[1:] != owners[:-1]
    first[ends[:-1][ends[:-1] < len(columns)]] = True
    n = np.ones(len(columns))
    if not first.all():
        starts = np.flatnonzero(first)
        w, product, n = (np.add.reduceat(part, starts) for part in (w, product, n))
        owners, ends = owners[starts], np.searchsorted(starts, ends)
    voices = np.ones(len(owners))
    if formula.votes == "account":
        np.divide(1.0, w, out=voices, where=w > 1)
        n = np.ones(len(owners))
    top, weight = product * voices, w * voices
    bottom = weight if formula.denominator == "weight" else n
    return Votes(ends, owners, divide(product, w), weight, top, bottom)


def _by_owner(pool: Pool) -> tuple[Integers, Integers, Integers]:
    """Posts of each hashtag in order of their owners: posts, where each one's end, owners."""
    from scipy.sparse import csr_array

    posts_of = pool.posts_of
    columns = posts_of.indices
    owners = pool.owners[columns].astype(np.int32, copy=False)
    order = np.arange(len(columns), dtype=np.int32)
    size = (posts_of.shape[0], int(owners.max(initial=0)) + 1)
    table = csr_array((order, owners, posts_of.indptr), shape=size, copy=True)
    table.sort_indices()
    return columns[table.data], posts_of.indptr, table.indices


def weighted_lifts(votes: Votes) -> Float64:
    """(T,) the average lift of each hashtag's posts, weighted by similarity; 0 without any."""
    return divide(votes.total(votes.top), votes.total(votes.bottom))


def independent(votes: Votes) -> Float64:
    """(T,) (Σw)² / Σw²: how many equal votes would be as sure of the mean (Kish 1965)."""
    return divide(votes.total(votes.weight) ** 2, votes.total(votes.weight**2))


def divide(top: Float64, bottom: NDArray[Any], otherwise: float = 0.0) -> Float64:
    """Elementwise quotient; `otherwise` where the divisor is 0."""
    out = np.full(np.shape(top), otherwise)
    divided: Float64 = np.divide(top, bottom, out=out, where=bottom != 0)
    return divided
