"""Where hashtags do nothing nothing is promised; where they do something it is found."""

from functools import cache

import numpy as np
import pytest

from benchmarks.simulation import judge, world
from socialsense.votes import CALIBRATED, FAITHFUL

RUNS = range(12)


@cache
def judged(spread, tags, formula):
    return [judge(platform, formula) for platform in platforms(spread, tags)]


@cache
def platforms(spread, tags):
    return [world(seed, tags, spread) for seed in RUNS]


def mean(spread, tags, formula, field):
    return float(np.mean([getattr(result, field) for result in judged(spread, tags, formula)]))


@pytest.mark.parametrize("tags", [30, 120])
def test_no_true_effect_predicts_no_gain(tags):
    """The best five of 30 or of 120, before the slope that draws the forecast in further."""
    assert 0.97 <= mean(0.0, tags, CALIBRATED, "predicted") <= 1.05
    assert mean(0.0, tags, FAITHFUL, "predicted") > 1.2  # why the calibrated mode exists


def test_size_of_a_hashtag_is_not_taken_for_an_effect():
    assert abs(mean(0.0, 120, CALIBRATED, "with_size")) < 0.1
    assert mean(0.0, 120, FAITHFUL, "with_size") > 0.25


@pytest.mark.parametrize("tags", [30, 120])
def test_planted_effects_are_found_in_order_and_not_overstated(tags):
    assert mean(0.1, tags, CALIBRATED, "found") >= 0.35
    assert mean(0.1, tags, CALIBRATED, "found") > mean(0.1, tags, FAITHFUL, "found") + 0.05
    predicted = np.log(mean(0.1, tags, CALIBRATED, "predicted"))
    true = mean(0.1, tags, CALIBRATED, "true")
    assert 0.3 * true < predicted < 1.2 * true
