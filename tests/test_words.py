"""Numbers as people read them, and charts that carry them."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialsense import words
from socialsense.answers import PhotoHashtags, Prediction, RankedHashtag, RankedImage, Reason
from socialsense.charts import engagement_chart, hashtag_chart, photo_chart
from socialsense.types import Forgotten
from tests.examples import a_post, at


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (0.4, "0.4"), (7, "7"), (99, "99"), (1234, "1,200"), (56789, "57,000")],
)
def test_counts_have_two_digits(value, shown):
    assert words.count(value) == shown


@pytest.mark.parametrize(
    ("rate", "shown"), [(0.01934, "1.9 %"), (0.1, "10 %"), (0, "0 %"), (1.5, "150 %")]
)
def test_rates(rate, shown):
    assert words.percent(rate) == shown


@pytest.mark.parametrize(
    ("score", "shown"),
    [(0.0021, "+0.21"), (-0.051, "-5.1"), (0, "0"), (0.00000001, "0"), (0.0001, "+0.01")],
)
def test_points_are_signed(score, shown):
    assert words.points(score) == shown


@pytest.mark.parametrize(
    ("effect", "mode", "shown"),
    [
        (math.log(1.5), "calibrated", "+50 %"),
        (math.log(0.5), "calibrated", "-50 %"),
        (0.0123, "calibrated", "+1.2 %"),
        (0.0001, "calibrated", "0 %"),
        (2.0, "calibrated", "+640 %"),
        (0.0021, "faithful", "+0.21 points"),
        (0.0, "faithful", "0 points"),
    ],
)
def test_a_change_is_said_in_the_unit_of_its_mode(effect, mode, shown):
    assert words.change(effect, mode) == shown


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (1.0, "more than 9 in 10"),
        (0.96, "more than 9 in 10"),
        (0.9, "about 9 in 10"),
        (0.56, "about 6 in 10"),
        (0.1, "about 1 in 10"),
        (0.04, "less than 1 in 10"),
        (0.0, "less than 1 in 10"),
    ],
)
def test_a_chance_is_never_certain(probability, said):
    assert words.chance(probability) == said


@given(st.floats(0, 1e12))
def test_a_count_is_never_far_from_what_it_says(value):
    said = float(words.count(value).replace(",", ""))
    assert said == pytest.approx(value, rel=0.05, abs=0.05)


def prediction(low=80.0, high=210.0):
    return Prediction("me", 1000, 0.1, 0.02, 0.12, low, 120.0, high, 0.8, 10)


def test_a_forecast_says_its_range_or_why_there_is_none():
    assert words.forecast(prediction()) == "about 120 likes and comments (80 to 210)"
    assert "too few past posts" in words.forecast(prediction(None, None))


def test_a_gain_says_how_sure_it_is_where_that_is_known():
    said = words.gain(replace(prediction(), gain=1.034, gain_low=0.99, gain_high=1.07, helps=0.81))
    assert said == "×1.03 (×0.99 to ×1.07); about 8 in 10 that they help"
    assert words.gain(replace(prediction(), gain=1.2)) == "×1.20"


def test_followers_and_percentiles():
    assert words.followers(None) == "an unknown number of followers"
    assert words.followers(0) == "no followers"
    assert words.followers(4812) == "about 4,800 followers"
    assert words.percentile(ranked(84.6)) == "above 85 % of your posts"
    assert words.percentile(ranked(None)) == "above 31 % of the photos the model knows"


def test_accounts_behind_top_posts_are_a_number():
    assert words.behind_top_posts(0) == ""
    assert words.behind_top_posts(1).startswith("And 1 account behind top posts")
    assert words.behind_top_posts(1273).startswith("And 1,273 accounts behind top posts")


def ranked(percentile=50.0, beats_next=0.7, *effects):
    made_of = tuple(Reason(f"w{number}", effect) for number, effect in enumerate(effects))
    return RankedImage("a.jpg", "ab", 1, 0.4, percentile, 31.2, beats_next, made_of)


def test_a_photo_is_compared_with_the_next_in_words():
    assert words.against_next(ranked()) == "beats the next with 70 %"
    assert words.against_next(ranked(beats_next=0.59)).startswith("too close to call")
    assert words.against_next(ranked(beats_next=None)) == ""


def test_reasons_stand_on_their_side():
    assert (
        words.reasons(ranked(50, 0.7, 0.4, -0.3, 0.1).reasons) == "for it: w0, w2; against it: w1"
    )
    assert words.reasons(()) == ""


def post(age, likes, pinned=False):
    return a_post(str(age), taken_at=at(-24 * age), likes=likes, comments=3, pinned=pinned)


@pytest.mark.parametrize("as_rate", [False, True])
@pytest.mark.parametrize("ends", [(80.0, 210.0), (None, None)])
def test_engagement_chart_holds_history_and_prediction(as_rate, ends):
    posts = [post(1, 100), post(5, None), post(9, 300, pinned=True)]
    spec = engagement_chart(posts, prediction(*ends), as_rate=as_rate).to_dict()
    rows = [row for data in spec["datasets"].values() for row in data]
    unit = 0.1 if as_rate else 1
    past = sorted(row["value"] for row in rows if row.get("what") in ("past post", "pinned post"))
    assert past == pytest.approx([103 * unit, 303 * unit])  # hidden likes are not drawn
    (ahead,) = [row for row in rows if row.get("what") == "prediction"]
    assert ahead["value"] == pytest.approx(120 * unit)
    assert max(row["when"] for row in rows if "when" in row) == ahead["when"]


def test_one_post_is_enough_for_a_chart():
    assert engagement_chart([post(1, 100)], prediction(), as_rate=False).to_dict()


def a_hashtag(tag, score=0.02, low=None, high=None, helps=None, caution=None):
    return RankedHashtag(tag, score, low, high, 0.5, score, 9, helps=helps, caution=caution)


def test_cautions_go_by_kind_the_gravest_first():
    tags = [("sea", None), ("love", "generic"), ("l4l", "banned"), ("happy", "generic")]
    banned, generic = words.cautions([a_hashtag(tag, caution=kind) for tag, kind in tags])
    assert banned.startswith("#l4l: may be hidden")
    assert generic.startswith("#love #happy: too common")
    assert "No platform publishes such a list" in banned
    assert words.cautions([a_hashtag("sea")]) == []


def test_verdicts_come_from_how_likely_a_hashtag_helps():
    verdicts = {helps: a_hashtag("t", helps=helps).verdict for helps in (None, 0.05, 0.5, 0.95)}
    assert list(verdicts.values()) == [
        "not enough evidence", "likely below usual", "no clear effect", "likely above usual",
    ]  # fmt: skip


def rows_of(chart):
    spec = chart.to_dict()
    return [row for data in spec["datasets"].values() for row in data if "hashtag" in row]


def test_hashtag_chart_keeps_order_and_marks_the_set():
    ranked = [a_hashtag("b", 0.02, 0.01, 0.03, helps=0.99), a_hashtag("a", -0.01)]
    rows = rows_of(hashtag_chart(ranked, {"a"}, "faithful"))
    assert [row["hashtag"] for row in rows][:2] == ["#b", "#a"]
    assert [row["state"] for row in rows][:2] == ["not chosen", "in your set"]
    assert [row["clear"] for row in rows][:2] == [True, False]
    assert rows[0]["score"] == pytest.approx(2)  # points
    assert rows[0]["shown"] == "+2 points, 9 posts: likely above usual"


def test_hashtag_chart_shows_logarithms_as_per_cent_of_the_usual():
    ranked = [a_hashtag("a", math.log(1.5), math.log(1.2), math.log(2.0), helps=0.99)]
    (row,) = rows_of(hashtag_chart(ranked, (), "calibrated"))
    assert (row["low"], row["score"], row["high"]) == pytest.approx((20, 50, 100))
    assert "% against the usual" in hashtag_chart(ranked, (), "calibrated").to_json()


def test_photo_chart_has_a_square_for_each_photo_and_hashtag():
    scores = np.array([[0.1, 0.0, -0.1], [0.0, 0.2, 0.3]])
    names = ("same.jpg", "other.jpg")
    found = PhotoHashtags(names, ("x", "y", "z"), scores)
    rows = rows_of(photo_chart(found, "faithful"))
    assert [(r["photo"], r["hashtag"]) for r in rows] == [
        (name, f"#{tag}") for name in names for tag in "xyz"
    ]
    assert [row["score"] for row in rows] == pytest.approx([10, 0, -10, 0, 20, 30])
    assert photo_chart(PhotoHashtags(("a",), ("x",), np.zeros((1, 1))), "calibrated").to_dict()


def test_photos_of_one_name_stay_apart_in_the_chart():
    found = PhotoHashtags(("a.jpg", "b.jpg", "a.jpg"), ("x",), np.zeros((3, 1)))
    rows = rows_of(photo_chart(found, "calibrated"))
    assert [row["photo"] for row in rows] == ["a.jpg (1)", "b.jpg", "a.jpg (3)"]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Forgotten(1, 1200, 0, 1), "1 profile, 1,200 posts, 1 prediction"),
        (Forgotten(pictures=2), "2 pictures"),
        (Forgotten(), "no post and no picture"),
    ],
)
def test_what_is_forgotten_in_numbers(found, said):
    assert words.forgotten(found) == said
