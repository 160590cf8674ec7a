"""The frontier of a crawl in the store: order, what is wanted, and what became of each item."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from socialsense.store import Store
from socialsense.store.crawls import KINDS, STATES
from socialsense.types import Item
from tests.examples import NOON, at

NUMBERS = count(1)


def profile(name: str, **changes: object) -> Item:
    return replace(Item("profile", name, wanted=24), **changes)


def names(items: tuple[Item, ...]) -> list[str]:
    return [item.name for item in items]


class TestOrder:
    def test_items_come_back_as_they_went_in_and_in_order(self, store: Store) -> None:
        full = Item("hashtag", "red", 9, 3, "retry", "here", 5, 2, "broke", NOON)
        store.put_items("j", [profile("b"), full])
        store.put_items("j", [profile("a"), profile("b")])
        assert store.items_of("j") == (profile("b"), full, profile("a"))
        assert store.items_of("other") == ()

    def test_a_hashtag_and_an_account_may_have_one_name(self, store: Store) -> None:
        store.put_items("j", [Item("hashtag", "red"), Item("profile", "red")])
        store.set_items("j", [Item("profile", "red", state="done", updated_at=NOON)])
        assert [item.state for item in store.items_of("j")] == ["waiting", "done"]

    def test_the_next_one_is_the_first_of_its_kinds_and_states(self, store: Store) -> None:
        store.put_items("j", [profile("a", state="done"), profile("b", state="retry")])
        store.put_items("j", [Item("picture", "7"), Item("hashtag", "red")])

        def following(*asked: object) -> str | None:
            item = store.next_item("j", *asked)
            return item and item.name

        assert following() == "7"
        assert following(["profile", "hashtag"]) == "red"
        assert following(["profile", "hashtag"], ["waiting", "retry"]) == "b"
        assert following(["profile"]) is None

    def test_so_many_behind_another_one(self, store: Store) -> None:
        store.put_items("j", [profile("x"), *(Item("picture", str(n)) for n in range(9))])
        fifth = store.items_of("j", ["picture"], limit=5)[-1]
        assert fifth.name == "4"
        assert names(store.items_of("j", ["picture"], limit=3, after=fifth)) == ["5", "6", "7"]
        store.set_items("j", [replace(fifth, state="done")])
        assert names(store.items_of("j", states=["waiting"], after=fifth)) == list("5678")

    def test_jobs_do_not_meet(self, store: Store) -> None:
        for job in "jk":
            store.put_items(job, [profile("a"), profile("b")])
        store.set_items("j", [profile("a", state="gone", updated_at=NOON)])
        store.drop_items("k", [profile("a")])
        assert store.known_items("k", "profile", ["a", "b"]) == {"b"}
        assert store.known_items("j", "profile", ["a", "b", "c"]) == {"a", "b"}
        store.drop_items("k", store.items_of("k"))
        assert store.count_items("j") == {("profile", "gone"): 1, ("profile", "waiting"): 1}
        assert store.count_items("k") == {}


class TestPutAgain:
    @pytest.mark.parametrize(
        ("old", "new", "larger"),
        [(9, 10, 10), (9, 8, 9), (9, None, None), (None, 9, None), (0, 0, 0)],
    )
    def test_what_is_wanted_only_grows(
        self, store: Store, old: int | None, new: int | None, larger: int | None
    ) -> None:
        for wanted in (old, new):
            store.put_items("j", [Item("profile", "a", wanted, pictures=wanted)])
        assert store.items_of("j") == (Item("profile", "a", larger, pictures=larger),)

    @pytest.mark.parametrize(
        ("cursor", "wanted", "state"),
        [("here", 48, "waiting"), ("here", None, "waiting"), ("here", 24, "done"),
         (None, 48, "done"), (None, None, "done")],
    )  # fmt: skip
    def test_one_that_is_done_waits_again_where_more_of_it_is_to_be_had(
        self, store: Store, cursor: str | None, wanted: int | None, state: str
    ) -> None:
        done = profile("a", state="done", cursor=cursor, posts=24, updated_at=NOON)
        store.put_items("j", [done])
        store.put_items("j", [profile("a", wanted=wanted)])
        assert store.items_of("j") == (replace(done, wanted=wanted, state=state),)

    def test_no_other_state_changes(self, store: Store) -> None:
        old = [profile(state, state=state, cursor="x") for state in STATES if state != "done"]
        store.put_items("j", old)
        store.put_items("j", [replace(item, wanted=None, state="waiting") for item in old])
        assert [item.state for item in store.items_of("j")] == [item.state for item in old]


class TestSet:
    def test_as_it_stands_now(self, store: Store) -> None:
        store.put_items("j", [profile("a"), profile("b")])
        changed = profile("b", state="retry", cursor="x", tries=1, error="No.", updated_at=NOON)
        store.set_items("j", [changed, profile("unknown")])
        store.set_items("j", [])
        assert store.items_of("j") == (profile("a"), changed)

    def test_told_now_where_no_time_is_given(self, store: Store) -> None:
        store.put_items("j", [profile("a")])
        before = datetime.now(UTC)
        store.set_items("j", [profile("a", state="done")])
        (item,) = store.items_of("j")
        assert item.updated_at is not None
        assert before <= item.updated_at <= datetime.now(UTC)


def test_fresh_items_are_final_ones_of_any_job_the_latest_first(store: Store) -> None:
    for job, hours, state in [("i", 3, "private"), ("j", 5, "done"), ("k", 4, "gated")]:
        store.put_items(job, [profile("a", state=state, updated_at=at(hours))])
    for state in STATES:
        store.put_items("j", [profile(state, state=state, updated_at=at(3))])
    store.put_items("j", [profile("never told", state="done"), Item("hashtag", "a")])
    asked = ["a", *STATES, "never told", "unknown"]
    fresh = store.fresh_items("profile", asked, since=at(3))
    assert {name: [item.state for item in readings] for name, readings in fresh.items()} == {
        "a": ["done", "gated", "private"],
        "done": ["done"], "gone": ["gone"], "private": ["private"], "gated": ["gated"],
    }  # fmt: skip
    assert set(store.fresh_items("profile", asked, since=at(3.5))) == {"a"}


ITEMS = st.builds(
    Item,
    kind=st.sampled_from(KINDS),
    name=st.sampled_from("abcd"),
    wanted=st.none() | st.integers(0, 3),
    pictures=st.none() | st.integers(0, 3),
    state=st.sampled_from(STATES),
    cursor=st.none() | st.just("x"),
    updated_at=st.just(NOON),
)


def _slowly(known: dict[tuple[str, str], Item], given: Item) -> Item:
    """What put_items makes of an item, told one line after the other."""
    old = known.get((given.kind, given.name))
    if old is None:
        return given
    grows = old.wanted is not None and (given.wanted is None or given.wanted > old.wanted)
    again = grows and old.state == "done" and old.cursor is not None
    pictures = [old.pictures, given.pictures]
    return replace(
        old,
        wanted=given.wanted if grows else old.wanted,
        pictures=None if None in pictures else max(pictures),
        state="waiting" if again else old.state,
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.tuples(st.booleans(), st.lists(ITEMS, max_size=6)), max_size=6))
def test_the_frontier_is_an_ordered_dict(store: Store, batches: list) -> None:
    job, known = f"any{next(NUMBERS)}", {}
    with store.transaction():
        for puts, batch in batches:
            (store.put_items if puts else store.set_items)(job, batch)
            for item in batch:
                if puts:
                    known[item.kind, item.name] = _slowly(known, item)
                elif (item.kind, item.name) in known:
                    known[item.kind, item.name] = item
    expected = list(known.values())
    assert list(store.items_of(job)) == expected
    assert store.count_items(job) == Counter((item.kind, item.state) for item in expected)
    waiting = [item for item in expected if item.state == "waiting"]
    assert store.next_item(job) == (waiting[0] if waiting else None)
