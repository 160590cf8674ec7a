"""An account's own ranking: moved by its posts, and kept only where it wins on later ones."""

from dataclasses import replace

import numpy as np
import pytest

from socialsense import parts
from socialsense.accounts import Account
from socialsense.errors import InputError
from socialsense.images import encode_jpeg
from socialsense.recommend import Recommender
from socialsense.settings import Settings
from socialsense.store import Store
from socialsense.train.own_popularity import moved, retrain
from socialsense.types import Image
from socialsense.words import retrained
from tests.examples import a_post, a_profile, at
from tests.test_probe import photo

SCALE = np.array([1.0, 1.0])


def test_posts_move_the_ranking_and_more_posts_move_it_further():
    start = np.array([0.5, 0.0])

    def toward_second(posts):
        table = np.random.default_rng(0).normal(size=(posts, 2))
        likes = np.exp(5 + table[:, 1]).astype(int)
        return moved(table, likes, start, SCALE)

    few, many = toward_second(4), toward_second(60)
    assert 0 < few[1] < many[1]
    assert abs(few[0] - 0.5) < abs(many[1])
    np.testing.assert_array_equal(moved(np.zeros((3, 2)), [5, 5, 5], start, SCALE), start)


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return Settings(data_dir=tmp_path_factory.mktemp("own"))


@pytest.fixture
def store(settings, tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/s.db", tmp_path / "images") as store:
        store.put_profile(a_profile())
        yield store


def fill(store, settings, likes_of):
    """Twenty posts whose likes follow from the shipped score and from time."""
    pictures = [photo(seed, (120, 90)) for seed in range(20)]
    scores = parts.load("popularity", "probe", settings).judge(pictures)[:, 0]
    for number, (picture, score) in enumerate(zip(pictures, scores, strict=True)):
        sha = store.put_image(encode_jpeg(picture))
        post = a_post(f"{number}", image_sha256=sha, likes=likes_of(number, float(score)))
        store.put_posts([replace(post, taken_at=at(24 * number))])


def test_an_account_that_likes_the_opposite_gets_its_own_ranking(store, settings):
    fill(store, settings, lambda _, score: int(np.exp(9 - 4 * score)))
    result = retrain("mill", store, settings)
    assert result.kept
    assert (result.posts, result.pairs) == (20, 15)
    assert result.own > result.shipped
    assert "a ranking of its own" in retrained(result)
    shipped = parts.load("popularity", "probe", settings)
    own = shipped.of_account("mill")
    assert own.model_id != shipped.model_id
    assert shipped.of_account("other") is shipped

    images = [Image(str(seed), str(seed), photo(seed)) for seed in range(3)]
    embedder = parts.load("embedders", "color", settings)
    recommender = Recommender(store, embedder, shipped, settings)
    account = Account(a_profile(), store.posts("mill"))
    plain, personal = (recommender.rank_images(images, who) for who in (None, account))
    expected = own.judge([image.pixels for image in images])[:, 0]
    assert {item.name: pytest.approx(item.score, abs=1e-5) for item in personal} == {
        image.name: score for image, score in zip(images, expected, strict=True)
    }
    assert [item.score for item in plain] != [item.score for item in personal]


def test_an_own_ranking_that_no_longer_wins_is_taken_away(store, settings):
    fill(store, settings, lambda _, score: int(np.exp(9 + 4 * score)))
    result = retrain("mill", store, settings)
    assert not result.kept
    assert result.shipped > 0.9
    assert "keeps the shipped ranking" in retrained(result)
    shipped = parts.load("popularity", "probe", settings)
    assert shipped.of_account("mill") is shipped


def test_a_damaged_ranking_of_its_own_leaves_the_shipped_one(store, settings, caplog):
    fill(store, settings, lambda _, score: int(np.exp(9 - 4 * score)))
    assert retrain("mill", store, settings).kept
    shipped = parts.load("popularity", "probe", settings)
    weights = settings.own_models_dir / "popularity" / "mill" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    assert shipped.of_account("mill") is shipped
    assert "cannot be used" in caplog.text


def test_few_posts_are_too_few(store, settings):
    store.put_posts([a_post("1", image_sha256=store.put_image(encode_jpeg(photo())))])
    with pytest.raises(InputError, match=r"too few posts to learn from \(1 "):
        retrain("mill", store, settings)
