"""How well engagement is predicted: each judging account's posts, from what was known before.

Errors are of log engagement; intervals a bootstrap over accounts. What is learned from other
accounts (tier means, the calibrated model) comes from the fitting half or from elsewhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from socialsense.arrays import Float64, Int64
from socialsense.engagement import EngagementModel, tier
from socialsense.errors import InputError
from socialsense.evaluate.accounts import AccountDraws
from socialsense.evaluate.backtest import (
    TOP,
    Similar,
    Trial,
    mean_scores,
    rate_lifts,
    trials,
    usual_rates,
)
from socialsense.evaluate.estimate import Estimate
from socialsense.evaluate.forecasts import (
    Forecasts,
    Ranges,
    judge_forecast,
    judge_ranges,
    pinball,
    saved,
)
from socialsense.histories import History
from socialsense.train.engagement import hashtag_effects
from socialsense.votes import FAITHFUL

MIN_HISTORY = 3
"""Earlier posts that a judged post has; an account median of fewer is no rival."""
MIN_ACCOUNTS = 3
PLACEBOS = 20
TINY = 1e-6
"""A rate of zero or less has no logarithm; the formula of 2020 can predict one."""


@dataclass(frozen=True, slots=True)
class HashtagTerm:
    """What the hashtags add to the forecast, on posts whose hashtags are known to others.

    `gain`: share of the mean absolute error that they take away; `placebo`: the same with
    hashtags dealt anew among posts of one tier, mean and standard deviation; `explained`:
    partial R²; `slope`: that of the model, and its standard error.
    """

    posts: int
    gain: Estimate
    placebo: tuple[float, float]
    explained: Estimate
    slope: tuple[float, float]


@dataclass(frozen=True, slots=True)
class EngagementReport:
    """The backtest. `better`: share of the account median's error that is saved."""

    accounts: int
    posts: int
    pictures: bool
    forecasts: Mapping[str, Forecasts]
    better: Estimate
    better_any_history: Estimate
    ranges: Mapping[str, Ranges]
    pinball: Mapping[str, Estimate]
    hashtags: HashtagTerm | None


def evaluate_engagement(
    histories: Sequence[History],
    model: EngagementModel,
    *,
    everyone: bool = False,
    similar: Similar | None = None,
    seed: int = 0,
    on_progress: Callable[[str, int, int], None] = lambda *_: None,
) -> EngagementReport:
    """Judge on the accounts of the judging half, or on `everyone` where none was learned from.

    `similar` where there are pictures; else all similarities are 1. Raises InputError for too
    few accounts.
    """
    found = trials(histories, model.curve)
    effects = hashtag_effects(found, similar, on_progress)
    faithful = _faithful(found, similar, on_progress)
    middle = np.array([trial.level.mean for trial in found])
    y = np.array([trial.y for trial in found])
    judged = np.array([everyone or trial.half == "judge" for trial in found])
    enough = judged & np.array([len(trial.past) >= MIN_HISTORY for trial in found])
    subjects = [trial for trial, keep in zip(found, enough, strict=True) if keep]
    if len({trial.account for trial in subjects}) < MIN_ACCOUNTS:
        raise InputError(
            f"Fewer than {MIN_ACCOUNTS} accounts have more than {MIN_HISTORY} posts to judge by.",
            means="A forecast is judged on later posts of accounts it was not fitted on.",
            do="Give the posts of more accounts.",
        )
    judge = AccountDraws.of([trial.account for trial in subjects], seed)
    median = np.array([np.median(trial.past) for trial in found])
    usual = np.log(usual_rates(found))
    added = model.slope * np.nan_to_num(effects)
    ways = {
        "tier mean": _tier_means(found, y, judged),
        "account mean": usual,
        "account median": median,
        "formula of 2020": faithful,
        "calibrated, no hashtags": middle,
        "calibrated": middle + added,
    }
    size = np.log([trial.followers for trial in found])
    forecasts = {
        name: judge_forecast((y + size)[enough], (way + size)[enough], judge)
        for name, way in ways.items()
    }
    anyone = [trial for trial, keep in zip(found, judged, strict=True) if keep]
    return EngagementReport(
        accounts=judge.draws.shape[1],
        posts=len(subjects),
        pictures=similar is not None,
        forecasts=forecasts,
        better=saved(y[enough], median[enough], (middle + added)[enough], judge),
        better_any_history=saved(
            y[judged],
            median[judged],
            (middle + added)[judged],
            AccountDraws.of([trial.account for trial in anyone], seed),
        ),
        ranges=judge_ranges(subjects, added[enough], model, judge),
        pinball=pinball(subjects, added[enough], model, judge),
        hashtags=_hashtags(subjects, effects[enough], model, judge, seed),
    )


def _faithful(
    found: Sequence[Trial],
    similar: Similar | None,
    on_progress: Callable[[str, int, int], None],
) -> Float64:
    """(N,) log rate by the formula of 2020, from the top posts of the pages before each."""
    tell = partial(on_progress, "scoring as in 2020")
    added = mean_scores(found, FAITHFUL, rate_lifts(found), TOP, similar, tell)
    return np.log(np.maximum(usual_rates(found) + np.nan_to_num(added), TINY))


def _tier_means(found: Sequence[Trial], y: Float64, judged: np.ndarray) -> Float64:
    """(N,) mean y of its tier on accounts that do not judge; of all of them in an empty tier."""
    tiers = np.array([tier(trial.followers) for trial in found])
    others = ~judged if (~judged).any() else judged
    means = np.full(len(found), y[others].mean())
    for number in np.unique(tiers[others]):
        means[tiers == number] = y[others & (tiers == number)].mean()
    return means


def _hashtags(
    subjects: Sequence[Trial],
    effects: Float64,
    model: EngagementModel,
    judge: AccountDraws,
    seed: int,
) -> HashtagTerm | None:
    known = np.isfinite(effects)
    if known.sum() < MIN_ACCOUNTS or np.ptp(effects[known]) == 0:
        return None
    lifts = np.where(known, [trial.lift for trial in subjects], np.nan)
    added = model.slope * effects
    tiers = np.array([tier(trial.followers) for trial in subjects])
    rng = np.random.default_rng(seed)
    zero = np.zeros(len(lifts))
    placebos = [
        saved(lifts, zero, model.slope * _dealt(effects, tiers, rng), judge).value
        for _ in range(PLACEBOS)
    ]
    residual = lifts**2
    return HashtagTerm(
        posts=int(known.sum()),
        gain=saved(lifts, zero, added, judge),
        placebo=(float(np.mean(placebos)), float(np.std(placebos))),
        explained=Estimate.of_draws(1 - judge.means((lifts - added) ** 2) / judge.means(residual)),
        slope=(model.slope, model.slope_error),
    )


def _dealt(effects: Float64, tiers: Int64, rng: np.random.Generator) -> Float64:
    """Known effects dealt anew among the posts of each tier."""
    dealt = effects.copy()
    for number in np.unique(tiers):
        own = np.flatnonzero((tiers == number) & np.isfinite(effects))
        dealt[own] = effects[rng.permutation(own)]
    return dealt
