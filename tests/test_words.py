"""Numbers as people read them, and charts that carry them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialsense import words
from socialsense.charts import engagement_chart, hashtag_chart
from socialsense.types import Prediction, RankedHashtag, RankedImage, Reason
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


@given(st.floats(0, 1e12))
def test_a_count_is_never_far_from_what_it_says(value):
    said = float(words.count(value).replace(",", ""))
    assert said == pytest.approx(value, rel=0.05, abs=0.05)


def prediction(low=80.0, high=210.0):
    return Prediction("me", 1000, 0.1, 0.02, 0.12, low, 120.0, high, 0.8, 10)


def test_a_forecast_says_its_range_or_why_there_is_none():
    assert words.forecast(prediction()) == "about 120 likes and comments (80 to 210)"
    assert "too few past posts" in words.forecast(prediction(None, None))


def test_followers_and_percentiles():
    assert words.followers(None) == "an unknown number of followers"
    assert words.followers(0) == "no followers"
    assert words.followers(4812) == "about 4,800 followers"
    assert words.percentile(ranked(84.6)) == "above 85 % of your posts"
    assert words.percentile(ranked(None)) == "above 31 % of the photos the model knows"


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


def test_hashtag_chart_keeps_order_and_marks_the_set():
    ranked = [
        RankedHashtag("b", 0.02, 0.01, 0.03, 0.5, 0.02, 9),
        RankedHashtag("a", -0.01, None, None, 0.5, -0.01, 2),
    ]
    spec = hashtag_chart(ranked, {"a"}).to_dict()
    rows = [row for data in spec["datasets"].values() for row in data if "hashtag" in row]
    assert [row["hashtag"] for row in rows][:2] == ["#b", "#a"]
    assert [row["state"] for row in rows][:2] == ["not chosen", "in your set"]
