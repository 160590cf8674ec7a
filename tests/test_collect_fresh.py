"""What was read a short while ago is not asked for again, whichever job read it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from socialsense.collect import ForDataset, ForHandle, ForHashtags, crawl
from socialsense.store import Store
from socialsense.types import Item
from tests.small_site import DOWN, NoneComes, SmallSite, gather, grown_old, item_of, now, states

MILL = ForHandle("mill", hashtags=1, posts=2)
RED = ForHashtags(("red",), posts=2)
FIRST = ["@mill 0", "#red 0", "@boat 0"]


def site(**more: object) -> SmallSite:
    """@mill uses #red, on whose page stand posts of @boat and @mill."""
    captions = dict.fromkeys(["m1", "b1", "b2", "m2"], "#red")
    return SmallSite({"mill": "m1 m2", "boat": "b1 b2"}, {"red": "b1 m1 b2 m2"}, captions, **more)


def asked(source: SmallSite, store: Store, plan: object, **options: object) -> list[str]:
    """The pages that collecting it asks for now."""
    source.asked.clear()
    assert gather(source, store, plan, **options).state == "done"
    return source.pages


class TestOneJob:
    def test_saved_pages_of_long_ago_are_forgotten_once_they_were_read(
        self, small_store: Store
    ) -> None:
        for days, readable in ((91, True), (91, False), (89, True)):
            at = now() - timedelta(days=days)
            small_store.put_payload("k", Item("hashtag", "red"), at, f"{days}", readable)
        gather(site(), small_store, MILL)
        old = [saved.text for saved in small_store.payloads() if saved.job == "k"]
        assert old == ["91", "89"]

    def test_what_is_fresh_is_not_asked_for(self, small_store: Store) -> None:
        source = site()
        assert asked(source, small_store, MILL) == FIRST
        assert asked(source, small_store, MILL) == []

    @pytest.mark.parametrize(
        ("days", "again"), [(0.9, []), (1.1, ["@mill 0", "#red 0"]), (6.9, FIRST[:2]), (7.1, FIRST)]
    )
    def test_pages_are_for_a_day_and_owners_for_a_week(
        self, days: float, again: list[str], small_store: Store
    ) -> None:
        source = site()
        gather(source, small_store, MILL)
        grown_old(small_store, [MILL.key], days)
        assert asked(source, small_store, MILL) == again

    def test_again_means_all_of_it(self, small_store: Store) -> None:
        source = site()
        gather(source, small_store, RED)
        gather(source, small_store, MILL)
        assert asked(source, small_store, MILL, again=True) == FIRST

    def test_what_fails_for_good_keeps_nothing_old(self, small_store: Store) -> None:
        source = site()
        source.fails("image b1", DOWN, times=99)
        assert gather(source, small_store, MILL).state == "failed"
        grown_old(small_store, [MILL.key], 8)
        source.asked.clear()
        gather(source, small_store, MILL)
        assert [q for q in source.pages if not q.startswith("post")] == FIRST

    def test_one_that_was_stopped_goes_on_however_late(self, small_store: Store) -> None:
        source = site()
        source.fails("#red 0", KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            gather(source, small_store, MILL)
        grown_old(small_store, [MILL.key], 3)
        assert asked(source, small_store, MILL) == FIRST[1:]


class TestSeveralJobs:
    def test_what_another_one_read_is_taken_from_it(self, small_store: Store) -> None:
        source = site()
        gather(source, small_store, RED)
        assert asked(source, small_store, MILL) == ["@mill 0"]
        assert source.pictures == ["m2"], "that of m1 was there"
        assert set(states(small_store, MILL).values()) == {"done"}

    def test_not_where_it_is_stale(self, small_store: Store) -> None:
        source = site()
        gather(source, small_store, RED)
        grown_old(small_store, [RED.key], 2)
        assert asked(source, small_store, MILL) == ["@mill 0", "#red 0"]

    def test_not_where_more_is_wanted(self, small_store: Store) -> None:
        source = site()
        gather(source, small_store, RED)
        assert asked(source, small_store, replace(RED, tags=("red", "blue"), posts=4)) == [
            "#red 0", "#red 2", "#blue 0",
        ]  # fmt: skip

    def test_not_where_its_pictures_have_not_come(
        self, small_store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source = site()
        source.fails("@boat 0", KeyboardInterrupt())
        with monkeypatch.context() as patch:
            patch.setattr(crawl, "Pictures", NoneComes)
            with pytest.raises(KeyboardInterrupt):
                gather(source, small_store, RED)
        assert asked(source, small_store, MILL) == FIRST
        assert small_store.image_hashes(["m1", "m2", "b1"]).keys() == {"m1", "m2", "b1"}

    def test_a_fuller_reading_counts_though_a_shorter_one_followed(
        self, small_store: Store
    ) -> None:
        source = site()
        gather(source, small_store, replace(RED, tags=("red", "blue"), posts=4))
        assert asked(source, small_store, RED, again=True) == ["#red 0", "@boat 0", "@mill 0"]
        wide = replace(RED, tags=("red", "green"), posts=4)
        assert asked(source, small_store, wide) == ["#green 0"]

    def test_one_who_was_not_there_may_have_come_back(self, small_store: Store) -> None:
        source = site(private=("boat",))
        gather(source, small_store, RED)
        source.private = ()
        boat = ForHandle("boat", hashtags=0, posts=2)
        assert asked(source, small_store, boat, again=True) == ["@boat 0"]
        assert asked(source, small_store, MILL) == ["@mill 0"]
        assert states(small_store, MILL)["@boat"] == "done"

    def test_nobody_asks_twice_for_one_who_is_not_there(self, small_store: Store) -> None:
        source = site(private=("boat",))
        gather(source, small_store, RED)
        assert states(small_store, RED)["@boat"] == "private"
        assert asked(source, small_store, MILL) == ["@mill 0"]
        assert states(small_store, MILL)["@boat"] == "private"

    def test_no_listing_grows_to_what_another_one_wanted(self, small_store: Store) -> None:
        source = site()
        gather(source, small_store, RED)
        long = " ".join(f"b{n}" for n in range(1, 40))
        source.accounts["boat"] = long
        gather(source, small_store, ForHandle("boat", hashtags=1, posts=2))
        assert item_of(small_store, ForHandle("boat"), "boat").wanted == 36
        assert asked(source, small_store, RED) == []
        assert item_of(small_store, RED, "boat").wanted == 12


class TestWider:
    def test_it_reads_on_from_the_cursor(self, small_store: Store) -> None:
        source = site()
        gather(source, small_store, RED)
        assert asked(source, small_store, replace(RED, posts=4)) == ["#red 2"]
        assert small_store.image_hashes(["b1", "m1", "b2", "m2"]).keys() == {"b1", "m1", "b2", "m2"}

    def test_pictures_of_posts_read_already_come_without_a_page(self, small_store: Store) -> None:
        source = site(size=4)
        gather(source, small_store, RED)
        assert source.pictures == ["b1", "m1"]
        assert asked(source, small_store, replace(RED, posts=3)) == []
        assert source.pictures == ["b2"]


def test_a_dataset_never_reads_a_page_anew(small_store: Store) -> None:
    source, plan = site(), ForDataset(2, ("red",))
    gather(source, small_store, plan)
    grown_old(small_store, [plan.key], 400)
    assert asked(source, small_store, plan) == []
    assert asked(source, small_store, replace(plan, images=4)) == ["#red 2"]
