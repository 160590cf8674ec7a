"""How predictions have fared: small records by eye, the formulas against slow or known ones."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from socialsense import words
from socialsense.answers import Outcome, Prediction
from socialsense.errors import InputError
from socialsense.store import RecordedPrediction, Tracked
from socialsense.track_record import (
    MAX_COUNT,
    clustered_mean,
    does_better,
    log_of,
    summary,
    told,
    wilson,
)
from tests.examples import NOON

PREDICTION = Prediction("mill", 1000, 0.1, 0.02, 0.12, 80.0, 120.0, 210.0, 0.8, 10)


def tracked(got, median=120.0, **changes):
    prediction = replace(PREDICTION, median=median, **changes)
    recorded = RecordedPrediction("id", "ab", ("red",), {}, prediction, NOON)
    return Tracked(recorded, None if got is None else Outcome("id", None, None, got, 0, NOON))


def test_without_outcomes_nothing_is_claimed():
    empty, waiting = summary([]), summary([tracked(None), tracked(None)])
    assert (empty.predictions, waiting.predictions) == (0, 2)
    for record in (empty, waiting):
        assert not record.enough
        assert record.outcomes == record.ranges == record.inside == record.pairs == 0
        assert record.bias is record.error is record.inside_low is record.bias_low is None
    assert words.track(empty) == "Nothing has been predicted yet."
    assert words.track(waiting) == (
        "Too early to tell: the outcome of 0 of 2 predictions is known, and it takes 5."
    )


def test_a_record_by_eye():
    record = summary(
        [
            tracked(80),  # both ends of a range belong to it
            tracked(210),
            tracked(211),
            tracked(100, low=None, high=None),
            tracked(60, median=50.0, low=40.0, high=70.0, coverage=0.9),
            tracked(None),
        ]
    )
    assert (record.predictions, record.outcomes, record.enough) == (6, 5, True)
    assert (record.ranges, record.inside) == (4, 3)
    assert record.expected_inside == pytest.approx(0.8 * 3 + 0.9)
    assert (record.pairs, record.rank_hits) == (4, 4)  # 60 against each of the others


def test_twice_too_much_every_time_is_a_bias_of_two_without_doubt():
    record = summary(tracked(2 * n, n - 0.25) for n in (10, 50, 80, 300, 1000))
    assert record.bias == pytest.approx(2)
    assert (record.bias_low, record.bias_high) == pytest.approx((2, 2))
    assert record.error == pytest.approx(2)


def test_too_much_and_too_little_cancel_in_the_bias_but_not_in_the_error():
    record = summary([tracked(30, 9.75), tracked(2, 9.75), tracked(2, 9.75), tracked(30, 9.75)])
    assert record.bias == pytest.approx(np.sqrt(30.5 * 2.5) / 10.25)
    assert record.error > 3
    assert record.bias_low is None  # four are too few for an interval
    assert not record.enough


def test_nothing_expected_and_nothing_got_is_right():
    record = summary([tracked(0, 0.0, low=0.0, high=0.0)])
    assert (record.inside, record.bias, record.error) == (1, 1.0, 1.0)


def test_pairs_are_of_one_account_and_differ_in_both():
    items = [tracked(10, 1.0), tracked(20, 2.0), tracked(5, 3.0), tracked(20, 3.0)]
    items += [tracked(99, 0.5, handle="reef")]
    record = summary(items)
    # (10, 20) and (10, 20) right, (10, 5) and (20, 5) wrong; 20 and 20, 3.0 and 3.0 say nothing
    assert (record.pairs, record.rank_hits) == (4, 2)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 4), st.integers(0, 4))))
def test_pairs_as_slowly_counted(found):
    record = summary(tracked(got, float(median), handle=who) for who, median, got in found)
    pairs = hits = 0
    for i, (a, median_a, got_a) in enumerate(found):
        for b, median_b, got_b in found[:i]:
            if a == b and median_a != median_b and got_a != got_b:
                pairs += 1
                hits += (median_a > median_b) == (got_a > got_b)
    assert (record.pairs, record.rank_hits) == (pairs, hits)


@given(st.integers(1, 300), st.floats(0, 1), st.sampled_from([0.5, 0.8, 0.95]))
def test_the_share_inside_has_wilsons_interval(trials, share, level):
    hits = round(share * trials)
    known = stats.binomtest(hits, trials).proportion_ci(level, "wilson")
    assert wilson(hits, trials, level) == pytest.approx((known.low, known.high), abs=1e-9)


@given(st.lists(st.floats(-5, 5), min_size=5, max_size=20))
def test_of_one_account_the_mean_has_students_interval(values):
    found = clustered_mean(np.array(values), ["mill"] * len(values), 0.8)
    spread = np.std(values, ddof=1) / np.sqrt(len(values))
    half = stats.t.ppf(0.9, len(values) - 1) * spread
    middle = np.mean(values)
    assert found == pytest.approx((middle - half, middle + half), abs=1e-9)


def test_posts_of_accounts_that_err_together_count_as_fewer():
    """Eight accounts of ten posts each, whose error is mostly the account's own."""
    rng = np.random.default_rng(0)
    accounts = np.repeat(list("abcdefgh"), 10)
    hits = []
    for _ in range(300):
        values = np.repeat(rng.normal(size=8), 10) + 0.3 * rng.normal(size=80)
        low, high = clustered_mean(values, accounts, 0.8)
        hits.append(low <= 0 <= high)
    assert 0.74 < np.mean(hits) < 0.86


