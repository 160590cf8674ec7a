"""An account's level: robust, the latest counting most, and as sure as it says."""

from math import exp, inf, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialsense.usual import (
    CLIP,
    HALF_LIFE,
    MAX_POSTS,
    PRIOR_POSTS,
    STEPS,
    Curve,
    log_rate,
    near,
    usual_level,
)
from tests.examples import a_post, at

CURVE = Curve(log(0.02), (-0.5, -0.3, 0.0))
Y = st.floats(-8, 0)


def obvious_level(y, expected):
    """The docstring, word for word, as a loop."""
    weights = [0.5 ** (i / HALF_LIFE) for i in range(len(y))]
    level = sorted(y)[len(y) // 2] if len(y) % 2 else sum(sorted(y)[len(y) // 2 - 1 :][:2]) / 2
    for _ in range(STEPS):
        pulled = [
            w * min(1.0, CLIP / max(abs(v - level), 1e-9)) for w, v in zip(weights, y, strict=True)
        ]
        top = sum(w * v for w, v in zip(pulled, y, strict=True)) + PRIOR_POSTS * expected
        level = top / (sum(pulled) + PRIOR_POSTS)
    return level


@given(y=st.lists(Y, min_size=1, max_size=MAX_POSTS), expected=Y)
def test_the_level_equals_the_obvious_loop(y, expected):
    assert usual_level(y, expected).mean == pytest.approx(obvious_level(y, expected), abs=1e-9)


@given(y=st.lists(Y, max_size=40), expected=Y)
def test_the_level_lies_between_what_it_is_made_of(y, expected):
    level = usual_level(y, expected)
    ends = [*y[:MAX_POSTS], expected]
    assert min(ends) - 1e-9 <= level.mean <= max(ends) + 1e-9
    assert 0 < level.sd < inf
    assert level.posts == min(len(y), MAX_POSTS)


def test_no_posts_give_the_curve_and_many_forget_it():
    assert usual_level([], -4.0).mean == -4.0
    assert usual_level([-3.0] * 20, -4.0).mean == pytest.approx(-3.0, abs=0.02)


def test_the_latest_posts_count_most():
    rising = usual_level([-3.0] * 4 + [-4.0] * 8, -3.5)
    assert -3.5 < rising.mean < -3.0


def test_one_viral_post_hardly_moves_the_level():
    calm = usual_level([-3.0] * 8, -3.0).mean
    viral = usual_level([-3.0, 0.0, *[-3.0] * 6], -3.0).mean
    mean = np.mean([-3.0, 0.0, *[-3.0] * 6])
    assert viral - calm < 0.5 * (mean - calm)


def test_the_spread_grows_with_the_posts_and_shrinks_with_their_number():
    rng = np.random.default_rng(0)
    wild, tame = rng.normal(-3, 1.0, 20), rng.normal(-3, 0.1, 20)
    assert usual_level(wild.tolist(), -3).sd > 2 * usual_level(tame.tolist(), -3).sd
    assert usual_level([-3.0], -3).sd > usual_level([-3.0] * 10, -3).sd


def test_the_curve_bends_at_its_knots_and_ends_where_nothing_is_known():
    assert CURVE(10_000) == pytest.approx(log(0.02))
    assert CURVE(1_000) == pytest.approx(log(0.02) + 0.5 * log(10))
    assert CURVE(300_000) == pytest.approx(log(0.02) - 0.3 * log(30))
    assert CURVE(3_000_000) == pytest.approx(CURVE(300_000))
    assert CURVE(1) == CURVE(50)


def test_log_rate_of_no_engagement_is_a_number():
    assert exp(log_rate(0, 1000)) == pytest.approx(0.0005)


def test_near_posts_come_by_distance_in_time_without_the_post_itself():
    posts = [a_post(str(hour), taken_at=at(hour)) for hour in (0, 10, 24, 50)]
    assert [post.pk for post in near(posts[1], posts)] == ["0", "24", "50"]
