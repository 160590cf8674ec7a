"""Scores: the formula against the slow obvious loop, its intervals, and which way it moves."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from socialsense.scores import MIN_ACCOUNTS, score_hashtags
from socialsense.shrinkage import SPREADS, likely_spreads, posterior, prior_of
from socialsense.votes import (
    CALIBRATED,
    CLIP,
    FAITHFUL,
    Pool,
    count_votes,
    independent,
    membership,
    weighted_lifts,
)

DENOMINATORS = ("weight", "count")


def pool_of(rows, lifts, owners=None, traits=None):
    n = len(lifts)
    owners = np.arange(n) if owners is None else np.asarray(owners)
    traits = np.empty((len(rows), 0)) if traits is None else traits
    return Pool(membership(rows, n), np.asarray(lifts, dtype=float), owners, traits)


def faithful(denominator="weight"):
    return replace(FAITHFUL, denominator=denominator)


def obvious(weights, lifts, denominator):
    """The brief, word for word: the average of lifts weighted by similarity."""
    top = sum(w * lift for w, lift in zip(weights, lifts, strict=True))
    bottom = sum(weights) if denominator == "weight" else len(weights)
    return top / bottom if bottom else 0.0


def obvious_with_accounts(weights, lifts, owners):
    """Each account's mean lift, voting with the sum of its similarities, at most 1."""
    top = bottom = 0.0
    for owner in set(owners):
        own = [i for i, other in enumerate(owners) if other == owner]
        total = sum(weights[i] for i in own)
        if total:
            mean = sum(weights[i] * np.clip(lifts[i], -CLIP, CLIP) for i in own) / total
            top += min(1.0, total) * mean
            bottom += min(1.0, total)
    return top / bottom if bottom else 0.0


@st.composite
def worlds(draw):
    """Weights, lifts, owners, and the posts of some hashtags."""
    size = draw(st.integers(1, 25))
    # A similarity below a thousandth leaves a weighted mean without digits, in any order.
    close = st.one_of(st.just(0.0), st.floats(1e-3, 1))
    weights = draw(hnp.arrays(np.float64, size, elements=close))
    lifts = draw(hnp.arrays(np.float64, size, elements=st.floats(-3, 3)))
    owners = draw(hnp.arrays(np.int64, size, elements=st.integers(0, 6)))
    row = st.lists(st.integers(0, size - 1), unique=True, max_size=size)
    return weights, lifts, owners, draw(st.lists(row, max_size=8))


@pytest.mark.parametrize("denominator", DENOMINATORS)
@given(world=worlds())
def test_faithful_scores_equal_the_obvious_loop(world, denominator):
    weights, lifts, owners, rows = world
    scores = score_hashtags(weights, pool_of(rows, lifts, owners), faithful(denominator), draws=0)
    for row, columns in enumerate(rows):
        w, lift = weights[columns], lifts[columns]
        assert scores.score[row] == pytest.approx(obvious(w, lift, denominator), abs=1e-9)
        assert scores.support[row] == len(columns)
        assert scores.accounts[row] == len(set(owners[columns]))
        assert scores.similarity[row] == pytest.approx(w.mean() if len(w) else 0, abs=1e-9)
        assert scores.lift[row] == pytest.approx(lift.mean() if len(w) else 0, abs=1e-9)


@given(world=worlds())
def test_with_one_vote_an_account_the_loop_is_still_obvious(world):
    weights, lifts, owners, rows = world
    found = score_hashtags(weights, pool_of(rows, lifts, owners), CALIBRATED, draws=0)
    for row, columns in enumerate(rows):
        expected = obvious_with_accounts(weights[columns], lifts[columns], owners[columns].tolist())
        assert found.raw[row] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("formula", [faithful(), CALIBRATED])
@given(world=worlds())
def test_a_weighted_mean_stays_within_its_lifts(world, formula):
    weights, lifts, owners, rows = world
    raw = score_hashtags(weights, pool_of(rows, lifts, owners), formula, draws=0).raw
    kept = np.clip(lifts, -CLIP, CLIP) if formula.clip else lifts
    for row, columns in enumerate(rows):
        if weights[columns].sum() > 0:
            assert kept[columns].min() - 1e-9 <= raw[row] <= kept[columns].max() + 1e-9


@pytest.mark.parametrize("denominator", DENOMINATORS)
@given(world=worlds(), factor=st.floats(0.1, 1))
def test_what_the_denominator_means(world, factor, denominator):
    """Half the similarity everywhere: a weighted mean stays, a mean of products halves."""
    weights, lifts, owners, rows = world
    pool = pool_of(rows, lifts, owners)
    before = score_hashtags(weights, pool, faithful(denominator), draws=0).score
    after = score_hashtags(weights * factor, pool, faithful(denominator), draws=0).score
    expected = before if denominator == "weight" else before * factor
    np.testing.assert_allclose(after, expected, rtol=1e-7, atol=1e-9)


