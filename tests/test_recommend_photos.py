"""Photos in order, by the model the settings name, and what a photo does to the forecast."""

from itertools import pairwise

import numpy as np
import pytest

from socialsense.answers import HashtagSet
from socialsense.errors import ModelError, UnknownPart
from socialsense.photo_scores import MAX_SCORE, MIN_OWN, effect_of
from socialsense.settings import DEFAULT_POPULARITY
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


def test_a_better_photo_is_expected_to_do_no_worse(world):
    with_pictures(world, 6)
    rec = recommender(world, popularity=DEFAULT_POPULARITY)
    account = rec.account("me")
    effects = {}
    for color in (RED, BLUE, (250, 250, 250)):
        (item,) = rec.rank_images([photo(color)], account)
        effects[item.score] = rec.photo_effect(account, photo(color))
    assert len(set(effects.values())) > 1
    assert [effects[score] for score in sorted(effects)] == sorted(effects.values())


OWN = np.linspace(-0.5, 0.5, 11)


@pytest.mark.parametrize(
    ("posts_show", "least", "most"),
    [(0.0, 0.0, 0.2), (0.2, 0.2, 0.2), (1.0, 0.2, 1.0), (-5.0, 0.0, 0.0)],
)
def test_a_score_counts_as_learned_elsewhere_drawn_towards_own_posts(posts_show, least, most):
    """`prior` is 0.2; own posts lie on a line of another slope."""
    slope = effect_of(0.5, OWN, -3 + posts_show * OWN, 0.3, prior=0.2) / 0.5
    assert least - 1e-9 <= slope <= most + 1e-9
    if posts_show not in (0.2, -5.0):
        assert least < slope < most


def test_unsteady_posts_say_less_of_what_a_score_does():
    steady, unsteady = (effect_of(0.5, OWN, OWN, spread, prior=0.2) for spread in (0.1, 1.0))
    assert 0.2 * 0.5 < unsteady < steady < 0.5


def test_a_photo_unlike_all_others_counts_no_more_than_the_best_known():
    far, farther = (effect_of(score, OWN, OWN, 0.3, 0.2) for score in (MAX_SCORE, 9.0))
    assert far == farther == -effect_of(-9.0, OWN, OWN, 0.3, 0.2) > 0
    assert effect_of(9.0, OWN[: MIN_OWN - 1], OWN[: MIN_OWN - 1], 0.3, 0.2) == 0


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
    with_pictures(world, MIN_OWN - 1)
    rec = recommender(world, popularity=DEFAULT_POPULARITY)
    assert rec.photo_effect(rec.account("me"), photo(BLUE)) == 0
    with_pictures(world, 6)
    rec, other = recommender(world, popularity=DEFAULT_POPULARITY), recommender(world)
    assert rec.photo_effect(rec.account("me"), photo(BLUE)) != 0
    assert other.photo_effect(other.account("me"), photo(BLUE)) == 0
