"""Candidates and their ranking: the formula of 2020 against the slow obvious loop."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialsense.answers import Evidence
from socialsense.hashtag_text import find_hashtags
from socialsense.hashtags import (
    COMMON_HASHTAGS,
    formula_of,
    pool_of,
    rank_by_evidence,
    related_hashtags,
    score_photos,
)
from socialsense.votes import CALIBRATED, FAITHFUL

DENOMINATORS = ("weight", "count")


def seen(similarity, lift, owner=0, followers=1000):
    """A post with so much lift over a usual rate of 10 %."""
    return Evidence(
        f"{owner}-{similarity}-{lift}", owner, followers, 9, similarity, 0.1 + lift, 0.1, lift,
        "ab", "test",
    )  # fmt: skip


def ranked(evidence, posts_of, mode="faithful", denominator="weight", sizes=None):
    return rank_by_evidence(evidence, posts_of, formula_of(mode, denominator), sizes)


def obvious_score(posts, denominator):
    """The brief, word for word: the average of lifts weighted by similarity."""
    top = sum(post.similarity * post.lift for post in posts)
    bottom = sum(post.similarity for post in posts) if denominator == "weight" else len(posts)
    return top / bottom if bottom else 0.0


BY_HAND = [
    seen(0.9, 0.06, owner=0),
    seen(0.6, -0.02, owner=0),
    seen(0.3, 0.10, owner=1),
    seen(0.1, 0.50, owner=2),
]
"""
#sea, the first three: 0.9 · 0.06 + 0.6 · (−0.02) + 0.3 · 0.10 = 0.054 − 0.012 + 0.030 = 0.072
  over the sum of weights 1.8: 0.04; over 3 posts: 0.024
#sky, the last two: 0.3 · 0.10 + 0.1 · 0.50 = 0.080
  over the sum of weights 0.4: 0.20; over 2 posts: 0.04
"""


@pytest.mark.parametrize(
    ("denominator", "sky", "sea"), [("weight", 0.20, 0.04), ("count", 0.04, 0.024)]
)
def test_the_formula_of_2020_by_hand(denominator, sky, sea):
    pages = {"sea": [0, 1, 2], "sky": [2, 3], "moon": []}
    found = ranked(BY_HAND, pages, denominator=denominator)
    assert [item.tag for item in found] == ["sky", "sea", "moon"]
    assert [item.score for item in found] == pytest.approx([sky, sea, 0], abs=1e-9)
    first = found[1]
    assert (first.support, first.accounts) == (3, 2)
    assert first.similarity == pytest.approx(0.6)
    assert first.lift == pytest.approx(0.14 / 3)
    assert first.evidence == tuple(BY_HAND[:3])
    assert (first.trust, first.correction, first.raw) == (1, 0, first.score)


@st.composite
def pages(draw):
    """Posts, and which of them stand on the pages of some hashtags."""
    posts = draw(
        st.lists(
            st.builds(
                seen,
                st.floats(0, 1, width=32),
                st.floats(-1, 20),
                owner=st.integers(0, 5),
                followers=st.integers(0, 10**8),
            ),
            min_size=1,
            max_size=25,
        )
    )
    places = st.lists(st.integers(0, len(posts) - 1), unique=True, max_size=len(posts))
    rows = draw(st.lists(places, max_size=8))
    return posts, {f"tag{number}": row for number, row in enumerate(rows)}


@pytest.mark.parametrize("denominator", DENOMINATORS)
@given(pages=pages())
def test_the_formula_of_2020_equals_the_obvious_loop(pages, denominator):
    posts, posts_of = pages
    for item in ranked(posts, posts_of, denominator=denominator):
        chosen = [posts[place] for place in posts_of[item.tag]]
        total = sum(post.similarity for post in chosen)
        # Weights near the smallest float leave a weighted mean without digits, in any order.
        if denominator == "count" or total == 0 or total > 1e-6:
            assert item.score == pytest.approx(
                obvious_score(chosen, denominator), rel=1e-9, abs=1e-9
            )
        assert item.support == len(chosen)
        assert item.accounts == len({post.owner for post in chosen})
        similarities = [post.similarity for post in chosen] or [0]
        assert item.similarity == pytest.approx(np.mean(similarities), abs=1e-9)
        assert item.lift == pytest.approx(np.mean([p.lift for p in chosen] or [0]), abs=1e-9)


@pytest.mark.parametrize("mode", ["calibrated", "faithful"])
@given(pages=pages())
def test_whatever_the_evidence_the_ranking_makes_sense(pages, mode):
    posts, posts_of = pages
    found = ranked(posts, posts_of, mode)
    assert sorted(item.tag for item in found) == sorted(posts_of)
    supports = [bool(item.support) for item in found]
    assert supports == sorted(supports, reverse=True)  # the unknown last
    known = [item.score for item in found if item.support]
    assert all(better >= worse - 1e-9 for better, worse in pairwise(known))
    for item in found:
        assert item.draws.shape == (1000,)
        assert np.isfinite([item.score, item.raw, item.correction, *item.draws]).all()
        assert 0 <= item.trust <= 1
        assert (item.low is None) == (item.helps is None) == (item.accounts < 3)
        if item.helps is not None:
            assert item.low <= item.high
            assert 0 <= item.helps <= 1
        if item.support:
            assert item.score == pytest.approx(
                item.trust * (item.raw - item.correction), rel=1e-9, abs=1e-12
            )
        else:
            assert item.score == 0


def test_a_calibrated_score_promises_less_and_counts_an_account_once():
    """#many is one account's forty posts, #broad the posts of forty accounts, with equal lifts."""
    lifts = np.linspace(-0.1, 0.1, 40).tolist()
    evidence = [seen(0.8, 0.4 + lift, owner=0) for lift in lifts]
    evidence += [seen(0.8, 0.4 + lift, owner=100 + n) for n, lift in enumerate(lifts)]
    evidence += [seen(0.8, lift, owner=200 + n) for n, lift in enumerate(lifts)]
    posts_of = {"many": range(40), "broad": range(40, 80), "plain": range(80, 120)}
    found = {item.tag: item for item in ranked(evidence, posts_of, "calibrated")}
    many, broad, plain = (found[tag] for tag in posts_of)
    assert many.raw == pytest.approx(broad.raw) == pytest.approx(0.4)
    assert 0 < many.score < broad.score < broad.raw
    assert many.trust < broad.trust < 1
    assert plain.score < 0  # below what all pages show
    assert (many.helps, many.verdict) == (None, "not enough evidence")
    assert broad.verdict == "likely above usual"
    assert plain.verdict == "likely below usual"


