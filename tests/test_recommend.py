"""The whole recommendation on small worlds whose answer is visible by eye."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image as PILImage

from socialsense import parts
from socialsense.errors import (
    ModelError,
    NoHistory,
    PrivateAccount,
    UnknownAccount,
    UnknownPart,
)
from socialsense.hashtags import COMMON_HASHTAGS
from socialsense.images import encode_jpeg, open_image
from socialsense.recommend import Recommender
from socialsense.settings import DEFAULT_POPULARITY, Settings
from socialsense.store import Store
from socialsense.types import Post, Profile

NOW = datetime(2026, 11, 1, tzinfo=UTC)
RED, BLUE = (220, 30, 30), (30, 30, 220)


class World:
    """A store that is easy to fill by hand."""

    def __init__(self, store):
        self.store = store
        self.posts = 0

    def account(self, handle, followers=1000, private=False):
        self.store.put_profile(Profile(handle, followers, 0, NOW, "test", private))

    def steady(self, handle):
        """An account whose usual rate is 10 %."""
        self.account(handle)
        for _ in range(10):
            self.post(handle, 100)

    def picture(self, color):
        """A JPEG of nearly that colour, different each time."""
        shade = tuple(min(255, c + self.posts % 20) for c in color)
        return encode_jpeg(PILImage.new("RGB", (32, 24), shade))

    def post(self, handle, likes, caption=None, color=None, age=None, on_page=None, **more):
        self.posts += 1
        sha = None
        if color is not None:
            sha = self.store.put_image(self.picture(color))
        post = Post(
            pk=f"p{self.posts}",
            shortcode=f"s{self.posts}",
            handle=handle,
            taken_at=NOW - timedelta(days=age if age is not None else self.posts),
            kind="image",
            caption=caption,
            likes=likes,
            comments=0,
            source="test",
            fetched_at=NOW,
            image_sha256=sha,
            **more,
        )
        self.store.put_posts([post])
        if on_page:
            self.store.put_tagged(on_page, [post], first_rank=self.posts)
        return post


@pytest.fixture
def world(tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/test.db", tmp_path / "images") as store:
        yield World(store)


def recommender(world, embedder="color", **settings):
    chosen = Settings(embedder=embedder, **settings)
    return Recommender.load(world.store, chosen)


def photo(color, name="photo.jpg"):
    return open_image(encode_jpeg(PILImage.new("RGB", (60, 40), color)), name)


def red_and_blue(world):
    """#red does well on red pictures and #blue on blue ones; each has some of the other."""
    world.account("me")
    world.post("me", 100, "#red #blue")
    world.steady("painter")
    for color, good, bad in ((RED, "red", "blue"), (BLUE, "blue", "red")):
        for _ in range(5):
            world.post("painter", 200, f"well placed #{good}", color, age=400)
            world.post("painter", 90, f"badly placed #{bad}", color, age=400)


@pytest.mark.parametrize("denominator", ["weight", "count"])
def test_a_red_photo_ranks_red_first(world, denominator):
    red_and_blue(world)
    rec = recommender(world, denominator=denominator)
    account = rec.account("me")
    assert [h.tag for h in rec.rank_hashtags(photo(RED), account)] == ["red", "blue"]
    assert [h.tag for h in rec.rank_hashtags(photo(BLUE), account)] == ["blue", "red"]


def test_of_equal_scores_the_more_similar_hashtag_wins(world):
    world.account("me")
    world.post("me", 100, "#red #blue")
    world.steady("painter")
    for _ in range(4):
        world.post("painter", 150, "#red", RED, age=400)
        world.post("painter", 150, "#blue", BLUE, age=400)
    rec = recommender(world)
    mostly_red = PILImage.new("RGB", (60, 40), RED)
    mostly_red.paste(BLUE, (0, 0, 20, 40))
    ranked = rec.rank_hashtags(open_image(encode_jpeg(mostly_red), "photo.jpg"), rec.account("me"))
    assert [h.tag for h in ranked] == ["red", "blue"]
    assert [h.score for h in ranked] == pytest.approx([0.05, 0.05])
    assert ranked[0].similarity > ranked[1].similarity > 0


def test_scores_can_be_recomputed_from_the_evidence_shown(world):
    red_and_blue(world)
    rec = recommender(world)
    for item in rec.rank_hashtags(photo(RED), rec.account("me")):
        weight = np.array([post.similarity for post in item.evidence])
        lift = np.array([post.rate - post.usual_rate for post in item.evidence])
        assert item.score == pytest.approx(np.average(lift, weights=weight))
        assert item.support == len(item.evidence)
        assert all(
            post.lift == pytest.approx(post.rate - post.usual_rate) for post in item.evidence
        )


def test_same_store_same_photos_same_answer(world):
    red_and_blue(world)
    first, second = recommender(world), recommender(world)
    images = [photo(RED, "a"), photo(BLUE, "b")]
    account = first.account("me")
    assert first.rank_images(images, account) == second.rank_images(images, account)
    assert first.rank_hashtags(images[0], account) == second.rank_hashtags(images[0], account)


def test_nothing_is_computed_twice(world):
    red_and_blue(world)
    rec = recommender(world)
    rec.rank_hashtags(photo(RED), rec.account("me"))
    again = recommender(world)
    again._embeddings.compute = pytest.fail  # any call would be a second computation
    assert again.rank_hashtags(photo(RED), again.account("me"))


def test_related_hashtags_come_from_captions_of_top_posts(world):
    world.account("me")
    world.post("me", 100, "#sea")
    world.steady("diver")
    for _ in range(4):
        world.post("diver", 150, "#sea #coral", BLUE)
    rec = recommender(world)
    assert {h.tag for h in rec.rank_hashtags(photo(BLUE), rec.account("me"))} == {"sea", "coral"}


