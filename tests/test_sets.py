"""The best set: against every set there is, and answers visible by eye."""

from itertools import combinations
from time import process_time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialsense.hashtags import membership
from socialsense.sets import (
    EXACT,
    EXACT_LIMIT,
    HALF_LIFE,
    best_set,
    habits,
    redundancy,
    relevance,
    worth,
)

NONE = np.zeros
EIGHTHS = st.integers(-8, 8).map(lambda n: n / 8)  # sums without rounding, and many ties


def pairwise(size, pairs):
    """A symmetric matrix from {(i, j): value}."""
    matrix = np.zeros((size, size))
    for (i, j), value in pairs.items():
        matrix[i, j] = matrix[j, i] = value
    return matrix


@st.composite
def problems(draw, keeps=True):
    """Worth, redundancy, a price and some to keep, of up to nine hashtags."""
    size = draw(st.integers(1, 9))
    worth = np.array(draw(st.lists(EIGHTHS, min_size=size, max_size=size)))
    shared = {pair: draw(EIGHTHS.map(abs)) for pair in combinations(range(size), 2)}
    price = draw(st.sampled_from([0.0, 0.25, 1.0, 8.0]))
    keep = draw(st.sets(st.integers(0, size - 1), max_size=3)) if keeps else set()
    return worth, pairwise(size, shared), price, keep


def value_of(chosen, worth, shared, price):
    """The definition, word for word."""
    pairs = sum(shared[i, j] for i, j in combinations(chosen, 2))
    return sum(worth[i] for i in chosen) - price * pairs


def every_set(size, limit, keep):
    """All sets of 1 to `limit` hashtags that hold those to keep."""
    sizes = range(1, limit + 1)
    return [s for k in sizes for s in combinations(range(size), k) if keep <= set(s)]


@given(problem=problems(), room=st.integers(0, EXACT_LIMIT))
def test_no_set_is_better_than_the_exact_one(problem, room):
    worth, shared, price, keep = problem
    limit = min(max(1, len(keep) + room), EXACT_LIMIT)
    chosen = best_set(worth, shared, limit, price=price, keep=keep)
    by_worth = sorted(range(len(worth)), key=lambda i: (-worth[i], i))
    best = min(
        every_set(len(worth), limit, keep),
        key=lambda s: (-value_of(s, worth, shared, price), len(s), sorted(map(by_worth.index, s))),
    )
    assert chosen == tuple(sorted(best, key=by_worth.index))


def obvious_greedy(worth, shared, limit, price, keep):
    """The set that is worth most with one more, again and again."""
    chosen = sorted(keep)
    by_worth = sorted(range(len(worth)), key=lambda i: (-worth[i], i))
    while len(chosen) < min(limit, len(worth)):
        more = [[*chosen, i] for i in by_worth if i not in chosen]
        best = max(more, key=lambda s: value_of(s, worth, shared, price))
        before = value_of(chosen, worth, shared, price)
        if chosen and value_of(best, worth, shared, price) <= before:
            break
        chosen = best
    return tuple(i for i in by_worth if i in chosen)


@given(problem=problems(), limit=st.integers(EXACT_LIMIT + 1, 9))
def test_a_longer_set_grows_by_what_adds_most(problem, limit):
    worth, shared, price, keep = problem
    chosen = best_set(worth, shared, limit, price=price, keep=keep)
    assert chosen == obvious_greedy(worth, shared, limit, price, keep)


@given(problem=problems(keeps=False), limit=st.integers(EXACT_LIMIT + 1, 9))
def test_without_a_price_the_greedy_set_is_the_best(problem, limit):
    """So more than 1 − 1/e of it, which is all that greedy choice promises in general."""
    worth, shared, _, _ = problem
    chosen = best_set(worth, shared, limit, price=0.0)
    best = max(value_of(s, worth, shared, 0.0) for s in every_set(len(worth), limit, set()))
    assert value_of(chosen, worth, shared, 0.0) == best


def test_two_that_share_everything_make_room_for_a_third():
    worth = np.array([0.5, 0.4, 0.1])
    twins = pairwise(3, {(0, 1): 1.0})
    assert best_set(worth, twins, 2, price=1.0) == (0, 2)
    assert best_set(worth, twins, 30, price=1.0) == (0, 2)
    assert best_set(worth, twins, 2, price=0.0) == (0, 1)