def test_equal_scores_are_ordered_by_similarity_then_support_then_name():
    evidence = [seen(weight, 0.1, owner) for owner, weight in enumerate((0.2, 0.9, 0.9, 0.9, 0.9))]
    found = ranked(evidence, {"far": [0], "one": [1], "two": [2, 3], "alone": [4]})
    assert [item.tag for item in found] == ["two", "alone", "one", "far"]


def test_scores_without_evidence_stand_behind_bad_ones():
    found = ranked([seen(0.5, -0.3)], {"unknown": [], "bad": [0], "other": []})
    assert [item.tag for item in found] == ["bad", "other", "unknown"]
    assert found[0].score < found[1].score == found[2].score == 0


def test_nothing_to_rank():
    assert ranked([], {}) == ranked([], {}, "calibrated") == ()
    (alone,) = ranked([], {"new": []}, "calibrated")
    assert (alone.score, alone.support, alone.helps) == (0, 0, None)
    assert alone.verdict == "not enough evidence"


@pytest.mark.parametrize("mode", ["calibrated", "faithful"])
def test_photos_scored_together_get_what_each_gets_alone(mode):
    rng = np.random.default_rng(5)
    similarity = rng.random((3, 12))
    lifts = rng.normal(size=12)
    posts_of = {"a": [0, 1, 2, 3], "b": [3, 4, 5, 6, 7], "c": [8, 9, 10, 11]}
    rows = [[seen(w, lift, n) for n, (w, lift) in enumerate(zip(row, lifts, strict=True))]
            for row in similarity]  # fmt: skip
    pool, formula = pool_of(rows[0], posts_of, {}), formula_of(mode, "weight")
    together = score_photos(similarity, pool, formula)
    assert together.shape == (3, 3)
    for scores, evidence in zip(together, rows, strict=True):
        alone = {item.tag: item.score for item in ranked(evidence, posts_of, mode)}
        assert scores == pytest.approx([alone[tag] for tag in posts_of], abs=1e-12)
    assert score_photos(np.empty((0, 12)), pool, formula).shape == (0, 3)


def test_the_mode_chooses_the_formula():
    assert formula_of("calibrated", "weight") == formula_of("calibrated", "count") == CALIBRATED
    assert formula_of("faithful", "weight") == FAITHFUL
    assert formula_of("faithful", "count").denominator == "count"


def test_a_pool_knows_what_tells_a_hashtags_size():
    evidence = [seen(0.5, 0.1, owner, followers) for owner, followers in enumerate((10, 1000, 0))]
    pool = pool_of(evidence, {"big": [0, 1], "unknown": [2], "empty": []}, {"big": 50_000})
    assert pool.posts_of.toarray().tolist() == [[1, 1, 0], [0, 0, 1], [0, 0, 0]]
    assert pool.owners.tolist() == [0, 1, 2]
    size = math.log(50_000)
    expected = [
        [size, size**2, math.log(100)],  # the median of 10 and 1,000 on the log scale
        [math.nan, math.nan, 0.0],
        [math.nan] * 3,
    ]
    np.testing.assert_allclose(pool.traits, expected)


def test_related_hashtags_by_how_often_they_stand_beside():
    captions = [("sea", "fish"), ("sea", "fish", "blue"), ("sea", "coral", "blue"), ("fish",)]
    assert related_hashtags(["sea"], captions, 2) == ("fish", "blue")
    assert related_hashtags(["sea"], captions, 9) == ("fish", "blue", "coral")
    assert related_hashtags(["sea"], [], 9) == ()


def test_common_hashtags_are_distinct_keys():
    assert find_hashtags(" ".join(f"#{tag}" for tag in COMMON_HASHTAGS)) == COMMON_HASHTAGS
