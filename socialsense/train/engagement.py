"""Fitting the calibrated engagement formula on the half of the accounts that fits.

Curve over followers, slope of the hashtags' scores, and the tails of scaled residuals. No
account of the judging half is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from math import ceil, floor

import numpy as np

from socialsense.arrays import Float64
from socialsense.engagement import COVERAGE, TIER_NAMES, EngagementModel, tier
from socialsense.errors import InputError
from socialsense.evaluate.backtest import Similar, Trial, mean_scores, trials
from socialsense.histories import History
from socialsense.usual import Curve, log_rate
from socialsense.votes import CALIBRATED

FREE_PAGES = replace(CALIBRATED, correction="recent")
"""Of pages that show all posts, not the most engaging ones."""
ACCOUNT_WEIGHT = 5.0
"""Single posts that an account's median counts as, for the curve."""
MIN_ACCOUNTS = 20
"""Fewer accounts can fit nothing that would hold for others."""
TIER_ACCOUNTS = 50.0
"""Accounts that all tiers' tails together are worth, against those of one tier."""
FAR = 2.5
"""Scaled residuals are cut off here before the slope is fitted."""
STRAPS = 400
DOUBT = 0.5
"""Standard deviation of the slope about 0 before any post is seen: no study shows an effect."""


def fit_engagement(
    histories: Sequence[History],
    singles: Sequence[tuple[int, int]] = (),
    on_progress: Callable[[str, int, int], None] = lambda *_: None,
) -> EngagementModel:
    """Fit on the fitting half; `singles`: (followers, likes) of accounts known by one post.

    Raises InputError for too few accounts.
    """
    own = [history for history in histories if history.half == "fit" and len(history.posts) > 1]
    if len(own) < MIN_ACCOUNTS:
        raise InputError(
            f"{len(own)} accounts with at least two posts are too few to learn from.",
            means="A forecast must hold for accounts it has not seen; that takes many of them.",
            do=f"Give posts of at least {2 * MIN_ACCOUNTS} accounts; half of them judge.",
        )
    curve = fit_curve(own, singles)
    found = trials(own, curve)
    effects = hashtag_effects(found, on_progress=on_progress)
    slope, error = fit_slope(found, effects)
    effects = np.nan_to_num(effects)
    return EngagementModel("fitted", curve, slope, error, 0.0, fit_tails(found, slope * effects))


def fit_curve(histories: Sequence[History], singles: Sequence[tuple[int, int]]) -> Curve:
    """Least absolute deviations from a broken line over log followers, by reweighting."""
    blank = Curve(0.0, (0.0, 0.0, 0.0))
    points = [
        (float(np.log(h.followers)), _median(h), ACCOUNT_WEIGHT) for h in histories if h.posts
    ] + [(float(np.log(f)), log_rate(likes, f), 1.0) for f, likes in singles]
    x, y, weight = np.array(points).T
    pieces = blank.pieces(np.clip(x, *blank.known))
    used = np.append(True, np.ptp(pieces[:, 1:], axis=0) > 0)  # a piece without accounts stays flat
    fitted = np.zeros(4)
    pull = weight
    for _ in range(100):
        a = (pieces[:, used] * pull[:, None]).T
        fitted[used] = np.linalg.solve(a @ pieces[:, used] + 1e-6 * np.eye(used.sum()), a @ y)
        pull = weight / np.maximum(np.abs(y - pieces @ fitted), 0.05)
    return Curve(float(fitted[0]), (float(fitted[1]), float(fitted[2]), float(fitted[3])))


def hashtag_effects(
    found: Sequence[Trial],
    similar: Similar | None = None,
    on_progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Float64:
    """(N,) mean score of each trial's hashtags, from pages frozen before; NaN where unknown."""
    tell = partial(on_progress, "scoring hashtags")
    return mean_scores(found, FREE_PAGES, capped_lifts(found), None, similar, tell)


def capped_lifts(found: Sequence[Trial]) -> Float64:
    """(N,) lifts, cut off at FAR of the account's own spread."""
    lifts = np.array([trial.lift for trial in found])
    spread = np.array([trial.level.sd for trial in found])
    capped: Float64 = np.clip(lifts, -FAR * spread, FAR * spread)
    return capped


def fit_slope(found: Sequence[Trial], effects: Float64) -> tuple[float, float]:
    """How much of a predicted effect shows, from 0 to 1, and its standard error over accounts.

    Weighted least squares of lifts on effects, drawn towards 0 by DOUBT; the error is a Bayesian
    bootstrap over accounts. Nothing known gives 0.
    """
    known = np.isfinite(effects)
    x, y = effects[known], capped_lifts(found)[known]
    if len(x) < MIN_ACCOUNTS or np.ptp(x) == 0:
        return 0.0, DOUBT
    spread = np.array([trial.level.sd for trial in found])[known]
    _, account = np.unique(np.array([t.account for t in found])[known], return_inverse=True)
    rng = np.random.default_rng(0)
    lots = np.vstack(
        [np.ones(account.max() + 1), rng.exponential(size=(STRAPS, account.max() + 1))]
    )
    weight = lots[:, account] / spread**2
    weight /= weight.sum(axis=1, keepdims=True)
    mean_x, mean_y = weight @ x, weight @ y
    slopes = (weight @ (x * y) - mean_x * mean_y) / (weight @ (x * x) - mean_x**2)
    variance = float(slopes[1:].var())
    belief = DOUBT**2 / (DOUBT**2 + variance)
    return float(np.clip(belief * slopes[0], 0.0, 1.0)), float(np.sqrt(belief * variance))


def fit_tails(found: Sequence[Trial], effects: Float64) -> tuple[tuple[float, float], ...]:
    """For each tier the scaled residuals that leave (1 − COVERAGE) / 2 of posts on either side.

    Split conformal with the finite-sample step. A tier of few accounts is drawn towards all.
    """
    scaled = np.array([trial.lift / trial.level.sd for trial in found])
    scaled -= effects / np.array([trial.level.sd for trial in found])
    tiers = np.array([tier(trial.followers) for trial in found])
    accounts = np.array([trial.account for trial in found])
    low, high = _tails(scaled)
    tails = []
    for number in range(len(TIER_NAMES)):
        inside = tiers == number
        n = len(np.unique(accounts[inside]))
        share = n / (n + TIER_ACCOUNTS)
        own = _tails(scaled[inside]) if n else (low, high)
        tails.append((share * own[0] + (1 - share) * low, share * own[1] + (1 - share) * high))
    return tuple(tails)


def _tails(scaled: Float64) -> tuple[float, float]:
    n, tail = len(scaled), (1 - COVERAGE) / 2
    ordered = np.sort(scaled)
    lower = max(floor((n + 1) * tail), 1) - 1
    upper = min(ceil((n + 1) * (1 - tail)), n) - 1
    return float(ordered[lower]), float(ordered[upper])


def _median(history: History) -> float:
    return float(np.median([log_rate(p.engagement, history.followers) for p in history.posts]))