def test_the_best_alone_is_not_always_in_the_best_set():
    worth = np.array([1.0, 0.9, 0.9])
    between = pairwise(3, {(0, 1): 1.0, (0, 2): 1.0})
    assert best_set(worth, between, 2, price=1.0) == (1, 2)


@pytest.mark.parametrize("limit", [3, 30])
def test_what_does_harm_stays_out_but_the_set_is_never_empty(limit):
    assert best_set(np.array([-0.2, 0.1, 0.3]), NONE((3, 3)), limit) == (2, 1)
    assert best_set(np.array([-0.2, -0.1, -0.3]), NONE((3, 3)), limit) == (1,)
    assert best_set(np.array([0.0, 0.0]), NONE((2, 2)), limit) == (0,)


@pytest.mark.parametrize("limit", [3, 30])
def test_those_to_keep_are_in_and_what_they_share_counts(limit):
    worth = np.array([0.5, 0.4, -0.3, 0.1])
    shared = pairwise(4, {(2, 0): 1.0})
    assert best_set(worth, shared, limit, price=1.0, keep=[2]) == (1, 3, 2)
    assert best_set(np.array([-1.0, -2.0]), NONE((2, 2)), limit, keep=[1]) == (1,)


def test_as_many_to_keep_as_there_is_room_for():
    assert best_set(np.array([0.1, 0.2, 0.3]), NONE((3, 3)), 2, keep=[0, 1]) == (1, 0)


@pytest.mark.parametrize("limit", [2, EXACT_LIMIT, EXACT_LIMIT + 1])
def test_of_equals_the_first_are_taken(limit):
    worth = np.tile([0.1, 0.2], 50)
    assert best_set(worth, NONE((100, 100)), limit) == tuple(range(1, 2 * limit, 2))


def test_nothing_to_choose():
    assert best_set(NONE(0), NONE((0, 0)), 5) == ()
    assert best_set(NONE(0), NONE((0, 0)), 30) == ()
    assert best_set(np.ones(3), NONE((3, 3)), 0) == ()


def test_the_worthiest_are_searched():
    """All but the last two do the same, so one of them is enough; the very last is not seen."""
    worth = np.linspace(2, 1, EXACT + 1)
    alike = pairwise(EXACT + 1, dict.fromkeys(combinations(range(EXACT - 1), 2), 1.0))
    assert best_set(worth, alike, 3, price=3.0) == (0, EXACT - 1)


def test_one_to_keep_is_found_beyond_those_searched():
    worth = -np.arange(EXACT + 20.0) + EXACT
    chosen = best_set(worth, NONE((len(worth),) * 2), 3, keep=[EXACT + 19])
    assert chosen == (0, 1, EXACT + 19)


def test_many_are_chosen_from_all():
    worth = np.linspace(1, 0.1, 50)
    assert best_set(worth, NONE((50, 50)), 40) == tuple(range(40))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"redundancy": NONE((2, 3))}, "3 hashtags, but redundancy of shape"),
        ({"worth": np.array([0.1, np.nan, 0.2])}, "must be finite"),
        ({"redundancy": np.full((3, 3), np.inf)}, "must be finite"),
        ({"price": -0.1}, "price at least 0"),
        ({"price": np.nan}, "must be finite"),
        ({"limit": -1}, "limit of -1"),
        ({"limit": 1, "keep": [0, 1]}, "2 hashtags to keep under a limit of 1"),
        ({"keep": [3]}, "among 0 to 2"),
        ({"keep": [-1]}, "among 0 to 2"),
    ],
)
def test_what_makes_no_sense(changed, why):
    sensible = {"worth": np.ones(3), "redundancy": NONE((3, 3)), "limit": 5}
    with pytest.raises(ValueError, match=why):
        best_set(**{**sensible, **changed})


