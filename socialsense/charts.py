"""Charts as values: data in, an Altair chart out."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from math import exp

import altair as alt
import pandas as pd

from socialsense.answers import PhotoHashtags, Prediction, RankedHashtag
from socialsense.store import Tracked
from socialsense.types import Mode, Post
from socialsense.words import change, count, percent

BLUE, ORANGE, PINK, GREY = "#0072B2", "#D55E00", "#CC79A7", "#888888"
"""Okabe & Ito's colours; shape and words always say the same."""

NUMBERED = 5
"""Photos side by side whose scores can be read in their squares, also on a phone."""

LayeredChart = alt.LayerChart | alt.FacetChart  # as altair types `layer(…).properties(…)`


def hashtag_chart(
    hashtags: Sequence[RankedHashtag], chosen: Collection[str], mode: Mode
) -> LayeredChart:
    """Scores with their 80 % intervals around zero, "your usual"; unclear ones are pale."""
    rows = pd.DataFrame(
        {
            "hashtag": f"#{item.tag}",
            "score": _shown(item.score, mode),
            "low": None if item.low is None else _shown(item.low, mode),
            "high": None if item.high is None else _shown(item.high, mode),
            "state": "in your set" if item.tag in chosen else "not chosen",
            "clear": item.verdict.startswith("likely"),
            "shown": f"{change(item.score, mode)}, {item.support} posts: {item.verdict}",
        }
        for item in hashtags
    )
    unit = "% against the usual" if mode == "calibrated" else "points against the usual rate"
    base = alt.Chart(rows).encode(
        y=alt.Y("hashtag:N", sort=None, title=None, axis=alt.Axis(labelOverlap=False)),
        color=alt.Color(
            "state:N",
            title=None,
            scale=alt.Scale(domain=["in your set", "not chosen"], range=[BLUE, GREY]),
            legend=alt.Legend(orient="top"),
        ),
        opacity=alt.condition("datum.clear", alt.value(1), alt.value(0.5)),
        tooltip=["hashtag:N", alt.Tooltip("shown:N", title="score")],
    )
    bars = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title=unit), x2="high:Q")
    dots = base.mark_point(size=70, filled=True).encode(
        x="score:Q",
        shape=alt.Shape(
            "state:N",
            title=None,
            scale=alt.Scale(domain=["in your set", "not chosen"], range=["circle", "diamond"]),
        ),
    )
    zero = pd.DataFrame({"score": [0.0], "text": ["usual"]})
    line = alt.Chart(zero).mark_rule(strokeDash=[4, 4], color=GREY).encode(x="score:Q")
    return alt.layer(line, bars, dots).properties(height=max(140, 26 * len(hashtags)))


def photo_chart(found: PhotoHashtags, mode: Mode) -> LayeredChart:
    """Photos beside hashtags: blue above the usual, orange below, numbers while there is room.

    The numbers stand in the tooltips as well.
    """
    rows = pd.DataFrame(
        {
            "photo": photo,
            "hashtag": f"#{tag}",
            "score": _shown(float(found.scores[row, column]), mode),
            "shown": change(float(found.scores[row, column]), mode),
        }
        for row, photo in enumerate(_apart(found.photos))
        for column, tag in enumerate(found.tags)
    )
    reach = max(float(rows["score"].abs().max()), 1e-9)
    base = alt.Chart(rows).encode(
        x=alt.X(
            "photo:N",
            sort=None,
            title=None,
            axis=alt.Axis(labelAngle=-40, labelLimit=110, labelOverlap=False),
        ),
        y=alt.Y("hashtag:N", sort=None, title=None, axis=alt.Axis(labelOverlap=False)),
        tooltip=["photo:N", "hashtag:N", alt.Tooltip("shown:N", title="score")],
    )
    squares = base.mark_rect().encode(
        color=alt.Color(
            "score:Q",
            title="% against the usual" if mode == "calibrated" else "points",
            scale=alt.Scale(domain=[-reach, 0, reach], range=[ORANGE, "#F2F2F2", BLUE]),
            legend=alt.Legend(orient="top"),
        )
    )
    numbers = base.mark_text(fontSize=10).encode(
        text="shown:N",
        opacity=alt.value(1 if len(found.photos) <= NUMBERED else 0),
        color=alt.condition(
            f"abs(datum.score) > {0.6 * reach}", alt.value("white"), alt.value("black")
        ),
    )
    return alt.layer(squares, numbers).properties(height=max(140, 24 * len(found.tags)))


def _apart(names: Sequence[str]) -> list[str]:
    """Names with their place where several photos have the same."""
    return [
        f"{name} ({place})" if names.count(name) > 1 else name
        for place, name in enumerate(names, start=1)
    ]


def _shown(score: float, mode: Mode) -> float:
    """In per cent of the usual engagement, or in percentage points of followers."""
    return 100 * (exp(score) - 1 if mode == "calibrated" else score)