def test_without_own_hashtags_the_search_starts_from_common_ones(world):
    world.account("me")
    world.post("me", 100, "no hashtag here")
    world.steady("diver")
    tag = COMMON_HASHTAGS[3]
    for _ in range(4):
        world.post("diver", 150, f"#{tag}", BLUE)
    rec = recommender(world)
    assert [h.tag for h in rec.rank_hashtags(photo(BLUE), rec.account("me"))] == [tag]


def test_posts_that_say_nothing_are_no_evidence(world):
    """Hidden likes, no picture, no owner, an owner without followers: left out, not zero."""
    world.account("me")
    world.post("me", 100, "#sea")
    world.steady("diver")
    world.account("ghost", followers=0)
    good = world.post("diver", 150, "#sea", BLUE)
    world.post("diver", None, "#sea", BLUE)
    world.post("diver", 150, "#sea")
    world.post(None, 150, "#sea", BLUE)
    world.post("ghost", 150, "#sea", BLUE)
    world.post("stranger", 150, "#sea", BLUE)
    rec = recommender(world)
    (sea,) = rec.rank_hashtags(photo(BLUE), rec.account("me"))
    assert [post.pk for post in sea.evidence] == [good.pk]
    assert (sea.low, sea.high) == (None, None)


def test_a_post_without_caption_counts_for_the_page_it_stands_on(world):
    world.account("me")
    world.post("me", 100, "#sea")
    world.steady("diver")
    world.post("diver", 150, None, BLUE, on_page="sea")
    rec = recommender(world)
    (sea,) = rec.rank_hashtags(photo(BLUE), rec.account("me"))
    assert sea.support == 1


def test_own_additions_without_evidence_close_the_list(world):
    red_and_blue(world)
    rec = recommender(world)
    ranked = rec.rank_hashtags(photo(RED), rec.account("me"), extra=["nobody", "red"])
    assert [h.tag for h in ranked] == ["red", "blue", "nobody"]
    assert (ranked[-1].score, ranked[-1].support) == (0, 0)


def test_candidates_are_bounded(world):
    world.account("me")
    world.post("me", 100, " ".join(f"#tag{n}" for n in range(50)), RED)
    rec = recommender(world, candidates=7)
    assert len(rec.rank_hashtags(photo(RED), rec.account("me"))) == 7


def test_a_damaged_stored_picture_is_no_evidence(world):
    red_and_blue(world)
    account = recommender(world).account("me")
    broken = world.store.put_image(b"not a picture")
    post = world.post("painter", 500, "#red")
    world.store.put_posts(
        [Post(**{**{f: getattr(post, f) for f in post.__slots__}, "image_sha256": broken})]
    )
    rec = recommender(world)
    ranked = rec.rank_hashtags(photo(RED), account)
    assert post.pk not in {shown.pk for item in ranked for shown in item.evidence}


def test_photos_rank_by_score_and_percentile_of_own_posts(world):
    world.account("me")
    for shade in range(6):
        world.post("me", 100, color=(40 * shade, 30, 30))
    rec = recommender(world)
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


def test_unknown_private_and_empty_accounts_say_so(world):
    world.account("closed", private=True)
    world.account("new", followers=0)
    rec = recommender(world)
    with pytest.raises(UnknownAccount, match="@nobody"):
        rec.account("nobody")
    with pytest.raises(PrivateAccount, match="@closed"):
        rec.account("closed")
    account = rec.account("new")
    assert rec.rank_hashtags(photo(RED), account) == ()
    with pytest.raises(NoHistory, match="no followers"):
        rec.predict(account, rec.best_set(()))


def test_the_set_keeps_to_the_cap(world):
    red_and_blue(world)
    assert recommender(world).max_hashtags == 5
    rec = recommender(world, max_hashtags=1)
    ranked = rec.rank_hashtags(photo(RED), rec.account("me"))
    assert rec.best_set(ranked).text == "#red"


def test_predictions_are_kept_once(world):
    red_and_blue(world)
    rec = recommender(world)
    image, account = photo(RED), rec.account("me")
    chosen = rec.best_set(rec.rank_hashtags(image, account))
    prediction = rec.predict(account, chosen)
    for _ in range(2):
        rec.record(prediction, image, chosen)
    assert len(world.store.predictions("me")) == 1


@pytest.mark.parametrize("embedder", parts.names("embedders"))
def test_every_embedder_walks_the_whole_way(world, embedder):
    red_and_blue(world)
    rec = recommender(world, embedder)
    account = rec.account("me")
    chosen = rec.best_set(rec.rank_hashtags(photo(RED), account))
    assert set(chosen.tags) == {"red", "blue"}
    assert rec.predict(account, chosen).median > 0


def test_many_hidden_or_pinned_posts_do_not_hide_the_usual_rate(world):
    """However many posts say nothing, the ones that do are found behind them."""
    world.account("me")
    world.post("me", 100, "#sea")
    world.account("diver")
    for day in range(40):
        world.post("diver", None, age=day)
        world.post("diver", 9999, age=day, pinned=True)
    for day in range(50, 60):
        world.post("diver", 100, age=day)
    world.post("diver", 150, "#sea", BLUE, age=400)
    rec = recommender(world)
    (sea,) = rec.rank_hashtags(photo(BLUE), rec.account("me"))
    assert sea.evidence[0].usual_rate == pytest.approx(0.1)


def test_the_default_popularity_stands_in_for_one_that_cannot_be_loaded(world, tmp_path):
    usual = recommender(world)
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
