"""The ranker: its formula against the slow obvious loop, and answers visible by eye."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from socialsense.hashtags import (
    COMMON_HASHTAGS,
    MIN_SUPPORT,
    membership,
    related_hashtags,
    score_hashtags,
)

DENOMINATORS = ("weight", "count")


def obvious_score(weights, lifts, denominator):
    """The brief, word for word: the average of lifts weighted by similarity."""
    top = sum(w * lift for w, lift in zip(weights, lifts, strict=True))
    bottom = sum(weights) if denominator == "weight" else len(weights)
    return top / bottom if bottom else 0.0


@st.composite
def pools(draw):
    """Weights, lifts, and the posts of some hashtags."""
    size = draw(st.integers(1, 25))
    weights = draw(hnp.arrays(np.float64, size, elements=st.floats(0, 1, width=32)))
    lifts = draw(hnp.arrays(np.float64, size, elements=st.floats(-2, 20)))
    rows = draw(
        st.lists(st.lists(st.integers(0, size - 1), unique=True, max_size=size), max_size=8)
    )
    return weights, lifts, rows


@pytest.mark.parametrize("denominator", DENOMINATORS)
@given(pool=pools())
def test_scores_equal_the_obvious_loop(pool, denominator):
    weights, lifts, rows = pool
    scores = score_hashtags(weights, lifts, membership(rows, len(weights)), denominator)
    for row, columns in enumerate(rows):
        w, lift = weights[columns], lifts[columns]
        # Weights near the smallest float leave a weighted mean without digits, in any order.
        if denominator == "count" or w.sum() == 0 or w.sum() > 1e-6:
            assert scores.score[row] == pytest.approx(
                obvious_score(w, lift, denominator), rel=1e-9, abs=1e-9
            )
        assert scores.support[row] == len(columns)
        assert scores.similarity[row] == pytest.approx(w.mean() if len(w) else 0, abs=1e-9)
        assert scores.lift[row] == pytest.approx(lift.mean() if len(w) else 0, abs=1e-9)


@given(pool=pools())
def test_a_weighted_mean_stays_within_its_lifts(pool):
    weights, lifts, rows = pool
    scores = score_hashtags(weights, lifts, membership(rows, len(weights)))
    for row, columns in enumerate(rows):
        if weights[columns].sum() > 1e-6:
            low, high = lifts[columns].min(), lifts[columns].max()
            assert low - 1e-9 <= scores.score[row] <= high + 1e-9


@pytest.mark.parametrize("denominator", DENOMINATORS)
@given(pool=pools(), factor=st.floats(0.1, 1))
def test_what_the_denominator_means(pool, factor, denominator):
    """Half the similarity everywhere: a weighted mean stays, a mean of products halves."""
    weights, lifts, rows = pool
    rows = [columns for columns in rows if weights[columns].sum() > 1e-3]
    posts_of = membership(rows, len(weights))
    before = score_hashtags(weights, lifts, posts_of, denominator).score
    after = score_hashtags(weights * factor, lifts, posts_of, denominator).score
    expected = before if denominator == "weight" else before * factor
    np.testing.assert_allclose(after, expected, rtol=1e-7, atol=1e-9)


def test_interval_encloses_the_score_and_needs_support():
    rng = np.random.default_rng(7)
    rows = [list(range(n)) for n in range(1, 12)]
    for denominator in DENOMINATORS:
        scores = score_hashtags(
            rng.random(12), rng.normal(size=12), membership(rows, 12), denominator
        )
        for row, columns in enumerate(rows):
            if len(columns) < MIN_SUPPORT:
                assert math.isnan(scores.low[row])
                assert math.isnan(scores.high[row])
            else:
                assert scores.low[row] < scores.score[row] < scores.high[row]


def test_interval_covers_as_often_as_it_says():
    """Equal weights, independent normal lifts: 80 % of intervals hold the true mean."""
    rng = np.random.default_rng(11)
    tags, posts = 4000, 9
    rows = np.arange(tags * posts).reshape(tags, posts).tolist()
    lifts = rng.normal(0.3, 1.0, tags * posts)
    scores = score_hashtags(np.full(tags * posts, 0.5), lifts, membership(rows, tags * posts))
    covered = np.mean((scores.low < 0.3) & (scores.high > 0.3))
    assert 0.78 < covered < 0.82


def test_equal_scores_are_ordered_by_similarity_then_support_then_name():
    weights = np.array([0.2, 0.9, 0.9, 0.9, 0.9])
    rows = [[0], [1], [2, 3], [4]]
    scores = score_hashtags(weights, np.full(5, 0.1), membership(rows, 5))
    order = scores.order(["far", "one", "two", "alone"])
    assert [["far", "one", "two", "alone"][i] for i in order] == ["two", "alone", "one", "far"]


def test_no_hashtags_and_no_posts():
    assert score_hashtags(np.empty(0), np.empty(0), membership([], 0)).score.shape == (0,)
    empty = score_hashtags(np.empty(0), np.empty(0), membership([[]], 0))
    assert empty.score.tolist() == [0.0]
    assert empty.support.tolist() == [0.0]


def test_related_hashtags_by_how_often_they_stand_beside():
    captions = [("sea", "fish"), ("sea", "fish", "blue"), ("sea", "coral", "blue"), ("fish",)]
    assert related_hashtags(["sea"], captions, 2) == ("fish", "blue")
    assert related_hashtags(["sea"], captions, 9) == ("fish", "blue", "coral")
    assert related_hashtags(["sea"], [], 9) == ()


def test_common_hashtags_are_distinct_keys():
    from socialsense.hashtag_text import find_hashtags

    assert find_hashtags(" ".join(f"#{tag}" for tag in COMMON_HASHTAGS)) == COMMON_HASHTAGS
