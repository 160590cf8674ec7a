"""Rates, an account's usual rate, and the engagement expected of the next post.

Rates are engagement / followers. Two settings of one formula:

- faithful (2020): rate = mean rate of the last posts + mean score of the chosen hashtags;
- calibrated: log rate = the account's level + slope · mean score + the photo's effect, all
  measured on accounts kept apart, with a range that held there as often as it says.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, floor
from pathlib import Path

import numpy as np

from socialsense.answers import HashtagSet, Prediction
from socialsense.arrays import Float32, Float64
from socialsense.cards import read_weights
from socialsense.errors import ModelError, NoHistory
from socialsense.histories import MIN_AGE
from socialsense.types import Post, Profile
from socialsense.usual import Curve, Level, log_rate, usual_level

COVERAGE = 0.8
TIERS = (10_000, 100_000, 1_000_000)
TIER_NAMES = ("nano", "micro", "mid", "mega")
"""Accounts by followers: below the first of TIERS, … , from the last one on."""


@dataclass(frozen=True, slots=True)
class EngagementModel:
    """What the calibrated formula learned from accounts.

    `slope`: the share of a set's mean score that showed in other accounts' posts, and its
    standard error; `photo`: log engagement by photo score; `tails`: for each tier the scaled
    residuals below and above which a tenth of posts fell (split conformal; Lei et al. 2018).
    """

    model_id: str
    curve: Curve
    slope: float
    slope_error: float
    photo: float
    tails: tuple[tuple[float, float], ...]

    def range(self, level: Level, followers: float, effect: float) -> tuple[float, float, float]:
        """Low, middle and high log rate of the next post, `effect` beyond the usual."""
        middle = level.mean + effect
        low, high = self.tails[tier(followers)]
        return middle + low * level.sd, middle, middle + high * level.sd

    def slopes(self, draws: int, seed: int = 0) -> Float64:
        """(D,) slopes as they may truly be, from 0 (hashtags do nothing) to 1."""
        rng = np.random.default_rng(seed)
        return np.clip(rng.normal(self.slope, self.slope_error, draws), 0.0, 1.0)


def load_engagement(models_dir: Path) -> EngagementModel:
    """The fitted numbers of models/engagement/calibrated. Raises ModelError."""
    card, tensors = read_weights(models_dir, "engagement", "calibrated")
    try:
        at, below, between, above = (float(value) for value in tensors["curve"])
        slope, error, photo = (float(value) for value in tensors["slopes"])
        tails = tuple((float(low), float(high)) for low, high in tensors["tails"])
        if len(tails) != len(TIER_NAMES):
            raise ValueError(f"{len(tails)} tails for {len(TIER_NAMES)} tiers")
    except (KeyError, ValueError, TypeError) as problem:
        raise ModelError(
            "The weights of engagement/calibrated do not fit this program.",
            means=f"They are of another version: {problem}.",
            do="Restore them with `git checkout models`, or train them again (see README).",
        ) from problem
    curve = Curve(at, (below, between, above))
    return EngagementModel(card.weights_sha256 or "", curve, slope, error, photo, tails)


def tensors_of(model: EngagementModel) -> dict[str, Float32]:
    """The numbers of a model as `load_engagement` reads them."""
    return {
        "curve": np.array([model.curve.at, *model.curve.slopes], dtype=np.float32),
        "slopes": np.array([model.slope, model.slope_error, model.photo], dtype=np.float32),
        "tails": np.array(model.tails, dtype=np.float32),
    }


def tier(followers: float) -> int:
    """Place in TIER_NAMES."""
    return sum(followers >= edge for edge in TIERS)


def engagement_rate(post: Post, followers: int | None) -> float | None:
    """Engagement of a post per follower; None when likes are hidden or there are no followers."""
    if post.engagement is None or not followers:
        return None
    return post.engagement / followers


def countable_posts(posts: Iterable[Post], last: int) -> tuple[Post, ...]:
    """The latest posts that say what is usual: neither pinned nor with hidden likes.

    Pinned posts are an account's best, so they would raise its usual rate.
    """
    kept = [post for post in posts if not post.pinned and post.likes is not None]
    return tuple(sorted(kept, key=lambda post: post.taken_at, reverse=True)[:last])


def usual_rate(posts: Iterable[Post], followers: int | None, last: int = 10) -> float | None:
    """Mean engagement rate of the last countable posts; None when it cannot be known."""
    counted = [post.engagement or 0 for post in countable_posts(posts, last)]
    if not counted or not followers:
        return None
    return sum(counted) / len(counted) / followers


def grown_up(posts: Iterable[Post]) -> list[Post]:
    """Posts that had had their first days when their counts were read."""
    return [post for post in posts if post.fetched_at - post.taken_at >= MIN_AGE]


def log_rates(posts: Iterable[Post], followers: int) -> list[float]:
    """The y of each post whose likes are known (see `usual`)."""
    return [log_rate(post.engagement, followers) for post in posts if post.engagement is not None]


def predict_faithful(
    profile: Profile, posts: Sequence[Post], hashtags: HashtagSet, last: int = 10
) -> Prediction:
    """Engagement of the next post with these hashtags, by the formula of 2020. Raises NoHistory.

    The interval runs between order statistics of the account's past rates, moved
    by the set's score: if the next post is like the past ones, it falls between the
    k-th lowest and k-th highest of n with probability 1 − 2k/(n + 1).
    """
    usual = usual_rate(posts, profile.followers, last)
    if usual is None or not profile.followers:
        raise no_history(profile)
    followers = profile.followers
    rates = [engagement_rate(post, followers) or 0.0 for post in countable_posts(posts, last)]
    expected = max(0.0, usual + hashtags.score)
    low, high, coverage = _order_interval(np.sort(rates))
    moved = [None if end is None else max(0.0, end + hashtags.score) for end in (low, high)]
    return Prediction(
        handle=profile.handle,
        followers=followers,
        usual_rate=usual,
        set_score=hashtags.score,
        rate=expected,
        low=None if moved[0] is None else moved[0] * followers,
        median=expected * followers,
        high=None if moved[1] is None else moved[1] * followers,
        coverage=coverage,
        history=len(rates),
        mode="faithful",
        gain=expected / usual if usual else 1.0,
    )


def predict_calibrated(
    profile: Profile,
    posts: Sequence[Post],
    hashtags: HashtagSet,
    draws: Float32,
    model: EngagementModel,
    photo_effect: float = 0.0,
) -> Prediction:
    """Engagement of the next post: its middle, and the range that held as often as it says.

    `draws` (K, D): joint draws of the chosen hashtags' scores. Raises NoHistory.
    """
    countable = countable_posts(posts, len(posts))
    known = grown_up(countable) or countable  # a start is better than none
    if not known or not profile.followers:
        raise no_history(profile)
    followers = profile.followers
    level = usual_level(log_rates(known, followers), model.curve(followers))
    effect = model.slope * hashtags.score + photo_effect
    low, middle, high = (_engagement(y, followers) for y in model.range(level, followers, effect))
    gain_low, gain_high, helps = gain_of(draws, model)
    return Prediction(
        handle=profile.handle,
        followers=followers,
        usual_rate=_engagement(level.mean, followers) / followers,
        set_score=hashtags.score,
        rate=middle / followers,
        low=low,
        median=middle,
        high=high,
        coverage=COVERAGE,
        history=level.posts,
        mode="calibrated",
        gain=exp(model.slope * hashtags.score),
        gain_low=gain_low,
        gain_high=gain_high,
        helps=helps,
        photo=exp(photo_effect),
    )


def _engagement(y: float, followers: int) -> float:
    """Likes and comments at a log rate: without the ½ that stood in, and never negative."""
    return max(0.0, exp(y) * followers - 0.5)


def gain_of(
    draws: Float32, model: EngagementModel
) -> tuple[float | None, float | None, float | None]:
    """80 % interval of the factor by which a set changes engagement; how likely it is above 1.

    `draws` (K, D); None for the empty set, which changes nothing.
    """
    if not len(draws):
        return None, None, None
    low, high, helps = interval_of(model.slopes(draws.shape[1]) * draws.mean(axis=0))
    return exp(low), exp(high), helps


def interval_of(effects: Float64) -> tuple[float, float, float]:
    """80 % interval of (D,) draws, and how likely they are above 0; none at all counts half."""
    low, high = np.quantile(effects, ((1 - COVERAGE) / 2, (1 + COVERAGE) / 2))
    helps = float((effects > 0).mean() + (effects == 0).mean() / 2)
    return float(low), float(high), helps


def _order_interval(rates: Float64) -> tuple[float | None, float | None, float]:
    """Ends of the narrowest symmetric interval that covers at least COVERAGE, and its coverage."""
    n = len(rates)
    k = floor((1 - COVERAGE) / 2 * (n + 1) + 1e-9)
    if k < 1:
        return None, None, COVERAGE
    return float(rates[k - 1]), float(rates[n - k]), 1 - 2 * k / (n + 1)


def no_history(profile: Profile) -> NoHistory:
    """Why nothing can be predicted for an account."""
    if not profile.followers:
        return NoHistory(
            f"@{profile.handle} has no followers yet, so far as is known.",
            means="Engagement is counted per follower, so there is no rate to predict from.",
            do="Photos and hashtags are ranked all the same; come back with the first followers.",
        )
    return NoHistory(
        f"@{profile.handle} has no post whose likes are known.",
        means="Its usual engagement is unknown: there are no posts, or their likes are hidden.",
        do="Photos and hashtags are ranked all the same; "
        "show likes on some posts to get a prediction.",
    )
