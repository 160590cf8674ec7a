"""The popularity probe: learned within accounts, honest about what it was made for."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from socialsense import parts
from socialsense.errors import ModelError
from socialsense.lite import FEATURES
from socialsense.photographic import FEATURES as LOOKS
from socialsense.settings import Settings
from socialsense.train.probe import fit_probe, left_out
from socialsense.train.ranking import pairs_within, rank_weights, win_scale


@pytest.fixture(scope="module")
def probe():
    return parts.load("popularity", "probe", Settings())


def photo(seed=0, size=(300, 200)):
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (9, 9, 3), dtype=np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)


def test_a_photo_judged_small_is_judged_alike(probe):
    large = photo(size=(1500, 1000))
    prepared = probe.prepare(large)
    assert max(prepared.size) == 2 * probe.side
    assert probe.prepare(prepared).tobytes() == prepared.tobytes()
    np.testing.assert_allclose(probe.judge([prepared]), probe.judge([large]), atol=1e-6)


def test_reasons_name_what_is_seen(probe):
    words = [word for pair in probe.factors for word in pair]
    assert {"a subject that is liked", "tall", "wide", "fine detail", "little detail"} <= set(words)
    tall, wide = probe.judge([photo(size=(200, 300)), photo(size=(300, 200))])
    place = 1 + [set(pair) for pair in probe.factors].index({"tall", "wide"})
    adds, _ = probe.factors[place - 1]
    assert (tall[place] > wide[place]) == (adds == "tall")


def test_weights_for_another_backbone_are_refused(tmp_path):
    shutil.copytree(Settings().models_dir, tmp_path / "models")
    path = tmp_path / "models" / "popularity" / "probe" / "card.json"
    card = json.loads(path.read_text("utf-8"))
    card["details"]["backbone_sha256"] = "0" * 64
    path.write_text(json.dumps(card), "utf-8")
    with pytest.raises(ModelError, match="another model") as refused:
        parts.load("popularity", "probe", Settings(models_dir=tmp_path / "models"))
    assert "another backbone" in refused.value.means


def accounts_of(count=6, each=8, seed=0):
    """Features, likes and accounts: within each account the first feature decides."""
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(count * each, FEATURES + len(LOOKS)))
    fame = np.repeat(rng.uniform(3, 15, count), each)
    likes = np.exp(fame + 0.5 * table[:, 0] + 0.5 * table[:, FEATURES]).astype(int) + 1
    return table, likes.tolist(), [f"a{number // each}" for number in range(count * each)]


def test_what_decides_within_accounts_is_found_whatever_their_fame():
    table, likes, accounts = accounts_of()
    wanted = table[:, 0] + table[:, FEATURES]
    ranking = fit_probe(table, likes, accounts)
    assert np.corrcoef(ranking(table), wanted)[0, 1] > 0.5
    unseen = left_out(table, likes, accounts)
    first, second, _ = pairs_within(likes, accounts)
    assert np.mean(unseen[first] > unseen[second]) > 0.6


def test_an_account_left_out_does_not_teach_its_own_judge():
    table, likes, accounts = accounts_of()
    own = np.array(accounts) == "a2"
    before = left_out(table, likes, accounts)
    turned = np.array(likes)
    turned[own] = turned[own][::-1]
    after = left_out(table, turned.tolist(), accounts)
    np.testing.assert_allclose(after[own], before[own])
    assert not np.allclose(after[~own], before[~own])


def test_pairs_are_of_one_account_with_more_likes_first():
    first, second, gap = pairs_within([10, 100, 10, 7, 1000], ["a", "a", "a", "b", "b"])
    assert sorted(zip(first.tolist(), second.tolist(), strict=True)) == [(1, 0), (1, 2), (4, 3)]
    assert gap.min() == pytest.approx(np.log(10))


def test_large_gaps_count_for_more():
    table = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    weights = rank_weights(table, [1000, 10, 100, 90], ["a", "a", "b", "b"], 1.0)
    assert weights[0] > 0 > weights[1]
    against = rank_weights(table, [1000, 10, 90, 100], ["a", "a", "b", "b"], 1.0)
    assert against[0] > 0


def test_the_scale_makes_differences_probabilities():
    rng = np.random.default_rng(0)
    true = rng.normal(size=4000)
    first, second = np.arange(0, 4000, 2), np.arange(1, 4000, 2)
    wins = rng.random(2000) < 1 / (1 + np.exp(-3 * (true[first] - true[second])))
    winner, loser = np.where(wins, first, second), np.where(wins, second, first)
    assert win_scale(true, winner, loser) == pytest.approx(3, rel=0.15)
    assert win_scale(-true, winner, loser) == pytest.approx(0, abs=0.01)