def test_the_same_posts_some_of_them_and_none():
    posts_of = membership([[0, 1, 2], [0, 1, 2], [2, 3, 4], [5], []], 6)
    shared = redundancy(["wind", "fields", "harbour", "tea", "moon"], posts_of)
    expected = pairwise(5, {(0, 1): 1.0, (0, 2): 1 / 5, (1, 2): 1 / 5})
    np.testing.assert_allclose(shared, expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("windmill", "windmills", True),
        ("box", "boxes", True),
        ("factory", "factories", True),
        ("wind_mill", "windmill", True),
        ("windmill2019", "windmill_2025", True),
        ("café", "cafe", True),
        ("windmühle", "windmühlen", True),
        ("travelling", "traveling", True),
        ("wind_mills24", "windmill", True),
        ("प्रकृति", "प्रकृति1", True),
        ("plane", "planet", False),
        ("wildlife", "wildfire", False),
        ("instafood", "instagood", False),
        ("catsofinstagram", "carsofinstagram", False),
        ("petsofinstagram", "poetsofinstagram", False),
        ("f1", "f2", False),
        ("natur", "nature", False),
    ],
)
def test_spellings_of_one_word(one, other, alike):
    for pair in ((one, other), (other, one)):
        shared = redundancy(pair, membership([[0], [1]], 2))
        assert shared.tolist() == ([[0, 1], [1, 0]] if alike else [[0, 0], [0, 0]])


@given(
    st.lists(
        st.tuples(st.text("aes_1", max_size=9), st.sets(st.integers(0, 7))),
        max_size=8,
        unique_by=lambda tag: tag[0],
    )
)
def test_redundancy_is_symmetric_bounded_and_at_least_jaccard(tags):
    names = [name for name, _ in tags]
    shared = redundancy(names, membership([sorted(posts) for _, posts in tags], 8))
    assert shared.shape == (len(tags), len(tags))
    assert (shared == shared.T).all()
    assert not shared.diagonal().any()
    for i, j in combinations(range(len(tags)), 2):
        a, b = tags[i][1], tags[j][1]
        assert shared[i, j] in (1.0, pytest.approx(len(a & b) / max(1, len(a | b))))


def test_a_row_of_posts_for_each_hashtag():
    with pytest.raises(ValueError, match="2 hashtags, but 1 rows"):
        redundancy(["a", "b"], membership([[0]], 1))


def test_three_hundred_long_hashtags_take_no_time():
    tags = [f"{'insta' * 6}{n:03}{'windmills' * 5}" for n in range(300)]
    posts_of = membership([range(n, n + 30) for n in range(300)], 400)
    redundancy(tags, posts_of)
    begun = process_time()
    redundancy(tags, posts_of)
    assert process_time() - begun < 0.5


def test_worth_rises_with_score_relevance_and_habit_and_falls_with_doubt():
    base = {name: np.zeros(1) for name in ("score", "spread", "relevance", "habit")}
    plain = worth(**base)
    for name, sign in (("score", 1), ("relevance", 1), ("habit", 1), ("spread", -1)):
        assert np.sign(worth(**base | {name: np.ones(1)}) - plain) == sign
    cautions = [None, "sensitive", "generic", "banned"]
    none, sensitive, generic, banned = worth(*[np.zeros(4)] * 4, cautions)
    assert none == sensitive == plain > generic > banned == -np.inf


@pytest.mark.parametrize("limit", [2, 20])
def test_banned_hashtags_are_never_chosen_unless_kept(limit):
    value = np.array([-np.inf, 1.0, 2.0])
    assert best_set(value, NONE((3, 3)), limit) == (2, 1)
    assert best_set(value, NONE((3, 3)), limit, keep=[0])[-1] == 0
    assert best_set(value[:1], NONE((1, 1)), limit) == ()


def test_habits_are_shares_of_posts_the_latest_counting_most():
    assert habits([]) == {}
    assert habits([{"a"}, {"a", "b"}])["a"] == pytest.approx(1)
    half = habits([{"new"}, *[set()] * (int(HALF_LIFE) - 1), {"old"}])
    assert half["new"] == pytest.approx(2 * half["old"])


def test_relevance_ranks_hashtags_by_their_nearest_posts():
    posts_of = membership([[0, 1, 2, 3], [4], [], [5]], 6)
    similarity = np.array([0.9, 0.9, 0.9, 0.0, 0.5, 0.1])
    np.testing.assert_allclose(relevance(similarity, posts_of), [1, 0.5, 0.5, 0])
    np.testing.assert_allclose(relevance(np.ones(6), posts_of), 0.5)
    assert relevance(np.ones(1), membership([[0]], 1)) == 0.5