def engagement_chart(
    posts: Sequence[Post], prediction: Prediction, *, as_rate: bool
) -> LayeredChart:
    """The account's past posts, its usual level, and the prediction beside them.

    A prediction implies at least one post whose likes are known.
    """
    unit = 100 / prediction.followers if as_rate else 1.0
    title = "% of followers" if as_rate else "likes and comments"
    past = sorted((p for p in posts if p.engagement is not None), key=lambda post: post.taken_at)
    history = pd.DataFrame(
        {
            "when": [post.taken_at for post in past],
            "value": [(post.engagement or 0) * unit for post in past],
            "what": ["pinned post" if post.pinned else "past post" for post in past],
        }
    )
    first, last = past[0].taken_at, past[-1].taken_at
    when = last + max((last - first) * 0.08, timedelta(days=1))  # beside the newest, not on it
    y = alt.Y("value:Q", title=title, scale=alt.Scale(zero=True))
    dots = (
        alt.Chart(history)
        .mark_point(filled=True, size=60)
        .encode(
            x=alt.X("when:T", title=None, axis=alt.Axis(format="%b %Y", labelOverlap="greedy")),
            y=y,
            color=_COLOR,
            shape=_SHAPE,
            tooltip=[
                alt.Tooltip("when:T", title="posted"),
                alt.Tooltip("value:Q", title=title, format=",.2~f"),
                "what:N",
            ],
        )
    )
    return alt.layer(dots, *_forecast(prediction, when, unit, y, title)).properties(height=340)


_KINDS = ["past post", "pinned post", "prediction"]
_COLOR = alt.Color(
    "what:N",
    title=None,
    scale=alt.Scale(domain=_KINDS, range=[GREY, PINK, BLUE]),
    legend=alt.Legend(orient="top"),
)
_SHAPE = alt.Shape(
    "what:N",
    title=None,
    scale=alt.Scale(domain=_KINDS, range=["circle", "triangle-up", "diamond"]),
    legend=alt.Legend(orient="top"),
)


def _forecast(
    prediction: Prediction, when: datetime, unit: float, y: alt.Y, title: str
) -> list[alt.Chart]:
    usual = pd.DataFrame({"value": [prediction.usual_rate * prediction.followers * unit]})
    point = pd.DataFrame(
        {
            "when": [when],
            "value": [prediction.median * unit],
            "low": [None if prediction.low is None else prediction.low * unit],
            "high": [None if prediction.high is None else prediction.high * unit],
            "what": ["prediction"],
            "shown": [f"{count(prediction.median)} ({percent(prediction.rate)})"],
        }
    )
    base = alt.Chart(point).encode(
        x="when:T", color=_COLOR, tooltip=[alt.Tooltip("shown:N", title="prediction")]
    )
    return [
        alt.Chart(usual).mark_rule(strokeDash=[6, 4], color=ORANGE).encode(y=y),
        base.mark_rule(strokeWidth=3).encode(y=alt.Y("low:Q", title=title), y2="high:Q"),
        base.mark_point(filled=True, size=160).encode(y=y, shape=_SHAPE),
    ]


def track_chart(tracked: Sequence[Tracked]) -> LayeredChart:
    """What was predicted, with its range, and what happened: a row each, in the order given.

    Those without an outcome are left out. A log scale has no zero: it is drawn at a half.
    """
    rows = [row for item in tracked for row in _track_rows(item)]
    y = alt.Y("post:N", sort=None, title=None, axis=alt.Axis(labelOverlap=False, labelFlush=False))
    x = alt.X(
        "value:Q",
        title="likes and comments",
        scale=alt.Scale(type="log", nice=False, padding=12),
        axis=alt.Axis(format="~s", labelOverlap="greedy", tickCount=5),
    )
    base = alt.Chart(pd.DataFrame(rows)).encode(y=y)
    ranges = base.mark_rule(strokeWidth=4, opacity=0.5, color=BLUE).encode(x=x, x2="high:Q")
    legend = alt.Legend(orient="top", columns=1, labelLimit=0)
    dots = base.mark_point(filled=True, size=90, opacity=1).encode(
        x=x,
        color=alt.Color(
            "what:N",
            title=None,
            scale=alt.Scale(domain=_TRACKED, range=[BLUE, ORANGE, PINK]),
            legend=legend,
        ),
        shape=alt.Shape(
            "what:N",
            title=None,
            scale=alt.Scale(domain=_TRACKED, range=["diamond", "circle", "triangle-up"]),
            legend=legend,
        ),
        tooltip=["post:N", "what:N", alt.Tooltip("shown:N", title="likes and comments")],
    )
    drawn = [
        ranges.transform_filter("isValid(datum.high)"),
        dots.transform_filter("isValid(datum.what)"),
    ]
    return alt.layer(*drawn).properties(height=120 + 10 * len(rows))


_TRACKED = ["predicted", "happened", "happened, outside the range"]


def _track_rows(item: Tracked) -> list[dict[str, object]]:
    """The range where there is one, the prediction, and what happened."""
    outcome, prediction = item.outcome, item.recorded.prediction
    if outcome is None:
        return []
    low, median, high = prediction.low, prediction.median, prediction.high
    got = outcome.engagement
    outside = low is not None and high is not None and not low <= got <= high
    when = outcome.posted_at or item.recorded.made_at
    post = f"{when:%d %b %Y} · {item.recorded.id[:4]}"
    happened = _TRACKED[2 if outside else 1]
    rows: list[dict[str, object]] = [
        {"post": post, "value": max(median, 0.5), "what": _TRACKED[0], "shown": count(median)},
        {"post": post, "value": max(got, 0.5), "what": happened, "shown": f"{got:,}"},
    ]
    if low is not None and high is not None:
        rows.insert(0, {"post": post, "value": max(low, 0.5), "high": max(high, 0.5)})
    return rows
