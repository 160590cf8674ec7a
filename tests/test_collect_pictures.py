"""Pictures: fetched once, never lost, and by a new link where the old one fails."""

import pytest

from socialsense.collect import Listings, crawl
from socialsense.errors import PageChanged
from socialsense.store import Store
from tests.small_site import (
    ALWAYS,
    CHANGED,
    DOWN,
    GONE,
    NoneComes,
    Today,
    gather,
    item_of,
    red_and_mill,
    states,
)

ALL = Today("k", ["mill", "boat"], ["red"])
PKS = ["b1", "b2", "m1", "m2", "m3", "m4", "m5"]
QUESTIONS = ["@mill 0", "@mill 2", "@mill 4", "@boat 0", "#red 0", "#red 2"]


def pictures(store: Store) -> dict[str, bytes | None]:
    return {pk: store.image(sha256) for pk, sha256 in store.image_hashes(PKS).items()}


def test_each_is_fetched_once_whichever_listings_and_jobs_show_its_post(
    small_store: Store,
) -> None:
    source = red_and_mill()
    gather(source, small_store, ALL)
    gather(source, small_store, Listings("another", ["mill"], ["red"]))
    assert source.pictures == PKS
    assert pictures(small_store) == {pk: f"picture of {pk}".encode() for pk in PKS}
    assert set(states(small_store, Listings("another", (), ())).values()) == {"done"}


def test_one_that_fails_comes_at_the_end_by_a_new_link(small_store: Store) -> None:
    source = red_and_mill()
    source.fails("image m1", DOWN)
    assert gather(source, small_store, ALL).state == "done"
    assert source.pages == [*QUESTIONS, "post m1"]
    assert source.told["m1/1"] == 0
    assert source.told["m1/2"] == 1
    assert pictures(small_store)["m1"] == b"picture of m1"
    assert item_of(small_store, ALL, "m1").error is None


def test_there_may_be_none(small_store: Store) -> None:
    source = red_and_mill()
    source.files["m1"] = None
    assert gather(source, small_store, ALL).state == "done"
    assert states(small_store, ALL)["m1"] == "gone"
    assert source.pages == QUESTIONS


def test_one_whose_post_is_gone_is_gone(small_store: Store) -> None:
    source = red_and_mill()
    source.fails("image m1", DOWN)
    source.fails("post m1", GONE)
    assert gather(source, small_store, ALL).state == "done"
    assert states(small_store, ALL)["m1"] == "gone"


def test_one_that_fails_by_the_new_link_too_waits_for_the_next_collect(
    small_store: Store,
) -> None:
    source = red_and_mill()
    source.fails("image m1", DOWN, times=ALWAYS)
    job = gather(source, small_store, ALL)
    assert (job.state, job.done, job.total) == ("failed", 3, 3)
    assert (states(small_store, ALL)["m1"], source.pictures.count("m1")) == ("retry", 2)
    source.faults.clear()
    source.asked.clear()
    assert gather(source, small_store, ALL).state == "done"
    assert [q for q in source.asked if "m1" in q] == ["post m1", "image m1"]


def test_one_whose_post_cannot_be_read_is_tried_by_the_next_collect(small_store: Store) -> None:
    source = red_and_mill()
    source.fails("image m1", DOWN)
    source.fails("post m1", CHANGED, times=3)
    with pytest.raises(PageChanged):
        gather(source, small_store, ALL)
    assert states(small_store, ALL)["m1"] == "changed"
    assert gather(source, small_store, ALL).state == "done"
    assert pictures(small_store).keys() == set(PKS)


def test_those_under_way_when_the_process_ended_are_fetched_at_the_next_start(
    small_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = red_and_mill()
    source.fails("@mill 2", KeyboardInterrupt())
    with monkeypatch.context() as patch:
        patch.setattr(crawl, "Pictures", NoneComes)
        with pytest.raises(KeyboardInterrupt):
            gather(source, small_store, ALL)
    assert pictures(small_store) == {}
    source.asked.clear()
    assert gather(source, small_store, ALL).state == "done"
    assert sorted(source.asked[:2]) == ["image m1", "image m2"]
    assert source.pages == QUESTIONS[1:]
    assert pictures(small_store).keys() == set(PKS)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_kill_between_pages_loses_nothing(question: str, small_store: Store) -> None:
    source = red_and_mill()
    source.fails(question, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        gather(source, small_store, ALL)
    assert gather(source, small_store, ALL).state == "done"
    assert sorted(source.pages) == sorted([*QUESTIONS, question])
    assert pictures(small_store).keys() == set(PKS)
    assert [post.pk for post in small_store.tagged(["red"], 9)["red"]] == ["b1", "m2", "b2"]
    assert set(states(small_store, ALL).values()) == {"done"}
