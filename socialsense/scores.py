"""What the posts on hashtags' pages say of each hashtag: one parametrised formula.

score = trust · (mean lift of its posts, weighted by similarity − what selection alone gives).
The formula of 2020 is one setting of it (`FAITHFUL`): every post has a vote, nothing is
corrected, trust is 1. All that is said of scores, sets and swaps is read from the same joint
draws, so intervals of differences are right as well.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from socialsense.arrays import Float32, Float64, FloatArray, Int64
from socialsense.shrinkage import posterior, prior_of
from socialsense.votes import (
    Formula,
    Pool,
    Votes,
    count_votes,
    divide,
    independent,
    weighted_lifts,
)

MIN_ACCOUNTS = 3
"""Fewer accounts than this are not enough evidence."""
COVERAGE = 0.8
DRAWS = 1000
LOTS = 2_000_000
"""Accounts times draws that a thread has in memory at a time."""
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Scores:
    """One row a hashtag, all (T,); `draws` (T, D) are joint draws of the true scores.

    `raw`: the weighted mean lift; `correction`: what selection alone gives; `trust`: the share
    of the rest that is kept; `accounts`: how many stand behind it.
    """

    score: Float64
    low: Float64
    high: Float64
    helps: Float64
    similarity: Float64
    lift: Float64
    support: Int64
    accounts: Int64
    raw: Float64
    correction: Float64
    trust: Float64
    draws: Float32

    def order(self, tags: Sequence[str]) -> list[int]:
        """Best first. Equal scores (to 1e-12): the more similar, better supported one."""
        keys = zip(-self.score.round(12), -self.similarity, -self.support, tags, strict=True)
        return [index for _, index in sorted((key, i) for i, key in enumerate(keys))]


def score_hashtags(
    weights: FloatArray, pool: Pool, formula: Formula, draws: int = DRAWS, seed: int = 0
) -> Scores:
    """Scores of T hashtags for one photo; `weights` (N,): similarities to it, in [0, 1].

    The interval is a Bayesian bootstrap over accounts (Rubin 1981), brought to the posterior's
    variance. Where nothing is known the score is 0. The same seed gives the same draws.
    """
    tags = pool.posts_of.shape[0]
    posts = np.diff(pool.posts_of.indptr).astype(np.int64)
    votes = count_votes(weights, pool, formula)
    raw = weighted_lifts(votes)
    prior = prior_of(votes, raw, pool.traits, formula)
    trust, variance = posterior(raw - prior.expected, prior.error(votes), prior.spreads)
    variance += (1 - trust) ** 2 * prior.doubt
    trust = trust if formula.shrink else np.ones(tags)
    score = np.where(posts > 0, trust * (raw - prior.expected), 0.0)
    drawn = _draws(votes, raw, draws, seed) if draws else np.empty((tags, 0), np.float32)
    if not formula.shrink:
        drawn *= _few(independent(votes))[:, None].astype(np.float32)
    elif draws:
        drawn *= trust[:, None].astype(np.float32)
        _match(drawn, variance, seed)
    drawn += score[:, None].astype(np.float32)
    accounts = np.diff(votes.ends).astype(np.int64)
    low, high, helps = _read(drawn, accounts >= MIN_ACCOUNTS)
    return Scores(
        score=score,
        low=low,
        high=high,
        helps=helps,
        similarity=divide(_sums(weights, pool), posts),
        lift=divide(_sums(pool.lifts, pool), posts),
        support=posts,
        accounts=accounts,
        raw=raw,
        correction=prior.expected,
        trust=trust,
        draws=drawn,
    )


def _draws(votes: Votes, raw: Float64, draws: int, seed: int) -> Float32:
    """(T, D) Bayesian bootstrap of the mean lift, less the mean itself.

    Each draw weighs accounts by standard exponentials (Rubin 1981), one for all hashtags.
    """
    from scipy.sparse import csr_array

    accounts, place = np.unique(votes.account, return_inverse=True)
    shape = (len(raw), len(accounts))
    tops = csr_array((votes.top.astype(np.float32), place, votes.ends), shape=shape)
    bottoms = csr_array((votes.bottom.astype(np.float32), place, votes.ends), shape=shape)
    drawn = np.zeros((len(raw), draws), dtype=np.float32)
    middle = raw[:, None].astype(np.float32)
    step = max(1, LOTS // max(1, len(accounts)))

    def fill(start: int) -> None:
        part = drawn[:, start : start + step]
        rng = np.random.default_rng([seed, start])
        lots = rng.standard_exponential((len(accounts), part.shape[1]), dtype=np.float32)
        bottom = np.asarray(bottoms @ lots)
        np.divide(np.asarray(tops @ lots), bottom, out=part, where=bottom != 0)
        part -= np.where(bottom != 0, middle, np.float32(0))

    with ThreadPoolExecutor(WORKERS) as pool:  # numpy and scipy leave Python's lock meanwhile
        list(pool.map(fill, range(0, draws, step)))
    return drawn


def _few(effective: Float64) -> Float64:
    """(T,) by how much the bootstrap of a mean of so few accounts is too narrow (Student's t)."""
    from scipy.special import ndtri, stdtrit

    n = np.maximum(effective, 1.5)
    quantile = (1 + COVERAGE) / 2
    factor = np.sqrt((n + 1) / (n - 1)) * stdtrit(n - 1, quantile) / ndtri(quantile)
    return np.asarray(np.where(effective > 1, factor, 1.0), dtype=np.float64)


def _match(drawn: Float32, variance: Float64, seed: int) -> None:
    """Bring draws, in place, to the posterior's variance: scaled down, or widened by noise.

    The bootstrap keeps what accounts shared by several hashtags make of them together; how
    sure one score is, all hashtags together tell better than its own few accounts.
    """
    found = drawn.var(axis=1, dtype=np.float64)
    drawn *= np.sqrt(np.minimum(1.0, divide(variance, found, 1.0)))[:, None].astype(np.float32)
    noise = np.random.default_rng(seed + 1).standard_normal(drawn.shape, dtype=np.float32)
    noise *= np.sqrt(np.maximum(variance - found, 0.0))[:, None].astype(np.float32)
    drawn += noise


def _read(drawn: Float32, known: np.ndarray) -> tuple[Float64, Float64, Float64]:
    """Ends of the interval, and the share above 0; NaN for who is not known, or without draws."""
    low, high, helps = np.full((3, len(drawn)), np.nan)
    if drawn.shape[1] and known.any():
        some = drawn[known]
        low[known], high[known] = np.quantile(
            some, ((1 - COVERAGE) / 2, (1 + COVERAGE) / 2), axis=1
        )
        helps[known] = (some > 0).mean(axis=1)
    return low, high, helps


def _sums(values: FloatArray, pool: Pool) -> Float64:
    """(N,) to (T,): over each hashtag's posts."""
    return np.asarray(pool.posts_of @ values.astype(np.float64, copy=False), dtype=np.float64)
