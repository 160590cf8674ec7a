"""Listings as sites give them: pages that overlap, begin anew, or never end."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from socialsense.collect import ForHandle, Listings, plans
from socialsense.store import Store
from socialsense.types import Page, Post
from tests.small_site import SmallSite, gather, item_of

RED = Listings("k", (), ["red"])


def ranked(store: Store, tag: str = "red") -> list[str]:
    """The posts on a hashtag's page; fails where two share a rank or a rank has none."""
    known = [post.pk for post in store.tagged([tag], 99).get(tag, ())]
    on_page = store.pages_of(known)
    pks = [pk for pk in known if pk in on_page]
    for rank in range(len(pks) + 1):
        assert store.ranked(tag, pks, rank) == set(pks[:rank])
    return pks


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pks=st.lists(st.sampled_from(["b1", "b2", "m1", "m2", "m3"]), min_size=1, unique=True),
    times=st.integers(1, 2),
    size=st.integers(1, 4),
    overlap=st.integers(0, 4),
)
def test_ranks_have_no_gaps_and_no_doubles(
    small_store: Store, pks: list[str], times: int, size: int, overlap: int
) -> None:
    shown = " ".join(pk for pk in pks for _ in range(times))
    source = SmallSite(hashtags={"red": shown}, size=size, overlap=overlap)
    gather(source, small_store, RED, again=True)
    assert ranked(small_store) == pks
    assert item_of(small_store, RED, "red").posts == len(pks)


def test_a_page_read_anew_replaces_the_earlier_one(small_store: Store) -> None:
    source = SmallSite(hashtags={"red": "b1 m1 m2"})
    gather(source, small_store, RED)
    source.hashtags["red"] = "m3 b1"
    gather(source, small_store, RED)
    pks = ["b1", "m1", "m2", "m3"]
    assert small_store.ranked("red", pks, 1) == {"m3"}
    assert small_store.ranked("red", pks, 99) == {"m3", "b1"}


def test_a_hashtag_nobody_uses_is_done(small_store: Store) -> None:
    assert gather(SmallSite(), small_store, RED).state == "done"
    assert item_of(small_store, RED, "red").state == "done"


def test_sizes_of_hashtags_are_kept(small_store: Store) -> None:
    source = SmallSite(hashtags={"red": "b1 m1"}, sizes={"red": 4000, "blue": 70})
    gather(source, small_store, RED)
    asked = ["red", "blue", "green"]
    assert small_store.hashtag_sizes(asked) == {"red": 4000, "blue": 70}


class Endless(SmallSite):
    """Shows the same posts again and again, each time with another cursor."""

    def tagged(self, tag: str, cursor: str | None = None) -> Page[Post]:
        page = super().tagged(tag)
        return replace(page, cursor=str(int(cursor or 0) + 1))


def test_one_that_repeats_itself_without_end_has_ended(small_store: Store) -> None:
    source = Endless(hashtags={"red": "b1 m1"})
    gather(source, small_store, RED)
    item = item_of(small_store, RED, "red")
    assert (item.state, item.cursor, item.posts) == ("done", None, 2)
    assert len(source.pages) <= 6


@dataclass
class Sessions(SmallSite):
    """Knows no cursor of an earlier session: there it begins anew."""

    session: int = 1

    def posts(self, handle: str, cursor: str | None = None) -> Page[Post]:
        return self._of_session(super().posts, handle, cursor)

    def tagged(self, tag: str, cursor: str | None = None) -> Page[Post]:
        return self._of_session(super().tagged, tag, cursor)

    def _of_session(self, listing, name: str, cursor: str | None) -> Page[Post]:
        session, _, place = (cursor or "").partition(":")
        page = listing(name, place if session == str(self.session) else None)
        return replace(page, cursor=page.cursor and f"{self.session}:{page.cursor}")


@pytest.mark.parametrize(("name", "stops_at"), [("mill", "@mill 6"), ("red", "#red 6")])
def test_one_that_begins_anew_is_read_as_far_as_it_was_to_be(
    name: str, stops_at: str, small_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "OWN_POSTS", 8)
    monkeypatch.setattr(plans, "OWNER_POSTS", 2)
    eleven = " ".join(f"m{n}" for n in range(1, 12))
    captions = {f"m{n}": "#red" for n in range(1, 12)}
    source = Sessions({"mill": eleven}, {"red": eleven}, captions)
    plan = ForHandle("mill", hashtags=1, posts=8)
    source.fails(stops_at, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        gather(source, small_store, plan)
    source.session = 2
    gather(source, small_store, plan)
    items = [item for item in small_store.items_of(plan.key) if item.name == name]
    assert [(item.state, item.posts) for item in items] == [("done", 8)]
    assert source.pages.count(stops_at) == 2, "the second time it is answered"
    assert ranked(small_store)[:8] == eleven.split()[:8]
    assert {f"m{n}" for n in range(1, 9)} <= small_store.image_hashes(eleven.split()).keys()
