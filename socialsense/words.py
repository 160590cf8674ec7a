"""Numbers as people read them: never more digits than are known."""

from collections.abc import Sequence
from dataclasses import asdict
from math import exp

from socialsense.answers import (
    MIN_OUTCOMES,
    HashtagEffect,
    Matter,
    Outcome,
    Prediction,
    RankedHashtag,
    RankedImage,
    Reason,
    Record,
    Retrained,
)
from socialsense.types import Forgotten, Mode


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


def change(effect: float, mode: Mode) -> str:
    """A difference of log engagement as '+8 %', one of rates as '+0.21 points'."""
    if mode == "faithful":
        return f"{points(effect)} points"
    value = round(float(f"{100 * (exp(effect) - 1):.2g}"), 1)
    return f"{value:+g} %" if value else "0 %"


def duration(seconds: float) -> str:
    """'about 46 minutes', 'about 3 hours', in whole numbers."""
    for length, name in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        number = round(seconds / length)
        if number >= 2 or (number == 1 and seconds >= length):
            return f"about {number} {name}" + ("s" if number > 1 else "")
    return "less than a minute"


def chance(probability: float) -> str:
    """'about 6 in 10', and never more certain than 'more than 9 in 10'."""
    tenths = round(10 * probability)
    if tenths >= 10:
        return "more than 9 in 10"
    return "less than 1 in 10" if tenths < 1 else f"about {tenths} in 10"


def gain(prediction: Prediction) -> str:
    """What the chosen hashtags do to the forecast, with its range and how likely it is good."""
    text = f"×{prediction.gain:.2f}"
    if prediction.gain_low is None or prediction.gain_high is None or prediction.helps is None:
        return text
    return (
        f"{text} (×{prediction.gain_low:.2f} to ×{prediction.gain_high:.2f}); "
        f"{chance(prediction.helps)} that they help"
    )


def followers(number: int | None) -> str:
    """'about 4,800 followers'; also for accounts that must not be named."""
    if number is None:
        return "an unknown number of followers"
    return "no followers" if number == 0 else f"about {count(number)} followers"


def behind_top_posts(accounts: int) -> str:
    """How many accounts there are that nobody asked for, and that therefore have no name here."""
    if accounts <= 0:
        return ""
    number = "1 account" if accounts == 1 else f"{accounts:,} accounts"
    return f"And {number} behind top posts, of which only the numbers are used."


def forgotten(found: Forgotten) -> str:
    """'1 profile, 12 posts, 9 pictures': what there is none of is left out."""
    numbers = [(number, kind) for kind, number in asdict(found).items() if number]
    said = (f"{n:,} {kind.removesuffix('s') if n == 1 else kind}" for n, kind in numbers)
    return ", ".join(said) or "no post and no picture"


def percentile(item: RankedImage) -> str:
    """Where a photo stands: among the account's own posts, else among those the model knows."""
    if item.percentile is not None:
        return f"above {item.percentile:.0f} % of your posts"
    return f"above {item.model_percentile:.0f} % of the photos the model knows"


def against_next(item: RankedImage) -> str:
    """How likely a photo is to beat the one ranked after it; '' for the last."""
    if item.beats_next is None:
        return ""
    chance = f"{100 * item.beats_next:.0f} %"
    if item.too_close:
        return f"too close to call against the next ({chance})"
    return f"beats the next with {chance}"


def reasons(found: Sequence[Reason]) -> str:
    """'for it: what it shows, tall; against it: dark'."""
    sides = {
        "for it": [reason.words for reason in found if reason.effect > 0],
        "against it": [reason.words for reason in found if reason.effect < 0],
    }
    return "; ".join(f"{side}: {', '.join(words)}" for side, words in sides.items() if words)


def forecast(prediction: Prediction) -> str:
    """'about 1,200 likes and comments (800 to 1,900)'."""
    text = f"about {count(prediction.median)} likes and comments"
    if prediction.low is None or prediction.high is None:
        return text + " (too few past posts for a range)"
    return f"{text} ({count(prediction.low)} to {count(prediction.high)})"


