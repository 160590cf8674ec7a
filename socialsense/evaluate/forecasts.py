"""Measures of forecasts: errors, ranks, and how often ranges hold.

Errors are of log engagement; every figure has a bootstrap over accounts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.stats import rankdata, spearmanr

from socialsense.arrays import Float64
from socialsense.engagement import COVERAGE, TIER_NAMES, EngagementModel, tier
from socialsense.evaluate.accounts import AccountDraws
from socialsense.evaluate.backtest import Trial
from socialsense.evaluate.estimate import Estimate

MIN_RANKED = 3
"""Posts of an account, below which their ranks say nothing."""
RANK_STRAPS = 200
HISTORIES = (3, 5, 9, 31)
"""Groups of history by their first length."""


@dataclass(frozen=True, slots=True)
class Forecasts:
    """One way to predict, judged.

    `error`: mean absolute error of log engagement; `bias`: mean of what happened less what was
    predicted; `spearman`: over all posts, `within`: mean over accounts, None where forecasts
    never differ; `slope`: of what happened on what was predicted, 1 where calibrated.
    """

    error: Estimate
    bias: Estimate
    spearman: Estimate
    within: Estimate | None
    slope: Estimate


@dataclass(frozen=True, slots=True)
class Ranges:
    """Share of posts inside their range, and the median range as a factor up and down."""

    posts: int
    accounts: int
    coverage: Estimate
    factor: float


def judge_forecast(actual: Float64, predicted: Float64, judge: AccountDraws) -> Forecasts:
    """Of (N,) log engagements, what happened and what was predicted."""
    return Forecasts(
        error=judge.estimate(np.abs(actual - predicted)),
        bias=judge.estimate(actual - predicted),
        spearman=_spearman(actual, predicted, judge),
        within=_within(actual, predicted, judge),
        slope=_slope(actual, predicted, judge),
    )


def _spearman(actual: Float64, predicted: Float64, judge: AccountDraws) -> Estimate:
    draws = []
    for draw in judge.draws[: RANK_STRAPS + 1]:
        rows = np.repeat(np.arange(len(actual)), draw.astype(int)[judge.account])
        ranks = rankdata(actual[rows]), rankdata(predicted[rows])
        draws.append(np.corrcoef(*ranks)[0, 1])
    return Estimate.of_draws(np.array(draws))


def _within(actual: Float64, predicted: Float64, judge: AccountDraws) -> Estimate | None:
    """Mean over accounts of Spearman's ρ of their posts; None where forecasts never differ."""
    rho = np.full(judge.draws.shape[1], np.nan)
    for account in range(len(rho)):
        own = judge.account == account
        if own.sum() >= MIN_RANKED and np.ptp(actual[own]) > 0 and np.ptp(predicted[own]) > 0:
            rho[account] = spearmanr(actual[own], predicted[own]).statistic
    known = np.isfinite(rho)
    if not known.any():
        return None
    return Estimate.of_draws(judge.draws[:, known] @ rho[known] / judge.draws[:, known].sum(axis=1))


def _slope(actual: Float64, predicted: Float64, judge: AccountDraws) -> Estimate:
    x, y = judge.means(predicted), judge.means(actual)
    products, squares = judge.means(predicted * actual), judge.means(predicted**2)
    return Estimate.of_draws((products - x * y) / (squares - x**2))


def saved(actual: Float64, rival: Float64, ours: Float64, judge: AccountDraws) -> Estimate:
    """Share of a rival's mean absolute error that a forecast saves."""
    errors = judge.means(np.abs(actual - ours)) / judge.means(np.abs(actual - rival))
    return Estimate.of_draws(1 - errors)


def _limits(
    subjects: Sequence[Trial], added: Float64, model: EngagementModel
) -> tuple[Float64, Float64, Float64]:
    ends = [
        model.range(trial.level, trial.followers, effect)
        for trial, effect in zip(subjects, added, strict=True)
    ]
    low, middle, high = np.array(ends).T
    return low, middle, high


def judge_ranges(
    subjects: Sequence[Trial], added: Float64, model: EngagementModel, judge: AccountDraws
) -> dict[str, Ranges]:
    """Over all, by tier, and by length of history."""
    low, _, high = _limits(subjects, added, model)
    y = np.array([trial.y for trial in subjects])
    inside = ((low <= y) & (y <= high)).astype(np.float64)
    tiers = np.array([tier(trial.followers) for trial in subjects])
    history = np.array([len(trial.past) for trial in subjects])
    groups = {"all": np.ones(len(y), dtype=bool)}
    groups |= {name: tiers == number for number, name in enumerate(TIER_NAMES)}
    groups |= {
        f"{first} to {last - 1} earlier posts": (first <= history) & (history < last)
        for first, last in pairwise(HISTORIES)
    }
    return {
        name: Ranges(
            posts=int(group.sum()),
            accounts=len(np.unique(judge.account[group])),
            coverage=judge.estimate(np.where(group, inside, np.nan)),
            factor=float(np.exp(np.median((high - low)[group]) / 2)),
        )
        for name, group in groups.items()
        if group.any()
    }


def pinball(
    subjects: Sequence[Trial], added: Float64, model: EngagementModel, judge: AccountDraws
) -> dict[str, Estimate]:
    """Pinball loss of the range's ends and its middle (Koenker & Bassett 1978)."""
    y = np.array([trial.y for trial in subjects])
    tail = (1 - COVERAGE) / 2
    levels = (tail, 0.5, 1 - tail)
    losses = {}
    for level, end in zip(levels, _limits(subjects, added, model), strict=True):
        losses[f"{level:.0%}"] = judge.estimate(
            np.maximum(level * (y - end), (level - 1) * (y - end))
        )
    return losses
