"""Rates, the usual rate, and the prediction in both modes."""

from datetime import timedelta
from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialsense.answers import HashtagSet, RankedHashtag
from socialsense.engagement import (
    COVERAGE,
    engagement_rate,
    gain_of,
    interval_of,
    predict_calibrated,
    predict_faithful,
    usual_rate,
)
from socialsense.errors import NoHistory
from tests.engagement_examples import MODEL
from tests.examples import NOON, a_post, a_profile, at

NOTHING = HashtagSet(())
NO_DRAWS = np.empty((0, 0), np.float32)


def profile(followers=1000):
    return a_profile(followers=followers)


def post(likes, age=1, comments=0, pinned=False):
    return a_post(f"{age}", taken_at=at(-24 * age), likes=likes, comments=comments, pinned=pinned)


def steady(likes=100, count=10):
    """Posts three days old and older, all alike."""
    return [post(likes, age=age) for age in range(3, 3 + count)]


def tag(score):
    return RankedHashtag("t", score, None, None, 0.5, score, 9)


def draws(*means, spread=0.0):
    noise = np.random.default_rng(0).normal(0, spread, (len(means), 1000))
    return (np.array(means)[:, None] + noise).astype(np.float32)


def calibrated(posts, chosen=NOTHING, drawn=NO_DRAWS, followers=1000, **changes):
    return predict_calibrated(profile(followers), posts, chosen, drawn, MODEL, **changes)


def test_engagement_counts_comments_where_they_are_known():
    assert engagement_rate(post(90, comments=10), 1000) == 0.1
    assert engagement_rate(post(90, comments=None), 1000) == 0.09
    assert engagement_rate(post(None, comments=10), 1000) is None


@pytest.mark.parametrize("followers", [0, None])
def test_no_followers_no_rate(followers):
    assert engagement_rate(post(5), followers) is None
    assert usual_rate([post(5)], followers) is None
    with pytest.raises(NoHistory, match="no followers"):
        predict_faithful(profile(followers), [post(5)], NOTHING)
    with pytest.raises(NoHistory, match="no followers"):
        calibrated(steady(), followers=followers)


def test_usual_rate_leaves_pinned_posts_and_hidden_likes_out():
    posts = [post(100), post(9999, age=2, pinned=True), post(None, age=3), post(200, age=4)]
    assert usual_rate(posts, 1000) == pytest.approx(0.15)


def test_usual_rate_is_of_the_last_ten_that_count():
    recent = [post(100, age=day) for day in range(1, 11)]
    hidden = [post(None, age=0), post(5000, age=0, pinned=True)]
    old = [post(9999, age=day) for day in range(50, 60)]
    assert usual_rate([*old, *hidden, *recent], 1000) == pytest.approx(0.1)


@pytest.mark.parametrize("posts", [[], [post(None)], [post(50, pinned=True)]])
def test_without_posts_that_count_there_is_no_history(posts):
    with pytest.raises(NoHistory, match="no post whose likes are known"):
        predict_faithful(profile(), posts, NOTHING)
    with pytest.raises(NoHistory, match="no post whose likes are known"):
        calibrated(posts)