@given(world=worlds())
def test_equal_similarities_leave_the_ranking_to_the_posts(world):
    _, lifts, owners, rows = world
    pool = pool_of(rows, lifts, owners)
    low, high = (
        score_hashtags(np.full(len(lifts), level), pool, faithful(), draws=0).score
        for level in (0.2, 0.9)
    )
    np.testing.assert_allclose(low, high, atol=1e-9)


def one_more(world, tag, owner, lift, weight):
    """The world with one more post on a hashtag's page."""
    weights, lifts, owners, rows = world
    longer = [[*row, len(lifts)] if number == tag else row for number, row in enumerate(rows)]
    return np.append(weights, weight), np.append(lifts, lift), np.append(owners, owner), longer


def shrunk(world, prior):
    """(T,) scores by what an earlier pool says of all hashtags."""
    weights, lifts, owners, rows = world
    votes = count_votes(weights, pool_of(rows, lifts, owners), CALIBRATED)
    effects = weighted_lifts(votes) - prior.expected
    trust, _ = posterior(effects, prior.error(votes), prior.spreads)
    return trust * effects, weighted_lifts(votes)


@given(
    world=worlds(),
    data=st.data(),
    beyond=st.floats(0, 1),
    weight=st.floats(0.01, 1),
    better=st.booleans(),
)
def test_one_more_post_never_moves_a_score_the_wrong_way(world, data, beyond, weight, better):
    """Of an account already there or a new one; better than it, the page and what selection gives.

    With what the pool says of all hashtags given: one page more or less hardly changes that.
    """
    weights, lifts, owners, rows = world
    filled = [number for number, row in enumerate(rows) if weights[row].sum() > 0]
    if not filled:
        return
    tag = data.draw(st.sampled_from(filled))
    owner = data.draw(st.sampled_from([*owners[rows[tag]].tolist(), 99]))
    votes = count_votes(weights, pool_of(rows, lifts, owners), CALIBRATED)
    prior = prior_of(votes, weighted_lifts(votes), np.empty((len(rows), 0)), CALIBRATED)
    before, raw = shrunk(world, prior)
    kept = np.clip(lifts, -CLIP, CLIP)
    own = [i for i in rows[tag] if owners[i] == owner and weights[i] > 0]
    own_mean = [np.average(kept[own], weights=weights[own])] if own else []
    sign = 1 if better else -1
    bar = max(sign * value for value in (raw[tag], prior.expected[tag], *own_mean))
    after, raw_after = shrunk(one_more(world, tag, owner, sign * (bar + beyond), weight), prior)
    assert sign * (raw_after[tag] - raw[tag]) >= -1e-9
    assert sign * (after[tag] - before[tag]) >= -1e-9


@given(world=worlds(), data=st.data())
def test_more_posts_of_one_account_weigh_no_more_than_one_just_like_the_photo(world, data):
    weights, lifts, owners, rows = world
    votes = count_votes(weights, pool_of(rows, lifts, owners), CALIBRATED)
    assert votes.weight.max(initial=0) <= 1 + 1e-12
    assert (independent(votes) <= np.diff(votes.ends) + 1e-9).all()


def test_no_evidence_is_no_effect_and_thin_evidence_hardly_one():
    rows = [[], [0], list(range(1, 9)), list(range(9, 59))]
    lifts = 0.8 + np.array([0.0] + 29 * [0.3, -0.3])
    formula = replace(CALIBRATED, correction="none")
    found = score_hashtags(np.ones(59), pool_of(rows, lifts), formula)
    assert found.score[0] == 0
    assert 0 < found.trust[1] < found.trust[2] < found.trust[3] < 1
    assert 0 < found.score[1] < found.score[2] < found.score[3] < 0.8


def test_fewer_than_three_accounts_are_not_enough_evidence():
    rows = [list(range(n)) for n in range(1, 12)]
    owners = [0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]
    lifts = np.random.default_rng(7).normal(size=11)
    for formula in (faithful(), faithful("count"), CALIBRATED):
        found = score_hashtags(np.full(11, 0.5), pool_of(rows, lifts, owners), formula)
        for row, columns in enumerate(rows):
            known = len({owners[i] for i in columns}) >= MIN_ACCOUNTS
            assert math.isfinite(found.low[row]) == known
            assert math.isfinite(found.helps[row]) == known
            if known:
                assert found.low[row] < found.score[row] < found.high[row]


