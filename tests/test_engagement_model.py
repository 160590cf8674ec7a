"""The numbers of the calibrated forecast: what they mean, and how they are read."""

import shutil

import numpy as np
import pytest

from socialsense.cards import read_card, write_model
from socialsense.engagement import load_engagement, tensors_of, tier
from socialsense.errors import ModelError
from socialsense.settings import ROOT
from tests.engagement_examples import MODEL


def test_slopes_lie_between_nothing_and_all():
    slopes = MODEL.slopes(5000)
    assert slopes.min() >= 0
    assert slopes.max() <= 1
    assert slopes.mean() == pytest.approx(0.5, abs=0.01)
    assert slopes.std() == pytest.approx(0.125, abs=0.01)
    assert MODEL.slopes(5).tolist() == MODEL.slopes(5).tolist()


def test_tiers_begin_at_round_numbers():
    assert [tier(n) for n in (1, 9_999, 10_000, 99_999, 100_000, 10**6)] == [0, 0, 1, 1, 2, 3]


class TestLoading:
    @pytest.fixture
    def models(self, tmp_path):
        shutil.copytree(ROOT / "models" / "engagement", tmp_path / "engagement")
        return tmp_path

    def rewrite(self, models, **changed):
        card = read_card(models, "engagement", "calibrated")
        return write_model(models, card, {**tensors_of(MODEL), **changed})

    def test_what_was_written_is_read(self, models):
        card = self.rewrite(models)
        read = load_engagement(models)
        assert read.model_id == card.weights_sha256
        assert (read.curve, read.tails) == (MODEL.curve, MODEL.tails)
        assert (read.slope, read.slope_error, read.photo) == (0.5, 0.125, 0.25)

    def test_the_shipped_one_makes_sense(self):
        model = load_engagement(ROOT / "models")
        assert 0 <= model.slope <= 1
        assert all(low < 0 < high for low, high in model.tails)
        assert model.curve(1_000) > model.curve(100_000)  # small accounts engage more

    @pytest.mark.parametrize(
        "changed",
        [
            {"curve": np.zeros(3, np.float32)},
            {"slopes": np.zeros(2, np.float32)},
            {"tails": np.zeros((3, 2), np.float32)},
            {"tails": np.zeros(8, np.float32)},
        ],
    )
    def test_numbers_of_another_version_are_refused(self, models, changed):
        self.rewrite(models, **changed)
        with pytest.raises(ModelError, match=r"do not fit this program.*git checkout models"):
            load_engagement(models)
