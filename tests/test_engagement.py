"""Rates, the usual rate, and the prediction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialsense.engagement import engagement_rate, predict_engagement, usual_rate
from socialsense.errors import NoHistory
from socialsense.types import HashtagSet, RankedHashtag
from tests.examples import a_post, a_profile, at


def profile(followers=1000):
    return a_profile(followers=followers)


def post(likes, age=1, comments=0, pinned=False):
    return a_post(taken_at=at(-24 * age), likes=likes, comments=comments, pinned=pinned)


def tag(score):
    return RankedHashtag("t", score, None, None, 0.5, score, 9)


def test_engagement_counts_comments_where_they_are_known():
    assert engagement_rate(post(90, comments=10), 1000) == 0.1
    assert engagement_rate(post(90, comments=None), 1000) == 0.09
    assert engagement_rate(post(None, comments=10), 1000) is None


@pytest.mark.parametrize("followers", [0, None])
def test_no_followers_no_rate(followers):
    assert engagement_rate(post(5), followers) is None
    assert usual_rate([post(5)], followers) is None
    with pytest.raises(NoHistory, match="no followers"):
        predict_engagement(profile(followers), [post(5)], HashtagSet(()))


def test_usual_rate_leaves_pinned_posts_and_hidden_likes_out():
    posts = [post(100), post(9999, age=2, pinned=True), post(None, age=3), post(200, age=4)]
    assert usual_rate(posts, 1000) == pytest.approx(0.15)


def test_usual_rate_is_of_the_last_ten_that_count():
    recent = [post(100, age=day) for day in range(1, 11)]
    hidden = [post(None, age=0), post(5000, age=0, pinned=True)]
    old = [post(9999, age=day) for day in range(50, 60)]
    assert usual_rate([*old, *hidden, *recent], 1000) == pytest.approx(0.1)


def test_only_hidden_likes_is_no_history():
    with pytest.raises(NoHistory, match="no post whose likes are known"):
        predict_engagement(profile(), [post(None)], HashtagSet(()))


def test_prediction_is_usual_plus_mean_score_times_followers():
    posts = [post(100, age=day) for day in range(1, 11)]
    chosen = HashtagSet((tag(0.02), tag(0.04)))
    prediction = predict_engagement(profile(), posts, chosen)
    assert prediction.usual_rate == pytest.approx(0.1)
    assert prediction.rate == pytest.approx(0.13)
    assert prediction.median == pytest.approx(130)


def test_no_hashtags_predict_the_usual():
    prediction = predict_engagement(profile(), [post(100)], HashtagSet(()))
    assert prediction.median == pytest.approx(100)
    assert (prediction.low, prediction.high) == (None, None)


def test_prediction_is_never_negative():
    prediction = predict_engagement(profile(), [post(1)], HashtagSet((tag(-0.5),)))
    assert prediction.median == 0


def test_ten_posts_give_the_range_from_lowest_to_highest():
    posts = [post(likes, age=age) for age, likes in enumerate(range(100, 200, 10), start=1)]
    prediction = predict_engagement(profile(), posts, HashtagSet((tag(0.01),)))
    assert prediction.low == pytest.approx(110)
    assert prediction.high == pytest.approx(200)
    assert prediction.coverage == pytest.approx(1 - 2 / 11)


@pytest.mark.parametrize("history", [9, 10, 19, 30])
def test_range_covers_as_often_as_it_says(history):
    rng = np.random.default_rng(history)
    hits, trials, coverage = 0, 1500, 0.0
    for _ in range(trials):
        likes = (rng.lognormal(5, 0.5, history + 1)).round().astype(int).tolist()
        past = [post(n, age=age) for age, n in enumerate(likes[1:], start=1)]
        forecast = predict_engagement(profile(), past, HashtagSet(()), last=history)
        coverage = forecast.coverage
        hits += forecast.low <= likes[0] <= forecast.high
    assert coverage >= 0.8
    assert hits / trials == pytest.approx(coverage, abs=0.04)


@given(
    likes=st.lists(st.one_of(st.none(), st.integers(0, 10**9)), max_size=40),
    followers=st.one_of(st.none(), st.integers(0, 10**9)),
    scores=st.lists(st.floats(-1, 1), max_size=5),
)
def test_any_history_gives_a_prediction_or_says_why_not(likes, followers, scores):
    posts = [post(n, age=age) for age, n in enumerate(likes)]
    chosen = HashtagSet(tuple(tag(score) for score in scores))
    try:
        prediction = predict_engagement(profile(followers), posts, chosen)
    except NoHistory:
        assert not followers or all(n is None for n in likes)
        return
    assert prediction.median >= 0
    if prediction.low is not None:
        assert 0 <= prediction.low <= prediction.high