class TestFaithful:
    """The formula of 2020."""

    def test_prediction_is_usual_plus_mean_score_times_followers(self):
        posts = [post(100, age=day) for day in range(1, 11)]
        prediction = predict_faithful(profile(), posts, HashtagSet((tag(0.02), tag(0.04))))
        assert prediction.mode == "faithful"
        assert prediction.usual_rate == pytest.approx(0.1)
        assert prediction.rate == pytest.approx(0.13)
        assert prediction.median == pytest.approx(130)
        assert prediction.gain == pytest.approx(1.3)

    def test_no_hashtags_predict_the_usual(self):
        prediction = predict_faithful(profile(), [post(100)], NOTHING)
        assert prediction.median == pytest.approx(100)
        assert prediction.gain == 1
        assert (prediction.low, prediction.high) == (None, None)

    def test_prediction_is_never_negative(self):
        prediction = predict_faithful(profile(), [post(1)], HashtagSet((tag(-0.5),)))
        assert prediction.median == 0

    def test_ten_posts_give_the_range_from_lowest_to_highest(self):
        posts = [post(likes, age=age) for age, likes in enumerate(range(100, 200, 10), start=1)]
        prediction = predict_faithful(profile(), posts, HashtagSet((tag(0.01),)))
        assert prediction.low == pytest.approx(110)
        assert prediction.high == pytest.approx(200)
        assert prediction.coverage == pytest.approx(1 - 2 / 11)

    @pytest.mark.parametrize("history", [9, 10, 19, 30])
    def test_range_covers_as_often_as_it_says(self, history):
        rng = np.random.default_rng(history)
        hits, trials, coverage = 0, 1500, 0.0
        for _ in range(trials):
            likes = (rng.lognormal(5, 0.5, history + 1)).round().astype(int).tolist()
            past = [post(n, age=age) for age, n in enumerate(likes[1:], start=1)]
            forecast = predict_faithful(profile(), past, NOTHING, last=history)
            coverage = forecast.coverage
            hits += forecast.low <= likes[0] <= forecast.high
        assert coverage >= 0.8
        assert hits / trials == pytest.approx(coverage, abs=0.04)


class TestCalibrated:
    """Log engagement, with numbers learned elsewhere."""

    def test_an_account_whose_posts_are_all_alike_gets_the_same_again(self):
        prediction = calibrated(steady(100))
        # A tenth of a post is worth what accounts of 1,000 followers have: exp(-1.85) = 16 %.
        assert prediction.median == pytest.approx(100, rel=0.01)
        assert prediction.rate == pytest.approx(prediction.median / 1000)
        assert prediction.usual_rate == pytest.approx(prediction.rate)
        assert (prediction.mode, prediction.history) == ("calibrated", 10)
        assert prediction.coverage == COVERAGE

    def test_one_outlier_hardly_moves_it_and_the_mean_of_2020_a_lot(self):
        posts = [*steady(100, count=9), post(100_000, age=12)]
        assert calibrated(posts).median < 120
        assert predict_faithful(profile(), posts, NOTHING).median > 10_000

    def test_the_latest_posts_count_most(self):
        rising = [post(400 - 30 * place, age=3 + place) for place in range(10)]
        falling = [post(130 + 30 * place, age=3 + place) for place in range(10)]
        assert calibrated(rising).median > 1.3 * calibrated(falling).median

    def test_the_range_reaches_as_far_as_the_tails_of_its_tier(self):
        nano, mega = calibrated(steady()), calibrated(steady(10**5), followers=10**6)
        for prediction, tails in ((nano, (-1.0, 2.0)), (mega, (-0.75, 0.5))):
            low, middle, high = (
                log(value + 0.5) for value in (prediction.low, prediction.median, prediction.high)
            )
            assert (high - middle) / (middle - low) == pytest.approx(-tails[1] / tails[0])
        assert log(nano.high / nano.low) > log(mega.high / mega.low)

    def test_an_unsteady_account_has_a_wider_range(self):
        unsteady = [post(50 if age % 2 else 200, age=age) for age in range(3, 13)]
        wide, narrow = calibrated(unsteady), calibrated(steady())
        assert wide.high / wide.low > 2 * narrow.high / narrow.low

    def test_no_hashtags_change_nothing(self):
        prediction = calibrated(steady())
        assert prediction.gain == prediction.photo == 1
        assert prediction.set_score == 0
        assert (prediction.gain_low, prediction.gain_high, prediction.helps) == (None, None, None)
        assert prediction.median == pytest.approx(prediction.usual_rate * 1000)

    def test_scores_count_by_the_slope(self):
        chosen = HashtagSet((tag(0.1), tag(0.3)))  # 0.2 on average, of which a half
        prediction = calibrated(steady(), chosen, draws(0.1, 0.3, spread=0.1))
        plain = calibrated(steady())
        assert prediction.gain == pytest.approx(exp(0.1))
        assert (prediction.median + 0.5) / (plain.median + 0.5) == pytest.approx(exp(0.1))
        assert (prediction.high + 0.5) / (plain.high + 0.5) == pytest.approx(exp(0.1))
        assert prediction.gain_low < prediction.gain < prediction.gain_high
        assert prediction.helps > 0.95
        assert prediction.usual_rate == plain.usual_rate

    def test_a_photo_multiplies_what_is_expected(self):
        plain, better = calibrated(steady()), calibrated(steady(), photo_effect=log(1.5))
        assert better.photo == pytest.approx(1.5)
        assert (better.median + 0.5) / (plain.median + 0.5) == pytest.approx(1.5)
        assert better.usual_rate == plain.usual_rate
        assert better.gain == 1

    def test_young_posts_count_only_where_there_are_no_others(self):
        young = [post(5, age=1), post(5, age=1.9)]
        assert calibrated([*young, *steady(100)]).median == pytest.approx(100, rel=0.01)
        assert calibrated(young).median < 10
        assert calibrated(young).history == 2

    def test_a_post_is_as_old_as_it_was_when_read(self):
        later = NOON + timedelta(days=3)
        read_late = a_post("late", taken_at=NOON, fetched_at=later, likes=300)
        assert calibrated([read_late, post(5)]).history == 1

    def test_it_is_never_negative(self):
        prediction = calibrated(steady(0), HashtagSet((tag(-5.0),)), draws(-5.0))
        assert 0 <= prediction.low <= prediction.median <= prediction.high
        assert prediction.median == 0


