"""What the posts on hashtags' pages say of each hashtag: one parametrised formula.

score = trust · (mean lift of its posts, weighted by similarity − what selection alone gives).
The formula of 2020 is one setting of it (`FAITHFUL`): every post has a vote, nothing is
corrected, trust is 1. All that is said of scores, sets and swaps is read from the same joint
draws, so intervals of differences are right as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from socialsense.arrays import Float32, Float64, FloatArray, Int64
from socialsense.types import Denominator

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Integers = NDArray[np.integer[Any]]

MIN_ACCOUNTS = 3
"""Fewer accounts than this are not enough evidence."""
COVERAGE = 0.8
DRAWS = 1000
LOTS = 8_000_000
"""Accounts times draws in memory at a time."""
PRIOR_SD = 0.15
"""Scale of hashtags' true effects before any is seen; no study found larger ones."""
SPREADS = np.linspace(0.0, 0.5, 51)
PRIOR_LIFT_SD, PRIOR_LIFTS = 0.5, 5.0
"""Of single lifts before any is seen, and how many that is worth."""
MIN_TAGS = 10
"""With fewer hashtags their spread is not estimated, nor any curve over their size."""
NO_EVIDENCE = 1e12
"""Error variance of a mean over nothing."""
CLIP = 2.5
"""Robust standard deviations at which lifts are cut off."""


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


@dataclass(frozen=True, slots=True)
class Prior:
    """What the pool says of all its hashtags together.

    `expected` (T,): scores by selection alone. `lift_variance`: of one vote about its
    hashtag's mean. `spreads` (S,): how likely each of SPREADS is.
    """

    expected: Float64
    lift_variance: float
    spreads: Float64


def membership(rows: Sequence[Sequence[int]], posts: int) -> "csr_array":
    """(T, N) matrix of ones: row t holds the columns of the posts behind hashtag t."""
    from scipy.sparse import csr_array

    ends = np.cumsum([0, *map(len, rows)])
    columns = np.fromiter((column for row in rows for column in row), np.int32, int(ends[-1]))
    return csr_array((np.ones(len(columns)), columns, ends), shape=(len(rows), posts))


def score_hashtags(
    weights: FloatArray, pool: Pool, formula: Formula, draws: int = DRAWS, seed: int = 0
) -> Scores:
    """Scores of T hashtags for one photo; `weights` (N,): similarities to it, in [0, 1].

    The interval is a Bayesian bootstrap over accounts (Rubin 1981), widened where that knows
    too little. Where nothing is known the score is 0. The same seed gives the same draws.
    """
    tags = pool.posts_of.shape[0]
    posts = np.diff(pool.posts_of.indptr).astype(np.int64)
    lifts = clipped(pool) if formula.clip else pool.lifts
    votes = count_votes(weights, lifts, pool, formula)
    raw = weighted_lifts(votes)
    effective = effective_accounts(votes)
    prior = prior_of(votes, raw, effective, pool.traits, formula)
    error = _divide(np.full(tags, prior.lift_variance), effective, NO_EVIDENCE)
    trust, variance = posterior(raw - prior.expected, error, prior.spreads)
    trust = trust if formula.shrink else np.ones(tags)
    score = np.where(posts > 0, trust * (raw - prior.expected), 0.0)
    drawn = _draws(votes, raw, draws, seed) if draws else np.empty((tags, 0), np.float32)
    if not formula.shrink:
        drawn *= _few(effective)[:, None].astype(np.float32)
    elif draws:
        drawn *= trust[:, None].astype(np.float32)
        _match(drawn, variance, seed)
    drawn += score[:, None].astype(np.float32)
    accounts = np.diff(votes.ends)
    low, high, helps = _read(drawn, accounts >= MIN_ACCOUNTS)
    return Scores(
        score=score,
        low=low,
        high=high,
        helps=helps,
        similarity=_divide(_sums(weights, pool.posts_of), posts),
        lift=_divide(_sums(pool.lifts, pool.posts_of), posts),
        support=posts,
        accounts=accounts.astype(np.int64),
        raw=raw,
        correction=prior.expected,
        trust=trust,
        draws=drawn,
    )


def clipped(pool: Pool) -> Float64:
    """(N,) lifts cut off at CLIP robust standard deviations of those on the pages."""
    shown = pool.lifts[pool.posts_of.indices]
    if not len(shown):
        return pool.lifts
    middle = np.median(shown)
    spread = 1.4826 * np.median(np.abs(shown - middle))
    if spread == 0:
        return pool.lifts
    return np.clip(pool.lifts, middle - CLIP * spread, middle + CLIP * spread)


def count_votes(weights: FloatArray, lifts: Float64, pool: Pool, formula: Formula) -> Votes:
    """Posts gathered by hashtag and account.

    An account of several posts votes with the sum of their similarities, but for at most 1:
    more of its posts never weigh more than one just like the photo, and a better post never
    makes its vote worse.
    """
    columns, ends, owners = _by_owner(pool)
    w = weights[columns].astype(np.float64, copy=False)
    product = w * lifts[columns]
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
    return Votes(ends, owners, _divide(product, w), weight, top, bottom)


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
    return _divide(votes.total(votes.top), votes.total(votes.bottom))


