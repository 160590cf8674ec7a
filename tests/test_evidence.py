"""Which posts speak for a hashtag, and how far each went beyond its account's usual."""

from dataclasses import replace
from datetime import timedelta
from math import log

import pytest

from socialsense.usual import MIN_OTHERS
from tests.worlds import BLUE, MODES, RED, photo, recommender, red_and_blue

pytestmark = pytest.mark.parametrize("mode", MODES)


def sea(world, mode, color=BLUE):
    """#sea as ranked for a blue photo; None where no post speaks for it."""
    world.account("me")
    world.post("me", 100, "#sea")
    rec = recommender(world, mode=mode)
    return next(iter(rec.rank_hashtags(photo(color), rec.account("me"))), None)


def test_posts_that_say_nothing_are_no_evidence(world, mode):
    """Hidden likes, no picture, no owner, an owner without followers: left out, not zero."""
    world.steady("diver")
    world.account("ghost", followers=0)
    good = world.post("diver", 150, "#sea", BLUE)
    world.post("diver", None, "#sea", BLUE)
    world.post("diver", 150, "#sea")
    world.post(None, 150, "#sea", BLUE)
    world.post("ghost", 150, "#sea", BLUE)
    world.post("stranger", 150, "#sea", BLUE)
    found = sea(world, mode)
    assert [post.pk for post in found.evidence] == [good.pk]
    assert (found.low, found.high, found.helps) == (None, None, None)
    assert found.verdict == "not enough evidence"


def test_a_post_without_caption_counts_for_the_page_it_stands_on(world, mode):
    world.steady("diver")
    world.post("diver", 150, None, BLUE, on_page="sea")
    assert sea(world, mode).support == 1


def test_a_damaged_stored_picture_is_no_evidence(world, mode):
    red_and_blue(world)
    sha256 = world.store.put_image(b"not a picture")
    broken = world.post("painter", 500, "#red", image_sha256=sha256)
    rec = recommender(world, mode=mode)
    ranked = rec.rank_hashtags(photo(RED), rec.account("me"))
    # Of nine top posts each, one is of an account without pictures, and #red's first is broken.
    assert {item.tag: item.support for item in ranked} == {"red": 7, "blue": 8}
    assert broken.pk not in {shown.pk for item in ranked for shown in item.evidence}


def test_a_picture_of_one_account_counts_once_however_often_it_is_posted(world, mode):
    world.steady("diver")
    world.steady("other")
    shown = world.post("diver", 150, "#sea", BLUE)
    world.post("diver", 160, "#sea", image_sha256=shown.image_sha256)
    world.post("diver", 170, "#sea", image_sha256=shown.image_sha256)
    world.post("other", 150, "#sea", image_sha256=shown.image_sha256)
    world.post("diver", 150, "#sea", RED)
    found = sea(world, mode)
    assert (found.support, found.accounts) == (3, 2)
    pictures = [(post.owner, post.image_sha256) for post in found.evidence]
    assert len(set(pictures)) == 3


def test_a_picture_posted_under_two_hashtags_speaks_for_each_with_its_own_figures(world, mode):
    world.account("me")
    world.post("me", 100, "#sea #sky")
    world.steady("diver")
    first = world.post("diver", 150, "#sea", BLUE)
    second = world.post("diver", 50, "#sky", image_sha256=first.image_sha256)
    rec = recommender(world, mode=mode)
    ranked = {item.tag: item for item in rec.rank_hashtags(photo(BLUE), rec.account("me"))}
    assert [post.pk for post in ranked["sea"].evidence] == [first.pk]
    assert [post.pk for post in ranked["sky"].evidence] == [second.pk]
    assert ranked["sky"].lift < 0 < ranked["sea"].lift


def test_many_hidden_or_pinned_posts_do_not_hide_the_usual_rate(world, mode):
    """However many posts say nothing, the ones that do are found behind them."""
    world.account("diver")
    for day in range(40):
        world.post("diver", None, age=day)
        world.post("diver", 9999, age=day, pinned=True)
    for day in range(50, 60):
        world.post("diver", 100, age=day)
    world.post("diver", 150, "#sea", BLUE, age=400)
    assert sea(world, mode).evidence[0].usual_rate == pytest.approx(0.1, rel=0.01)


def test_an_accounts_single_posts_say_something_only_beside_others(world, mode):
    """In 2020 a post was compared with a mean that it was part of itself."""
    world.account("diver")
    world.post("diver", 500, "#sea", BLUE)
    for _ in range(MIN_OTHERS - 1):
        world.post("diver", 100)
    alone = sea(world, mode)
    if mode == "faithful":
        assert alone.evidence[0].usual_rate == pytest.approx(0.3)
        assert alone.lift == pytest.approx(0.2)
    else:
        assert alone is None
    world.post("diver", 100)
    assert sea(world, mode).support == 1


def test_a_lift_is_how_far_a_post_went_beyond_the_usual_shown(world, mode):
    world.steady("diver")
    world.post("diver", 300, "#sea", BLUE, age=5)
    found = sea(world, mode)
    (post,) = found.evidence
    assert post.rate == pytest.approx(0.3)
    if mode == "faithful":
        assert post.usual_rate == pytest.approx(0.12)  # the mean of nine times 100, and 300
        assert post.owner_posts == 10
        assert post.lift == pytest.approx(0.18)
    else:
        assert post.usual_rate == pytest.approx(0.1, rel=0.01)  # its own 300 are not part of it
        assert post.owner_posts == 10
        assert post.lift == pytest.approx(log(0.3005 / post.usual_rate))


def test_a_post_read_in_its_first_day_is_no_evidence_today(world, mode):
    world.steady("diver")
    young = world.post("diver", 500, "#sea", BLUE, age=1)
    world.post("diver", 150, "#sea", BLUE, age=30)
    assert (young.pk in {post.pk for post in sea(world, mode).evidence}) == (mode == "faithful")
    later = replace(young, fetched_at=young.taken_at + timedelta(days=9))
    world.store.put_posts([later])
    assert young.pk in {post.pk for post in sea(world, mode).evidence}


def test_accounts_are_numbers_not_names(world, mode):
    for name in ("diver", "other"):
        world.steady(name)
        for _ in range(2):
            world.post(name, 150, "#sea", BLUE)
    found = sea(world, mode)
    assert sorted(post.owner for post in found.evidence) == [0, 0, 1, 1]
    assert "diver" not in repr(found)
    assert {post.followers for post in found.evidence} == {1000}
