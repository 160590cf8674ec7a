"""Do hashtags matter: effects put there are found, and none where there are none."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialsense import permutation, words
from socialsense.answers import HashtagEffect, Matter
from socialsense.permutation import MIN_POSTS, hashtags_matter

QUICK = 199


def history(seed, posts=60, hashtags=8, likeness=0.0, stay=0.0, bare=0.2):
    """Log engagement, days and hashtags without any effect.

    Noise has the `likeness` to the post before; a hashtag stays in use with chance `stay`.
    """
    rng = np.random.default_rng(seed)
    y = rng.normal(5, 0.5, posts)
    used = rng.random((posts, hashtags)) < rng.uniform(0.15, 0.5, hashtags)
    for before, post in pairwise(range(posts)):
        y[post] += likeness * (y[before] - 5)
        used[post] = np.where(rng.random(hashtags) < stay, used[before], used[post])
    used &= rng.random((posts, 1)) >= bare
    tags = [frozenset(f"t{tag}" for tag in np.flatnonzero(row)) for row in used]
    return y, np.cumsum(rng.exponential(4, posts)), tags


def having(tags, tag):
    return np.array([tag in post for post in tags], dtype=float)


def share_found(histories):
    return np.mean([hashtags_matter(*each, permutations=QUICK).found for each in histories])


def test_an_effect_is_found_and_measured():
    y, when, tags = history(1)
    result = hashtags_matter(y + np.log(2) * having(tags, "t3"), when, tags)
    assert result.found
    assert result.hashtags == 8
    strongest = result.strongest[0]
    assert strongest.tags == ("t3",)
    assert strongest.clear
    assert strongest.low < 2 < strongest.high
    assert strongest.factor == pytest.approx(2, rel=0.35)


def test_slight_effects_of_many_hashtags_are_found_together():
    y, when, tags = history(2, posts=120, hashtags=40)
    weights = np.random.default_rng(3).normal(0, 0.25, 40)
    y = y + sum(weight * having(tags, f"t{tag}") for tag, weight in enumerate(weights))
    assert hashtags_matter(y, when, tags).found


def test_any_hashtag_against_none_is_found():
    rng = np.random.default_rng(4)
    tags = [frozenset({f"t{rng.integers(8)}"} if rng.random() < 0.6 else ()) for _ in range(60)]
    y = rng.normal(5, 0.3, 60) + np.array([0.5 * bool(post) for post in tags])
    result = hashtags_matter(y, np.arange(60.0), tags)
    assert result.found
    assert result.strongest[0].tags == ()


def test_without_effect_p_is_spread_evenly():
    p = [hashtags_matter(*history(seed), permutations=QUICK).p_value for seed in range(200)]
    for level in (0.1, 0.25, 0.5, 0.75, 0.9):
        assert np.mean(np.array(p) <= level) == pytest.approx(level, abs=0.08)


@pytest.mark.parametrize("posts", [20, 50, 100])
def test_luck_and_hashtags_in_spells_are_no_effect(posts):
    """A plain shuffle finds one in a sixth to a quarter of these."""
    spells = (history(seed, posts, likeness=0.3, stay=0.9, bare=0) for seed in range(150))
    assert share_found(spells) <= 0.1


@pytest.mark.parametrize("growth", [lambda u: 2 * u, lambda u: np.log1p(9 * u)])
def test_growth_is_no_effect(growth):
    """An account grew and went over to new hashtags: a plain shuffle finds nearly all of these."""

    def grown(seed):
        rng = np.random.default_rng(seed)
        u = np.linspace(0, 1, 60)
        tags = [
            frozenset(f"{'new' if rng.random() < at else 'old'}{rng.integers(4)}" for _ in range(3))
            for at in u
        ]
        return rng.normal(5, 0.5, 60) + growth(u), 300 * u, tags

    assert share_found(grown(seed) for seed in range(150)) <= 0.1


@given(seed=st.integers(0, 99), scale=st.floats(0.01, 1e4))
def test_the_size_of_the_account_is_no_matter(seed, scale):
    y, when, tags = history(seed, posts=30)
    here = hashtags_matter(y, when, tags, QUICK)
    there = hashtags_matter(y + np.log(scale), when, tags, QUICK)
    assert there.p_value == pytest.approx(here.p_value)
    assert there.detectable == pytest.approx(here.detectable)


def test_the_order_given_is_no_matter_and_hidden_likes_are_left_out():
    y, when, tags = history(5)
    here = hashtags_matter(y, when, tags)
    assert hashtags_matter(y[::-1], when[::-1], tags[::-1]) == here
    hidden = hashtags_matter(np.append(y, np.nan), np.append(when, 0), [*tags, {"t0"}])
    assert hidden == here


@pytest.mark.parametrize(("posts", "stay"), [(24, 0.0), (60, 0.0), (60, 0.8)])
def test_the_detectable_effect_is_found_8_times_in_10(posts, stay):
    found = []
    for seed in range(300):
        y, when, tags = history(seed, posts, stay=stay)
        uses, rows = permutation._uses(tags)
        tested = permutation._clear(y, when, uses, rows).uses
        tag = np.random.default_rng(seed).choice([use[0] for use in tested if use])
        effect = np.log(hashtags_matter(y, when, tags, QUICK).detectable)
        found.append(hashtags_matter(y + effect * having(tags, tag), when, tags, QUICK).found)
    assert 0.7 <= np.mean(found) <= 0.9


def test_intervals_hold_for_all_hashtags_at_once():
    missed = 0
    for seed in range(150):
        result = hashtags_matter(*history(seed), permutations=QUICK)
        missed += any(item.clear for item in result.strongest)
    assert missed / 150 <= 0.1


def test_without_slow_change_it_is_the_obvious_shuffle(monkeypatch):
    """Only a mean taken out, no likeness: F is that of a difference of means, one by one."""
    monkeypatch.setattr(
        permutation, "_slow", lambda when: np.full((len(when), 1), len(when) ** -0.5)
    )
    monkeypatch.setattr(permutation, "_likeness", lambda left, taken: 0.0)
    y, when, tags = history(6, posts=16, hashtags=3, bare=0)
    cleared = permutation._clear(y, when, *permutation._uses(tags))
    shuffles = permutation._shuffle(cleared, 5)
    for column, use in enumerate(cleared.uses):
        on = np.array([post.issuperset(use) if use else bool(post) for post in tags])
        between = on.sum() * (~on).sum() / 16 * (y[on].mean() - y[~on].mean()) ** 2
        assert shuffles.share[0, column] == pytest.approx(between / ((y - y.mean()) ** 2).sum())
    np.testing.assert_allclose(shuffles.total, shuffles.total[0])  # shuffles keep mean and spread


def test_hashtags_always_together_are_tested_as_one():
    y, when, tags = history(7, bare=0)
    twins = [{*post, "twin"} if "t0" in post else post for post in tags]
    alone, both = hashtags_matter(y, when, tags), hashtags_matter(y, when, twins)
    assert both.p_value == alone.p_value
    assert both.hashtags == alone.hashtags + 1


def test_too_little_is_said():
    y, when, tags = history(8, posts=MIN_POSTS)
    assert hashtags_matter(y, when, tags).enough
    few = hashtags_matter(y[1:], when[1:], tags[1:])
    assert not few.enough
    assert "11 posts, and 12 are needed" in words.matters(few)
    none = hashtags_matter(np.empty(0), np.empty(0), [])
    assert (none.posts, none.p_value, none.strongest) == (0, None, ())


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ([{"a", "b"}] * 40, "no hashtag was used in two"),
        ([()] * 40, "no hashtag was used in two"),
        ([(f"t{post}",) for post in range(40)], "no hashtag was used in two"),
    ],
)
def test_without_choice_there_is_nothing_to_test(tags, reason):
    result = hashtags_matter(np.arange(40.0) % 7, np.arange(40.0), tags)
    assert reason in result.reason


def test_a_hashtag_that_came_once_for_all_cannot_be_told_from_time():
    y, _, _ = history(11, posts=12)
    result = hashtags_matter(y, np.arange(12.0), [("old",)] * 6 + [("new",)] * 6)
    assert "changed only slowly" in result.reason


@pytest.mark.parametrize("y", [np.full(40, 5.0), np.zeros(40), np.linspace(1, 9, 40)])
def test_engagement_that_never_varies_shows_nothing(y):
    _, _, tags = history(9, posts=40)
    result = hashtags_matter(y, np.arange(40.0), tags)
    assert "did not vary" in result.reason


def test_posts_of_one_moment_do_no_harm():
    y, _, tags = history(10)
    assert hashtags_matter(y, np.zeros(60), tags).enough


def test_lists_of_different_length_are_refused():
    with pytest.raises(ValueError, match="2 engagements, 1 times, 2 sets of hashtags"):
        hashtags_matter(np.zeros(2), np.zeros(1), [(), ()])


@given(
    y=st.lists(st.sampled_from([0.0, 0.7, 5.0, float("nan")]), max_size=30),
    seed=st.integers(0, 99),
)
def test_rough_histories_never_break(y, seed):
    rng = np.random.default_rng(seed)
    tags = [{f"t{tag}" for tag in rng.integers(0, 6, rng.integers(0, 3))} for _ in y]
    result = hashtags_matter(np.array(y), rng.integers(0, 5, len(y)).astype(float), tags, 20)
    assert words.matters(result)
    assert not result.enough or 0 < result.p_value <= 1


def result(p_value, *strongest):
    return Matter(48, 12, p_value, 2000, 1.42, strongest)


def test_no_sign_says_what_could_have_been_seen():
    assert words.matters(result(0.412)) == (
        "No sign that your choice of hashtags mattered (p = 0.41, 48 posts). An effect of ×1.4 or "
        "more on one hashtag would have been found about 8 times in 10; smaller ones are beyond "
        "what 48 posts can show."
    )


def test_a_sign_is_no_cause():
    said = words.matters(result(0.003, HashtagEffect(("sea", "reef"), 1.6, 1.2, 2.13)))
    assert "posts with #sea #reef got ×1.6 the engagement of those without (×1.2 to ×2.1)" in said
    assert "need not be their doing" in said
    assert "posts with hashtags got" in words.effect(HashtagEffect((), 1.6, 1.2, 2.1))
    assert "No single hashtag stands out" in words.matters(
        result(0.003, HashtagEffect(("sea",), 1.3, 0.9, 1.9))
    )
