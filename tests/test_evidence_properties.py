"""However often a post is repeated or another hides its likes, no score moves."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialsense.store import Store
from tests.worlds import BLUE, MODES, RED, World, photo, recommender

PAINTERS = ("ann", "ben", "cay", "dee")


def scores(world, mode):
    rec = recommender(world, mode=mode)
    ranked = rec.rank_hashtags(photo(BLUE), rec.account("me"))
    return {item.tag: (item.score, item.support, item.accounts) for item in ranked}


@pytest.mark.parametrize("mode", MODES)
@given(
    likes=st.lists(st.integers(1, 900), min_size=4, max_size=4),
    repeated=st.lists(st.integers(0, 3), max_size=3),
    hidden=st.lists(st.sampled_from(PAINTERS), max_size=2),
)
@settings(max_examples=15)
def test_repeated_and_hidden_posts_move_no_score(mode, likes, repeated, hidden):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        with Store.open(f"sqlite:///{root}/test.db", root / "images") as opened:
            world = World(opened)
            world.account("me")
            world.post("me", 100, "#sea")
            for name in PAINTERS:
                world.steady(name, 4)
            shown = [
                world.post(name, count, "#sea", RED if place % 2 else BLUE)
                for place, (name, count) in enumerate(zip(PAINTERS, likes, strict=True))
            ]
            before = scores(world, mode)
            assert before["sea"][1:] == (4, 4)
            for place in repeated if mode == "calibrated" else ():
                post = shown[place]
                world.post(post.handle, post.likes, "#sea", image_sha256=post.image_sha256)
            for name in hidden:
                world.post(name, None, "#sea", BLUE)
            after = scores(world, mode)
    assert after["sea"][1:] == (4, 4)
    assert after["sea"][0] == pytest.approx(before["sea"][0], abs=1e-12)
