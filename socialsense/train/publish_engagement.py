"""Fitting, measuring and writing the engagement model, with a card that says how far it goes."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from socialsense.arrays import Float64
from socialsense.cards import write_model
from socialsense.engagement import (
    COVERAGE,
    TIER_NAMES,
    TIERS,
    EngagementModel,
    load_engagement,
    tensors_of,
)
from socialsense.evaluate.backtest import trials
from socialsense.evaluate.engagement import evaluate_engagement
from socialsense.histories import DAY, MIN_AGE, History, read_single_posts
from socialsense.settings import Settings
from socialsense.track_record import does_better
from socialsense.train.engagement import fit_engagement, hashtag_effects
from socialsense.train.photo_slope import fit_photo_slope
from socialsense.types import Card
from socialsense.usual import CLIP, DRIFT, HALF_LIFE, PRIOR_POSTS, SD, SD_POSTS

Show = Callable[[str, int, int], None]
LICENCE = "MIT (numbers); the posts they were learned from are not shipped"


def publish_engagement(
    data: Path, histories: list[History], settings: Settings, on_progress: Show
) -> Card:
    """Fit on one half of a folder's accounts, judge on the other, write the model.

    Raises InputError.
    """
    model = fit_engagement(histories, read_single_posts(data), on_progress)
    photo: dict[str, Any] = {}
    if (data / "photos_with_likes").is_dir():
        found = fit_photo_slope(data, settings)
        photo = {
            "log engagement by score": round(found.slope, 3),
            "used, low end of 95 %": round(found.low, 3),
            "share of the error saved, accounts left out": str(found.saved),
        }
        model = replace(model, photo=found.low)
    metrics = asdict(evaluate_engagement(histories, model, on_progress=on_progress))
    card = describe(model, histories, "accounts_2017 and small_accounts_2017", metrics)
    card = replace(card, details={**card.details, "photo": photo or "nothing known of photos: 0"})
    return write_model(settings.models_dir, card, tensors_of(model))


def describe(
    model: EngagementModel, histories: list[History], name: str, metrics: dict[str, Any]
) -> Card:
    """The card of a fitted model."""
    fitted = [history for history in histories if history.half == "fit"]
    posts = sum(len(history.posts) for history in fitted)
    return Card(
        kind="engagement",
        name="calibrated",
        summary="What is usual for accounts of a size, how far single posts stray, and how much "
        "of what hashtags' posts show is seen in other accounts' posts (hardly any). Ranges "
        "held as often as they say on accounts kept apart; most had 100,000 to 2 million "
        "followers, in spring 2017.",
        trained_on=f"{name}: {posts:,} posts of {len(fitted)} accounts, half of those at hand; "
        "the other half judges",
        licence=LICENCE,
        weights_sha256=None,
        metrics=metrics,
        details={
            "command": "python -m socialsense train engagement --data DIR",
            "coverage": COVERAGE,
            "tiers": dict(zip(TIER_NAMES, ("0", *map(str, TIERS)), strict=True)),
            "tails": {
                name: [round(end, 3) for end in ends]
                for name, ends in zip(TIER_NAMES, model.tails, strict=True)
            },
            "curve": {
                "log rate at 10,000 followers": round(model.curve.at, 3),
                "slopes below 10,000, to 300,000, above": [
                    round(slope, 3) for slope in model.curve.slopes
                ],
            },
            "hashtags": {
                "slope": round(model.slope, 3),
                "standard error": round(model.slope_error, 3),
            },
            "level": {
                "half-life in posts": HALF_LIFE,
                "clip": CLIP,
                "posts the curve is worth": PRIOR_POSTS,
                "spread, and posts it is worth": [SD, SD_POSTS],
                "drift": DRIFT,
            },
            "youngest post, days": MIN_AGE / DAY,
            "intervals": "95 % bootstrap over accounts",
        },
    )


@dataclass(frozen=True, slots=True)
class TrainedEngagement:
    """A freshly fitted model's card, and whether the model was put in place."""

    card: Card
    kept: bool


def retrain_engagement(
    histories: list[History], settings: Settings, on_progress: Show
) -> TrainedEngagement:
    """Fit on the fitting half of what was collected; replace the present model if it does better.

    Both predict the judging half's posts (see `does_better`). Raises InputError, ModelError.
    """
    present = load_engagement(settings.models_dir)
    model = replace(fit_engagement(histories, (), on_progress), photo=present.photo)
    judging = [history for history in histories if history.half == "judge"]
    rivals = [_predicted(judging, candidate) for candidate in (model, present)]
    (predicted, actual, accounts), (rival, *_) = rivals
    kept = does_better(predicted, rival, actual, accounts)
    report = evaluate_engagement(histories, model, on_progress=on_progress)
    card = describe(model, histories, "posts collected here", asdict(report))
    if kept:
        card = write_model(settings.models_dir, card, tensors_of(model))
    return TrainedEngagement(card, kept)


def _predicted(
    histories: list[History], model: EngagementModel
) -> tuple[Float64, Float64, list[str]]:
    """What a model predicts of posts, what happened (both log rates), and whose each is."""
    found = trials(histories, model.curve)
    added = model.slope * np.nan_to_num(hashtag_effects(found))
    middle = np.array([trial.level.mean for trial in found]) + added
    return middle, np.array([trial.y for trial in found]), [trial.account for trial in found]
