"""Sets and what changing them does, photos side by side, and whether hashtags matter."""

import numpy as np
import pytest

from tests.worlds import BLUE, MODES, RED, four_painters, photo, recommender, red_and_blue

both_modes = pytest.mark.parametrize("mode", MODES)


def ranked(world, mode="calibrated", extra=(), **settings):
    rec = recommender(world, mode=mode, **settings)
    return rec, rec.rank_hashtags(photo(RED), rec.account("me"), extra)


@both_modes
def test_the_set_keeps_to_the_cap(world, mode):
    red_and_blue(world)
    assert recommender(world).max_hashtags == 5
    rec, found = ranked(world, mode, max_hashtags=1)
    assert rec.best_set(found).text == "#red"
    assert set(rec.best_set(found, 2, "faithful").tags) == {"red", "blue"}
    assert rec.best_set(()).tags == rec.best_set((), mode="faithful").tags == ()


def test_in_2020_the_set_was_the_highest_scores(world):
    four_painters(world, **{f"tag{n}": 100 + 10 * n for n in range(9)})
    rec, found = ranked(world, "faithful")
    assert rec.best_set(found).tags == ("tag8", "tag7", "tag6", "tag5", "tag4")
    assert len(rec.best_set(found, 30).tags) == 9


def test_a_hidden_hashtag_is_never_recommended_today(world):
    four_painters(world, l4l=400, sea=110, sky=105)
    rec, found = ranked(world)
    assert found[0].tag == "l4l"
    assert "l4l" not in rec.best_set(found).tags
    only = [item for item in found if item.caution == "banned"]
    assert rec.best_set(only).tags == ()
    chosen = rec.best_set(found, 1)
    assert "l4l" not in {change.add for change in rec.changes(chosen, found)}
    assert "l4l" in rec.best_set(found, mode="faithful").tags  # as it was then


def test_a_swap_rests_on_evidence(world):
    """A hashtag nobody knows scores 0, better than a bad one; that recommends it to nobody."""
    four_painters(world, good=260, bad=40)
    rec, found = ranked(world, extra=["unknown"])
    assert [item.tag for item in found] == ["good", "bad", "unknown"]
    swaps = [change for change in rec.changes(rec.best_set(found[:1]), found) if change.add]
    assert [(swap.drop, swap.add) for swap in swaps] == [("good", "bad")]


def test_one_spelling_of_a_word_is_enough(world):
    four_painters(world, windmill=150, windmills=150, wind_mill=150, sea=150)
    rec, found = ranked(world)
    chosen = rec.best_set(found, 2)
    assert len(chosen.tags) == 2
    assert "sea" in chosen.tags


def test_two_hashtags_over_the_same_posts_make_room_for_another(world):
    four_painters(world, sea=150)
    for number in range(4):
        for _ in range(2):
            world.post(f"painter{number}", 150, "#twin #double", RED)
    world.post("me", 100, "#sea #twin #double")
    rec, found = ranked(world)
    assert {item.tag for item in found} == {"sea", "twin", "double"}
    assert "sea" in rec.best_set(found, 2).tags


@both_modes
def test_what_a_change_does_has_the_right_sign(world, mode):
    four_painters(world, good=260, plain=101, bad=40)
    rec, found = ranked(world, mode)
    by_tag = {item.tag: item for item in found}
    chosen = rec.best_set([by_tag["good"], by_tag["bad"]], mode="faithful")
    changes = {(c.drop, c.add): c for c in rec.changes(chosen, found)}
    assert set(changes) == {("good", None), ("bad", None), ("good", "plain"), ("bad", "plain")}
    for (drop, _), change in changes.items():
        for_better = drop == "bad"
        assert (change.effect > 0) == for_better
        assert change.low <= change.effect <= change.high
        assert (change.helps > 0.9) if for_better else (change.helps < 0.1)
    assert changes["bad", None].effect > changes["bad", "plain"].effect > 0  # plain dilutes good


@both_modes
def test_a_change_is_the_difference_of_two_sets(world, mode):
    four_painters(world, good=260, plain=101, bad=40)
    rec, found = ranked(world, mode)
    good, plain, _ = found
    chosen = rec.best_set(found, 2, "faithful")
    assert chosen.hashtags == (good, plain)
    (drop_good, drop_plain, *swaps) = rec.changes(chosen, found)
    slope = rec.engagement.slope if mode == "calibrated" else 1.0
    mean = (good.score + plain.score) / 2
    assert drop_good.effect == pytest.approx(slope * (plain.score - mean))
    assert drop_plain.effect == pytest.approx(slope * (good.score - mean))
    assert [c.drop for c in swaps] == ["plain", "good"]  # the most promising first
    assert {c.add for c in swaps} == {"bad"}


@both_modes
def test_dropping_the_only_hashtag_leaves_none(world, mode):
    four_painters(world, good=260, bad=40)
    rec, found = ranked(world, mode)
    alone = rec.best_set(found[:1])
    (change,) = rec.changes(alone, found[:1])
    assert (change.drop, change.add) == ("good", None)
    slope = rec.engagement.slope if mode == "calibrated" else 1.0
    assert change.effect == pytest.approx(-slope * found[0].score)
    assert rec.changes(rec.best_set(()), found) == ()


@both_modes
def test_photos_side_by_side_get_what_each_gets_alone(world, mode):
    red_and_blue(world)
    world.post("painter", 120, "#both", (120, 30, 120), age=400)
    rec = recommender(world, mode=mode)
    account = rec.account("me")
    images = [photo(RED, "a.jpg"), photo(BLUE, "b.jpg"), photo((130, 60, 60), "c.jpg")]
    found = rec.photo_hashtags(images, account)
    assert found.photos == ("a.jpg", "b.jpg", "c.jpg")
    assert found.scores.shape == (3, len(found.tags))
    for image, row in zip(images, found.scores, strict=True):
        alone = {item.tag: item.score for item in rec.rank_hashtags(image, account)}
        assert alone.keys() == set(found.tags)
        assert row == pytest.approx([alone[tag] for tag in found.tags], rel=1e-6, abs=1e-9)
    means = found.scores.mean(axis=0)
    assert list(means) == sorted(means, reverse=True)
    assert rec.photo_hashtags([], account).scores.shape == (0, len(found.tags))


def test_without_evidence_there_is_nothing_side_by_side(world):
    world.account("me")
    rec = recommender(world)
    assert rec.photo_hashtags([photo(RED)], rec.account("me")).tags == ()


def test_whether_hashtags_matter_is_read_from_the_accounts_own_posts(world):
    """#up doubles engagement; posts that are pinned, young or without likes are left out."""
    world.account("me")
    rng = np.random.default_rng(2)
    for age in range(10, 70):
        up = rng.random() < 0.5
        likes = int(rng.normal(100, 5)) * (2 if up else 1)
        world.post("me", likes, "#up #always" if up else "#always", age=age)
    world.post("me", 9999, "#always", age=200, pinned=True)
    world.post("me", 3, "#up", age=0)
    world.post("me", None, "#up", age=30)
    rec = recommender(world)
    found = rec.hashtags_matter(rec.account("me"))
    assert found.posts == 60
    assert found.found
    (up,) = found.strongest  # #always was never left out
    assert up.tags == ("up",)
    assert up.factor == pytest.approx(2, rel=0.05)
    assert up.clear


def test_without_posts_nobody_can_tell_whether_they_matter(world):
    world.account("me")
    rec = recommender(world)
    found = rec.hashtags_matter(rec.account("me"))
    assert not found.enough
    assert "12 are needed" in found.reason
