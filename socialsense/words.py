"""Numbers as people read them: never more digits than are known."""

from socialsense.types import Prediction


def count(value: float) -> str:
    """Two significant digits: 1234 is '1,200', 56789 is '57,000'."""
    return f"{float(f'{value:.2g}'):,.0f}" if abs(value) >= 10 else f"{float(f'{value:.2g}'):g}"


def percent(rate: float) -> str:
    """A rate to two significant digits: 0.01934 is '1.9 %'."""
    return f"{float(f'{100 * rate:.2g}'):g} %"


def points(score: float) -> str:
    """A difference of rates, signed, in percentage points to two digits: 0.0021 is '+0.21'."""
    value = round(float(f"{100 * score:.2g}"), 2)
    return f"{value:+g}" if value else "0"


def followers(number: int | None) -> str:
    """'about 4,800 followers'; also for accounts that must not be named."""
    if number is None:
        return "an unknown number of followers"
    return "no followers" if number == 0 else f"about {count(number)} followers"


def percentile(value: float | None) -> str:
    """Where a photo stands among the account's own posts."""
    if value is None:
        return "no own posts to compare with"
    return f"above {value:.0f} % of your posts"


def forecast(prediction: Prediction) -> str:
    """'about 1,200 likes and comments (800 to 1,900)'."""
    text = f"about {count(prediction.median)} likes and comments"
    if prediction.low is None or prediction.high is None:
        return text + " (too few past posts for a range)"
    return f"{text} ({count(prediction.low)} to {count(prediction.high)})"


def took_over(model: str) -> str:
    """What a popularity model that could not be loaded means for the answer."""
    return f"The default model, {model}, ranks the photos instead."
