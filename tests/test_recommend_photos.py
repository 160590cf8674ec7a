"""Photos in order, by the model the settings name, and what a photo does to the forecast."""

from itertools import pairwise

import numpy as np
import pytest

from socialsense.errors import ModelError, UnknownPart
from socialsense.recommend import MAX_SCORE, MIN_PERCENTILE_POSTS
from socialsense.settings import DEFAULT_POPULARITY
from socialsense.types import HashtagSet
from tests.worlds import BLUE, RED, photo, recommender


def test_photos_rank_by_score_and_percentile_of_own_posts(world):
    world.account("me")
    for shade in range(6):
        world.post("me", 100, color=(40 * shade, 30, 30))
    rec = recommender(world, popularity=DEFAULT_POPULARITY)
    images = [photo(RED, "red"), photo(BLUE, "blue"), photo((250, 250, 250), "white")]
    ranked = rec.rank_images(images, rec.account("me"))
    assert [item.rank for item in ranked] == [1, 2, 3]
    assert sorted((item.score for item in ranked), reverse=True) == [item.score for item in ranked]
    assert all(0 <= item.percentile <= 100 for item in ranked)
    assert all(item.percentile is None for item in rec.rank_images(images))
    assert rec.rank_images([]) == ()
    for first, second in pairwise(ranked):
        assert first.beats_next == pytest.approx(1 / (1 + np.exp(second.score - first.score)))
        assert first.too_close == (first.beats_next < 0.6)
        assert first.model_percentile >= second.model_percentile
    assert ranked[-1].beats_next is None
    assert not ranked[-1].too_close
    for item in ranked:
        sizes = [abs(reason.effect) for reason in item.reasons]
        assert sizes == sorted(sizes, reverse=True)
        assert 0 < len(sizes) <= 3
        assert min(sizes) >= 0.05


def test_the_default_popularity_stands_in_for_one_that_cannot_be_loaded(world, tmp_path):
    usual = recommender(world, popularity=DEFAULT_POPULARITY)
    missing = tmp_path / "none.pth"
    rec = recommender(world, popularity="intrinsic", intrinsic_weights=missing)
    assert usual.popularity_problem is None
    assert isinstance(rec.popularity_problem, ModelError)
    assert rec.popularity_name == DEFAULT_POPULARITY
    assert rec.popularity_id == usual.popularity_id
    images = [photo(RED, "a"), photo(BLUE, "b")]
    assert rec.rank_images(images) == usual.rank_images(images)


def test_nothing_stands_in_for_the_default_or_for_a_misspelt_name(world, tmp_path):
    for name, expected in ((DEFAULT_POPULARITY, ModelError), ("psychic", UnknownPart)):
        with pytest.raises(expected):
            recommender(world, popularity=name, models_dir=tmp_path)


def test_the_intrinsic_model_ranks_where_its_weights_are(world, intrinsic_weights):
    rec = recommender(world, popularity="intrinsic", intrinsic_weights=intrinsic_weights)
    assert rec.popularity_problem is None
    assert rec.popularity_id.startswith("intrinsic/")
    assert [item.rank for item in rec.rank_images([photo(RED, "a"), photo(BLUE, "b")])] == [1, 2]


def with_pictures(world, count):
    """An account of so many posts with pictures, each of another shade."""
    world.account("me")
    for shade in range(count):
        world.post("me", 100, color=(40 * shade, 30, 30), age=10 + shade)


def test_a_photo_counts_by_how_far_it_is_from_the_accounts_own(world):
    with_pictures(world, 6)
    rec = recommender(world, popularity=DEFAULT_POPULARITY)
    account = rec.account("me")
    own = np.mean(rec._own_scores(account, rec._model))
    effects = {}
    for color in (RED, BLUE, (250, 250, 250)):
        image = photo(color)
        (item,) = rec.rank_images([image], account)
        effects[item.score] = rec.photo_effect(account, image)
        beyond = np.clip(item.score - own, -MAX_SCORE, MAX_SCORE)
        assert effects[item.score] == pytest.approx(rec.engagement.photo * beyond)
    assert len(set(effects.values())) > 1
    assert [effects[score] for score in sorted(effects)] == sorted(effects.values())


def test_a_photo_moves_the_forecast_of_today_and_not_that_of_2020(world):
    with_pictures(world, 6)
    rec = recommender(world, popularity=DEFAULT_POPULARITY)
    account, image, nothing = rec.account("me"), photo(BLUE), HashtagSet(())
    effect = rec.photo_effect(account, image)
    assert effect != 0
    with_photo, without = rec.predict(account, nothing, image), rec.predict(account, nothing)
    assert with_photo.photo == pytest.approx(np.exp(effect))
    assert (with_photo.median + 0.5) / (without.median + 0.5) == pytest.approx(np.exp(effect))
    assert rec.predict(account, nothing, image, "faithful") == rec.predict(
        account, nothing, mode="faithful"
    )


def test_nothing_is_said_of_a_photo_where_nothing_was_learned(world):
    with_pictures(world, MIN_PERCENTILE_POSTS - 1)
    rec = recommender(world, popularity=DEFAULT_POPULARITY)
    assert rec.photo_effect(rec.account("me"), photo(BLUE)) == 0
    with_pictures(world, 6)
    rec, other = recommender(world, popularity=DEFAULT_POPULARITY), recommender(world)
    assert rec.photo_effect(rec.account("me"), photo(BLUE)) != 0
    assert other.photo_effect(other.account("me"), photo(BLUE)) == 0