def effective_accounts(votes: Votes) -> Float64:
    """(T,) (Σw)² / Σw²: how many equal votes a hashtag's are worth (Kish 1965)."""
    return _divide(votes.total(votes.weight) ** 2, votes.total(votes.weight**2))


def prior_of(
    votes: Votes, raw: Float64, effective: Float64, traits: Float64, formula: Formula
) -> Prior:
    """Selection, noise and spread of effects, estimated from all hashtags of the pool."""
    spread = votes.weight * (votes.lift - votes.spread_out(raw)) ** 2
    within = effective * _divide(votes.total(spread), votes.total(votes.weight))
    freedom = np.maximum(effective - 1, 0.0)
    lift_variance = float(
        (within[freedom > 0].sum() + PRIOR_LIFTS * PRIOR_LIFT_SD**2) / (freedom.sum() + PRIOR_LIFTS)
    )
    seen = effective > 0
    error = lift_variance / np.maximum(effective, 1e-9)
    expected, variance = np.zeros(len(raw)), PRIOR_SD**2
    spreads = np.ones(0)
    for _ in range(3):  # the two depend on each other; they settle at once
        if formula.correction != "none" and seen.any():
            x = _traits(traits, seen, formula)
            expected = _weighted_fit(x, raw, np.where(seen, 1 / (error + variance), 0.0))
        fitted = _columns(traits, seen, formula)
        spreads = likely_spreads((raw - expected)[seen], error[seen], fitted)
        variance = float(SPREADS**2 @ spreads)
    return Prior(expected, lift_variance, spreads)


def likely_spreads(effects: Float64, error: Float64, fitted: int = 0) -> Float64:
    """(S,) posterior weights of SPREADS, the standard deviation of true effects about 0.

    `error`: each effect's error variance. The prior is half-normal of PRIOR_SD (Gelman 2006),
    so that few or noisy hashtags neither prove that all are alike nor that they differ much.
    `fitted`: parameters already spent on the effects.
    """
    total = error[:, None] + SPREADS**2
    kept = max(len(effects) - fitted, 0) / max(len(effects), 1)
    likelihood = -0.5 * kept * (np.log(total) + effects[:, None] ** 2 / total).sum(axis=0)
    likelihood -= 0.5 * (SPREADS / PRIOR_SD) ** 2
    weight = np.exp(likelihood - likelihood.max())
    return np.asarray(weight / weight.sum(), dtype=np.float64)


def posterior(effects: Float64, error: Float64, spreads: Float64) -> tuple[Float64, Float64]:
    """(T,) how much of each effect is kept, and the variance of the true one about that.

    A mixture over spreads: what each would keep, and the doubt between them.
    """
    share = SPREADS**2 / (SPREADS**2 + error[:, None])
    trust = share @ spreads
    doubt = (share**2) @ spreads - trust**2
    return trust, (share * error[:, None]) @ spreads + doubt * effects**2


def _traits(traits: Float64, seen: np.ndarray, formula: Formula) -> Float64:
    """(T, 1 + K): a column of ones, and for "size" the known traits, unknown ones at their mean."""
    ones = np.ones((len(traits), 1))
    if formula.correction != "size" or seen.sum() < MIN_TAGS:
        return ones
    columns = []
    for column in traits.T:
        known = seen & np.isfinite(column)
        if known.sum() >= MIN_TAGS and np.ptp(column[known]) > 0:
            scaled = (column - column[known].mean()) / column[known].std()
            columns.append(np.where(np.isfinite(column), scaled, 0.0))
    return np.column_stack([ones, *columns])


def _columns(traits: Float64, seen: np.ndarray, formula: Formula) -> int:
    return 0 if formula.correction == "none" else _traits(traits, seen, formula).shape[1]


def _weighted_fit(x: Float64, y: Float64, weight: Float64) -> Float64:
    """Weighted least squares; gives the fitted values."""
    root = np.sqrt(weight)
    solution, *_ = np.linalg.lstsq(x * root[:, None], y * root, rcond=None)
    return np.asarray(x @ solution, dtype=np.float64)


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
    rng = np.random.default_rng(seed)
    step = max(1, LOTS // max(1, len(accounts)))
    for start in range(0, draws, step):
        part = drawn[:, start : start + step]
        lots = rng.standard_exponential((len(accounts), part.shape[1]), dtype=np.float32)
        bottom = np.asarray(bottoms @ lots)
        np.divide(np.asarray(tops @ lots), bottom, out=part, where=bottom != 0)
        part -= np.where(bottom != 0, raw[:, None], 0.0).astype(np.float32)
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
    drawn *= np.sqrt(np.minimum(1.0, _divide(variance, found, 1.0)))[:, None].astype(np.float32)
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


def _sums(values: FloatArray, posts_of: "csr_array") -> Float64:
    return np.asarray(posts_of @ values.astype(np.float64, copy=False), dtype=np.float64)


def _divide(top: Float64, bottom: NDArray[Any], otherwise: float = 0.0) -> Float64:
    """Elementwise quotient; `otherwise` where the divisor is 0."""
    out = np.full(np.shape(top), otherwise)
    divided: Float64 = np.divide(top, bottom, out=out, where=bottom != 0)
    return divided