def took_over(model: str) -> str:
    """What a popularity model that could not be loaded means for the answer."""
    return f"The default model, {model}, ranks the photos instead."


def retrained(result: Retrained) -> str:
    """What became of training on an account's own posts."""
    figures = (
        f"of {result.pairs} pairs of its later posts it got {percent(result.own)} right, the "
        f"shipped model {percent(result.shipped)}"
    )
    if result.kept:
        return f"@{result.handle} now has a ranking of its own: {figures}."
    return f"@{result.handle} keeps the shipped ranking; its own did no better: {figures}."


def factor(value: float) -> str:
    """How many times as much, to two significant digits: 1.352 is '×1.4'."""
    return f"×{count(value)}"


def effect(found: HashtagEffect) -> str:
    """'posts with #sea got ×1.6 the engagement of those without (×1.2 to ×2.1)'."""
    which = " ".join(f"#{tag}" for tag in found.tags) or "hashtags"
    return (
        f"posts with {which} got {factor(found.factor)} the engagement of those without "
        f"({factor(found.low)} to {factor(found.high)})"
    )


def matters(result: Matter) -> str:
    """Whether an account's choice of hashtags went with its engagement; never that it caused it."""
    if result.p_value is None or result.detectable is None:
        return f"Whether your choice of hashtags matters cannot be told yet: {result.reason}"
    basis = f"(p = {result.p_value:.2g}, {result.posts} posts)"
    if not result.found:
        return (
            f"No sign that your choice of hashtags mattered {basis}. An effect of "
            f"{factor(result.detectable)} or more on one hashtag would have been found about 8 "
            f"times in 10; smaller ones are beyond what {result.posts} posts can show."
        )
    clear = [effect(item) for item in result.strongest if item.clear]
    most = f"For one, {clear[0]}." if clear else "No single hashtag stands out."
    return (
        f"Your engagement went with your choice of hashtags {basis}. {most} That need not be their "
        "doing: posts with other hashtags may differ in other ways."
    )


def track(record: Record) -> str:
    """How predictions have fared so far, in plain sentences."""
    if not record.predictions:
        return "Nothing has been predicted yet."
    if not record.enough:
        return (
            f"Too early to tell: the outcome of {record.outcomes} of {record.predictions} "
            f"predictions is known, and it takes {MIN_OUTCOMES}."
        )
    said = []
    if record.ranges:
        said.append(
            f"{record.inside} of {record.ranges} posts fell inside their range; "
            f"about {record.expected_inside:.0f} were to be expected."
        )
    if record.bias is not None and record.bias_low is not None and record.bias_high is not None:
        said.append(
            f"On average posts got {count(record.bias)} × what was predicted "
            f"({count(record.bias_low)} to {count(record.bias_high)})."
        )
    if record.pairs:
        said.append(f"Of {record.pairs} pairs, the one predicted higher won {record.rank_hits}.")
    return " ".join(said)


def happened(outcome: Outcome | None) -> str:
    """'1,300 likes, 41 comments', '1,300 likes', or that it is not known."""
    if outcome is None:
        return "not known yet"
    likes = f"{outcome.likes:,} like{'' if outcome.likes == 1 else 's'}"
    if outcome.comments is None:
        return likes
    return f"{likes}, {outcome.comments:,} comment{'' if outcome.comments == 1 else 's'}"


CAUTIONS = {
    "banned": "may be hidden by Instagram, along with the post",
    "sensitive": "reported as hidden at times",
    "generic": "too common to reach anybody in particular",
}


def cautions(hashtags: Sequence[RankedHashtag]) -> list[str]:
    """A sentence for each kind of hashtag to be careful with, the gravest first."""
    found = []
    for kind, words in CAUTIONS.items():
        tags = [f"#{item.tag}" for item in hashtags if item.caution == kind]
        if tags:
            found.append(f"{' '.join(tags)}: {words}. No platform publishes such a list.")
    return found
