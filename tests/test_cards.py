"""Shipped weights agree with their cards; damage is noticed and explained."""

import json
import shutil

import numpy as np
import pytest

from socialsense import parts
from socialsense.cards import read_card, read_weights, write_model
from socialsense.engagement import load_engagement
from socialsense.errors import ModelError
from socialsense.images import sha256_of
from socialsense.settings import ROOT, Settings
from socialsense.types import Card

SHIPPED = sorted(
    path.parent.relative_to(ROOT / "models").parts for path in ROOT.glob("models/*/*/card.json")
)


@pytest.mark.parametrize(("kind", "name"), SHIPPED)
def test_card_and_weights_agree(kind, name):
    card, tensors = read_weights(ROOT / "models", kind, name)
    data = (ROOT / "models" / kind / name / "weights.safetensors").read_bytes()
    assert card.weights_sha256 == sha256_of(data)
    assert (card.kind, card.name) == (kind, name)
    assert card.summary
    assert card.licence
    assert card.metrics
    assert all(np.isfinite(tensor).all() for tensor in tensors.values())


def test_every_part_with_weights_is_shipped():
    assert set(SHIPPED) == {
        ("embedders", "hashtag"),
        ("embedders", "siamese"),
        ("engagement", "calibrated"),
        ("popularity", "color"),
        ("popularity", "probe"),
    }


@pytest.fixture
def models(tmp_path):
    shutil.copytree(ROOT / "models", tmp_path / "models")
    return tmp_path / "models"


def load(kind, name, models):
    if kind == "engagement":
        return load_engagement(models)
    return parts.load(kind, name, Settings(models_dir=models))


@pytest.mark.parametrize(("kind", "name"), SHIPPED)
class TestDamage:
    def test_missing_weights(self, kind, name, models):
        (models / kind / name / "weights.safetensors").unlink()
        with pytest.raises(ModelError, match=r"cannot be read.*git checkout models"):
            load(kind, name, models)

    def test_missing_card(self, kind, name, models):
        (models / kind / name / "card.json").unlink()
        with pytest.raises(ModelError, match=r"card.*missing.*git checkout models"):
            load(kind, name, models)

    def test_unreadable_card(self, kind, name, models):
        (models / kind / name / "card.json").write_text("{")
        with pytest.raises(ModelError, match="cannot be read"):
            load(kind, name, models)

    def test_one_flipped_bit(self, kind, name, models):
        path = models / kind / name / "weights.safetensors"
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
        with pytest.raises(ModelError, match="not those its card describes"):
            load(kind, name, models)

    def test_weights_of_another_model(self, kind, name, models):
        card = read_card(models, kind, name)
        write_model(models, card, {"something": np.zeros(3, np.float32)})
        with pytest.raises(ModelError, match="another"):
            load(kind, name, models)

    def test_no_safetensors_at_all(self, kind, name, models):
        path = models / kind / name / "weights.safetensors"
        path.write_bytes(b"\x80\x04pickle?")
        card_path = path.with_name("card.json")
        card = json.loads(card_path.read_text())
        card_path.write_text(json.dumps(card | {"weights_sha256": sha256_of(path.read_bytes())}))
        with pytest.raises(ModelError, match="safetensors"):
            load(kind, name, models)


def test_written_models_read_back(tmp_path):
    card = Card("embedders", "new", "A test.", "nothing", "MIT", None, {"auc": 0.5})
    written = write_model(tmp_path, card, {"w": np.arange(4, dtype=np.float32)})
    read, tensors = read_weights(tmp_path, "embedders", "new")
    assert read == written
    assert tensors["w"].tolist() == [0, 1, 2, 3]