def errors(candidate, present, accounts=None):
    """Whether a candidate with these errors may replace a model with those."""
    actual = np.linspace(3, 6, len(candidate))
    accounts = accounts or ["mill"] * len(candidate)
    return does_better(actual + candidate, actual - np.array(present), actual, accounts)


def test_a_model_that_errs_clearly_less_replaces_the_present_one():
    small, large = [0.1, -0.2, 0.1, 0.3, -0.1, 0.2], [0.5, 0.4, -0.6, 0.7, 0.5, -0.8]
    assert errors(np.array(small), large)
    assert not errors(np.array(large), small)


@given(st.lists(st.floats(-3, 3), max_size=30))
def test_a_model_as_good_as_the_present_one_does_not(values):
    assert not errors(np.array(values), values)
    assert not errors(np.array(values), [-value for value in values])


def test_few_outcomes_or_a_lucky_mean_do_not_either():
    assert not errors(np.zeros(4), [1.0] * 4)
    assert errors(np.zeros(5), [1.0] * 5)
    assert not errors(np.zeros(6), [0.0, 0, 0, 0, 0, 3.0])


def test_what_helps_one_of_three_accounts_is_no_gain_for_all():
    candidate, present = np.repeat([0.0, 0.2], [8, 4]), np.repeat([1.0, 0.0], [8, 4])
    assert errors(candidate, present)
    assert not errors(candidate, present, [*"aaaaaaaabbcc"])


@pytest.mark.parametrize(("likes", "comments"), [(0, None), (7, 0), (MAX_COUNT, MAX_COUNT)])
def test_what_a_person_tells_becomes_an_outcome(likes, comments):
    assert told("p", likes, comments, NOON) == Outcome("p", None, None, likes, comments, NOON)


@pytest.mark.parametrize(
    ("likes", "comments"), [(None, 3), (-1, 0), (0, -1), (MAX_COUNT + 1, 0), (0, MAX_COUNT + 1)]
)
def test_what_cannot_be_is_refused(likes, comments):
    with pytest.raises(InputError, match="between 0 and 10,000,000,000"):
        told("p", likes, comments, NOON)


@given(st.lists(st.floats(0, 1e10), min_size=1))
def test_the_scale_of_errors_keeps_order_and_takes_zero(values):
    logs = [log_of(value) for value in sorted(values)]
    assert np.isfinite(logs).all()
    assert logs == sorted(logs)


def test_the_record_in_words():
    got = [90, 100, 130, 150, 160, 200, 205, 240, 300]
    record = summary(tracked(n, 90.0 + place) for place, n in enumerate(got))
    assert words.track(record) == (
        "7 of 9 posts fell inside their range; about 7 were to be expected. "
        "On average posts got 1.7 × what was predicted (1.5 to 2.1). "
        "Of 36 pairs, the one predicted higher won 36."
    )
    alike = summary(tracked(120, low=None, high=None) for _ in range(5))
    assert words.track(alike) == "On average posts got 1 × what was predicted (1 to 1)."


def test_what_happened_in_words():
    outcome = Outcome("p", None, None, 1300, 41, NOON)
    assert words.happened(outcome) == "1,300 likes, 41 comments"
    assert words.happened(replace(outcome, likes=1, comments=None)) == "1 like"
    assert words.happened(None) == "not known yet"
