"""How far evidence is to be believed: selection, noise and true differences, told apart.

All is estimated from the hashtags of one pool together (empirical Bayes): what pages of top
posts show whatever the hashtag, how much single votes scatter, how far true effects spread.
"""

from dataclasses import dataclass

import numpy as np

from socialsense.arrays import Float64
from socialsense.votes import Formula, Votes, divide, independent

PRIOR_SD = 0.15
"""Scale of hashtags' true effects before any is seen; no study found larger ones."""
SPREADS = np.linspace(0.0, 0.5, 51)
PRIOR_LIFT_SD, PRIOR_LIFTS = 0.5, 5.0
"""Of single lifts before any is seen, and how many that is worth."""
MIN_TAGS = 10
"""With fewer hashtags no curve over their size is fitted."""
NO_EVIDENCE = 1e12
"""Error variance of a mean over nothing."""
ROUNDS = 3
"""Correction and spread depend on each other; they settle at once."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What the pool says of all its hashtags together.

    `expected` (T,): scores by selection alone, and `doubt` (T,) the variance of that.
    `lift_variance`: of one vote about its hashtag's mean. `unit`: independent votes that a
    weight of 1 is worth. `spreads` (S,): how likely each of SPREADS is.
    """

    expected: Float64
    doubt: Float64
    lift_variance: float
    unit: float
    spreads: Float64

    def error(self, votes: Votes) -> Float64:
        """(T,) error variance of each hashtag's mean lift.

        Weights add up, so that another vote never makes a hashtag less sure; there are never
        more independent votes than accounts.
        """
        counted = np.minimum(self.unit * votes.total(votes.weight), np.diff(votes.ends))
        return divide(np.full(len(counted), self.lift_variance), counted, NO_EVIDENCE)


def prior_of(votes: Votes, raw: Float64, traits: Float64, formula: Formula) -> Prior:
    """Selection, noise and spread of effects, estimated from all hashtags of the pool."""
    kish = independent(votes)
    spread = votes.weight * (votes.lift - votes.spread_out(raw)) ** 2
    within = kish * divide(votes.total(spread), votes.total(votes.weight))
    freedom = np.maximum(kish - 1, 0.0)
    lift_variance = float(
        (within[freedom > 0].sum() + PRIOR_LIFTS * PRIOR_LIFT_SD**2) / (freedom.sum() + PRIOR_LIFTS)
    )
    squares = float(votes.weight @ votes.weight)
    unit = float(votes.weight.sum()) / squares if squares else 0.0
    nothing = np.zeros(len(raw))
    prior = Prior(nothing, nothing, lift_variance, unit, np.ones(0))
    error = prior.error(votes)
    seen = error < NO_EVIDENCE
    expected, doubt, variance, spreads = nothing, nothing, PRIOR_SD**2, np.ones(0)
    x = _regressors(traits, seen, formula)
    for _ in range(ROUNDS):
        if formula.correction != "none" and seen.any():
            weight = np.where(seen, 1 / (error + variance), 0.0)
            expected, doubt = _weighted_fit(x, raw, weight)
        fitted = 0 if formula.correction == "none" else x.shape[1]
        spreads = likely_spreads((raw - expected)[seen], error[seen], fitted)
        variance = float(SPREADS**2 @ spreads)
    return Prior(expected, doubt, lift_variance, unit, spreads)


def likely_spreads(effects: Float64, error: Float64, fitted: int = 0) -> Float64:
    """(S,) posterior weights of SPREADS, the standard deviation of true effects about 0.

    `error`: each effect's error variance. The prior is half-normal of PRIOR_SD (Gelman 2006),
    so that few or noisy hashtags neither prove that all are alike nor that they differ much.
    `fitted`: parameters already spent on the effects.
    """
    total = error[:, None] + SPREADS**2
    kept = max(len(effects) - fitted, 0) / max(len(effects), 1)
    likelihood = -0.5 * (kept * np.log(total) + effects[:, None] ** 2 / total).sum(axis=0)
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


def _regressors(traits: Float64, seen: np.ndarray, formula: Formula) -> Float64:
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


def _weighted_fit(x: Float64, y: Float64, weight: Float64) -> tuple[Float64, Float64]:
    """Weighted least squares; gives the fitted values and their variances."""
    spread = np.linalg.pinv((x * weight[:, None]).T @ x)
    fitted: Float64 = x @ (spread @ (x.T @ (weight * y)))
    return fitted, np.einsum("tk,kl,tl->t", x, spread, x)