def test_a_gain_is_read_from_joint_draws():
    """Two that always err in opposite directions are sure together, though neither is alone."""
    noise = np.random.default_rng(1).normal(0, 1, 1000)
    apart = gain_of(np.stack([0.2 + noise, 0.2 + noise]).astype(np.float32), MODEL)
    together = gain_of(np.stack([0.2 + noise, 0.2 - noise]).astype(np.float32), MODEL)
    assert apart[0] < 1 < together[0] < exp(0.5 * 0.2) < together[1] < apart[1]
    assert apart[2] < 0.7
    assert together[2] > 0.99


def test_no_effect_at_all_counts_half():
    assert interval_of(np.zeros(100)) == (0.0, 0.0, 0.5)
    assert interval_of(np.array([-1.0, 0.0, 1.0, 1.0]))[2] == 0.625
    low, high, _ = interval_of(np.linspace(-1, 1, 1001))
    assert (low, high) == pytest.approx((-0.8, 0.8))


@given(
    likes=st.lists(st.one_of(st.none(), st.integers(0, 10**9)), max_size=40),
    followers=st.one_of(st.none(), st.integers(0, 10**9)),
    scores=st.lists(st.floats(-1, 1), max_size=5),
)
def test_any_history_gives_a_prediction_or_says_why_not(likes, followers, scores):
    posts = [post(n, age=age) for age, n in enumerate(likes)]
    chosen = HashtagSet(tuple(tag(score) for score in scores))
    for predict in (
        lambda: predict_faithful(profile(followers), posts, chosen),
        lambda: calibrated(posts, chosen, draws(*scores, spread=0.1), followers),
    ):
        try:
            prediction = predict()
        except NoHistory:
            assert not followers or all(n is None for n in likes)
            continue
        assert np.isfinite([prediction.median, prediction.usual_rate, prediction.gain]).all()
        assert prediction.median >= 0
        assert prediction.usual_rate >= 0
        if prediction.low is not None:
            assert 0 <= prediction.low <= prediction.high
        if prediction.mode == "calibrated":
            assert prediction.low <= prediction.median <= prediction.high
            assert (prediction.helps is None) == (not scores)