def test_the_faithful_interval_covers_as_often_as_it_says():
    """Equal weights, independent normal lifts: 80 % of intervals hold the true mean."""
    rng = np.random.default_rng(11)
    tags, posts = 1500, 9
    rows = np.arange(tags * posts).reshape(tags, posts).tolist()
    lifts = rng.normal(0.3, 1.0, tags * posts)
    found = score_hashtags(np.full(tags * posts, 0.5), pool_of(rows, lifts), faithful(), draws=400)
    covered = np.mean((found.low < 0.3) & (found.high > 0.3))
    assert 0.77 < covered < 0.84


def test_the_calibrated_interval_covers_as_often_as_it_says():
    """True effects of a size the prior expects, each seen through nine noisy posts."""
    rng = np.random.default_rng(5)
    hits = []
    for _ in range(40):
        truth = rng.normal(0, abs(rng.normal(0, 0.15)), 60)
        rows = np.arange(540).reshape(60, 9).tolist()
        lifts = np.repeat(truth, 9) + rng.normal(0, 0.45, 540)
        formula = replace(CALIBRATED, correction="none")
        found = score_hashtags(np.full(540, 0.5), pool_of(rows, lifts), formula, draws=300)
        hits.append(np.mean((found.low <= truth) & (truth <= found.high)))
    assert 0.76 < np.mean(hits) < 0.9


def test_hashtags_over_the_same_accounts_move_together():
    """Joint draws: what two hashtags share cancels in their difference."""
    rng = np.random.default_rng(3)
    rows = [list(range(30)), list(range(30)), list(range(30, 60))]
    found = score_hashtags(np.ones(60), pool_of(rows, rng.normal(size=60)), faithful())
    together = np.std(found.draws[0] - found.draws[1])
    apart = np.std(found.draws[0] - found.draws[2])
    assert together < 1e-4
    assert apart > 0.1


def test_the_same_seed_gives_the_same_draws():
    rng = np.random.default_rng(2)
    pool = pool_of([[0, 1, 2, 3], [2, 3, 4, 5]], rng.normal(size=6))
    one, two = (score_hashtags(np.ones(6), pool, CALIBRATED) for _ in range(2))
    assert (one.draws == two.draws).all()
    other = score_hashtags(np.ones(6), pool, CALIBRATED, seed=1)
    assert (one.draws != other.draws).any()


def test_selection_by_size_is_taken_out_and_size_unknown_is_no_error():
    """Lifts that only follow the hashtags' size leave scores near zero; unknown sizes are means."""
    rng = np.random.default_rng(4)
    size = np.linspace(3, 9, 40)
    rows = np.arange(360).reshape(40, 9).tolist()
    lifts = 0.3 * np.repeat(size - 6, 9) / 3 + rng.normal(0, 0.1, 360)
    traits = np.column_stack([size, np.where(np.arange(40) % 7 == 0, np.nan, size**2)])
    kept = score_hashtags(np.ones(360), pool_of(rows, lifts, traits=traits), CALIBRATED, draws=0)
    none = score_hashtags(
        np.ones(360),
        pool_of(rows, lifts, traits=traits),
        replace(CALIBRATED, correction="pool"),
        draws=0,
    )
    assert abs(np.corrcoef(none.score, size)[0, 1]) > 0.9
    assert np.abs(kept.score).max() < 0.1 < np.abs(none.score).max()


def test_spreads_tell_chance_from_difference():
    rng = np.random.default_rng(8)
    error = np.full(100, 0.02)
    alike = likely_spreads(rng.normal(0, np.sqrt(0.02), 100), error)
    apart = likely_spreads(rng.normal(0, np.sqrt(0.02 + 0.09), 100), error)
    assert SPREADS @ alike < 0.08
    assert SPREADS @ apart == pytest.approx(0.3, abs=0.06)
    assert likely_spreads(np.empty(0), np.empty(0)).sum() == pytest.approx(1)


def test_equal_scores_are_ordered_by_similarity_then_support_then_name():
    weights = np.array([0.2, 0.9, 0.9, 0.9, 0.9])
    rows = [[0], [1], [2, 3], [4]]
    found = score_hashtags(weights, pool_of(rows, np.full(5, 0.1)), faithful(), draws=0)
    names = ["far", "one", "two", "alone"]
    assert [names[i] for i in found.order(names)] == ["two", "alone", "one", "far"]


@pytest.mark.parametrize("formula", [faithful(), faithful("count"), CALIBRATED])
def test_no_hashtags_and_no_posts(formula):
    assert score_hashtags(np.empty(0), pool_of([], []), formula).score.shape == (0,)
    empty = score_hashtags(np.empty(0), pool_of([[]], []), formula)
    assert empty.score.tolist() == [0.0]
    assert empty.support.tolist() == [0]
    nothing_alike = score_hashtags(np.zeros(3), pool_of([[0, 1, 2]], [1, 2, 3]), formula)
    assert nothing_alike.score.tolist() == [0.0]
