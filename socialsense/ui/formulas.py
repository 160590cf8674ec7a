"""The forecast's formula with this visitor's own values in it."""

from math import log

from socialsense.answers import HashtagSet, Prediction
from socialsense.engagement import TIER_NAMES, EngagementModel, tier
from socialsense.usual import log_rate
from socialsense.words import count, percent, points


def forecast_formula(prediction: Prediction, chosen: HashtagSet, model: EngagementModel) -> str:
    """In the terms of the prediction's own mode, as Markdown."""
    if prediction.mode == "faithful":
        return _faithful(prediction, chosen)
    return _calibrated(prediction, chosen, model)


def _faithful(prediction: Prediction, chosen: HashtagSet) -> str:
    scores = " ".join(f"{points(item.score)}" for item in chosen.hashtags) or "0"
    return (
        "predicted rate = usual rate + mean score of the chosen hashtags  \n"
        f"= {percent(prediction.usual_rate)} + ({scores}) / {max(1, len(chosen.hashtags))}  \n"
        f"= {percent(prediction.rate)}\n\n"
        "predicted engagement = predicted rate × followers  \n"
        f"= {percent(prediction.rate)} × {prediction.followers:,} "
        f"= **{count(prediction.median)}**\n\n"
        f"The usual rate is the mean of the last {prediction.history} posts, pinned posts and "
        "hidden likes left out."
    )


def _calibrated(prediction: Prediction, chosen: HashtagSet, model: EngagementModel) -> str:
    scores = " ".join(f"{item.score:+.3f}" for item in chosen.hashtags) or "0"
    level = log_rate(prediction.usual_rate * prediction.followers, prediction.followers)
    text = (
        "log rate = your usual level + slope · mean score of the hashtags + photo  \n"
        f"= {level:.3f} + {model.slope:.2f} · ({scores}) / "
        f"{max(1, len(chosen.hashtags))} + ({log(prediction.photo):+.3f})  \n"
        f"rate = {percent(prediction.rate)}\n\n"
        "predicted engagement = rate × followers  \n"
        f"= {percent(prediction.rate)} × {prediction.followers:,} = **{count(prediction.median)}**"
        "\n\n"
        f"- usual level: {prediction.history} past posts, the latest counting most, outliers "
        "little; pinned posts, hidden likes and posts of the last two days left out\n"
        f"- slope: the share of hashtags' scores that showed in other accounts' posts, "
        f"{model.slope:.2f} ± {model.slope_error:.2f}\n"
        f"- photo: its score less the mean of your own posts', times a slope: {model.photo:.2f} "
        "from celebrities' posts, drawn towards what your own show"
    )
    if prediction.low is None or prediction.high is None:
        return text
    name = TIER_NAMES[tier(prediction.followers)]
    low, high = model.tails[tier(prediction.followers)]
    return text + (
        f"\n- range: {low:+.2f} and {high:+.2f} times your spread on the log scale, the tails of "
        f"other accounts of your size ({name}): {count(prediction.low)} to {count(prediction.high)}"
    )
