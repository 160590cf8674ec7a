"""A site that fails: what is tried again, what is left, and what stops everything."""

from concurrent.futures import wait
from dataclasses import replace
from datetime import timedelta

import pytest

from socialsense.collect import collect, crawl
from socialsense.collect.failures import PAUSE
from socialsense.collect.patience import LONGEST, patiently
from socialsense.collect.pictures import UNDER_WAY, Fetched, Pictures
from socialsense.errors import (
    AskedToWait,
    PageChanged,
    PersonNeeded,
    SourceError,
    UnknownAccount,
    Withheld,
)
from socialsense.store import Store
from tests.small_site import (
    ALWAYS,
    AT_ONCE,
    CHALLENGE,
    CHANGED,
    DOWN,
    GONE,
    SITE,
    WAIT,
    WORDS,
    SmallSite,
    Today,
    gather,
    item_of,
    now,
    red_and_mill,
    states,
)

ALL = Today("k", ["mill", "boat"], ["red"])
FIVE = Today("five", ["a", "b", "c", "d", "e"], ())
EVERYTHING = ["m1", "m2", "m3", "m4", "m5", "b1", "b2"]


class TestPatience:
    def tried(self, *errors: Exception, seconds: float = 10) -> tuple[list[float], list[str]]:
        """How long it waited, and what it noted, until an answer or the last error."""
        waits: list[float] = []
        noted: list[str] = []
        left = list(errors)

        def ask() -> str:
            if left:
                raise left.pop(0)
            return "an answer"

        try:
            patiently(ask, seconds, waits.append, lambda error: noted.append(error.what))
        except SourceError as error:
            noted.append(f"raised: {error.what}")
        return waits, noted

    def test_each_wait_is_twice_as_long(self) -> None:
        assert self.tried(DOWN, DOWN, DOWN, DOWN) == ([10, 20, 40, 80], ["It is down."] * 4)

    def test_the_fifth_failure_is_the_last(self) -> None:
        noted = ["It is down."] * 4 + ["raised: It is down."]
        assert self.tried(*[DOWN] * 5) == ([10, 20, 40, 80], noted)

    def test_a_changed_page_is_given_up_sooner(self) -> None:
        waits, noted = self.tried(*[CHANGED] * 9)
        assert (waits, len(noted)) == ([10, 20], 3)

    def test_no_wait_is_longer_than_the_longest(self) -> None:
        assert self.tried(DOWN, DOWN, seconds=LONGEST)[0] == [LONGEST, LONGEST]

    @pytest.mark.parametrize("error", [CHALLENGE, GONE, Withheld("No.", **WORDS)])
    def test_what_stays_so_is_not_tried_again(self, error: SourceError) -> None:
        assert self.tried(error) == ([], [f"raised: {error.what}"])


class TestTrouble:
    def test_what_passes_leaves_no_trace(self, small_store: Store) -> None:
        source = red_and_mill()
        source.fails("@mill 2", DOWN, DOWN, WAIT, CHANGED)
        assert gather(source, small_store, ALL).state == "done"
        item = item_of(small_store, ALL, "mill")
        assert (item.state, item.tries, item.error, item.posts) == ("done", 0, None, 5)
        assert source.pages.count("@mill 2") == 5
        assert all(payload.readable for payload in small_store.payloads())

    def test_what_fails_again_and_again_is_read_at_the_end(self, small_store: Store) -> None:
        source = red_and_mill()
        source.fails("@mill 2", DOWN, times=5)
        assert gather(source, small_store, ALL).state == "done"
        assert source.pages == [
            "@mill 0", *["@mill 2"] * 5, "@boat 0", "#red 0", "#red 2", "@mill 2", "@mill 4",
        ]  # fmt: skip
        assert small_store.counts()["posts"] == 7

    def test_what_never_comes_is_told_and_tried_by_the_next_collect(
        self, small_store: Store
    ) -> None:
        source = red_and_mill()
        source.fails("@boat 0", DOWN, times=ALWAYS)
        job = gather(source, small_store, ALL)
        assert (job.state, job.done) == ("failed", 3)
        assert job.error is not None
        assert job.error.startswith("1 thing could not be read. All else is kept.")
        item = item_of(small_store, ALL, "boat")
        assert (item.state, item.tries, item.error) == ("retry", 5, str(DOWN))
        source.faults.clear()
        source.asked.clear()
        assert gather(source, small_store, ALL).state == "done"
        assert source.pages == ["@boat 0"]

    def test_three_in_a_row_are_the_sites_fault(self, small_store: Store) -> None:
        source = SmallSite()
        for handle in "bcd":
            source.fails(f"@{handle} 0", DOWN, times=ALWAYS)
        with pytest.raises(SourceError, match="It is down"):
            gather(source, small_store, FIVE)
        assert states(small_store, FIVE) == {
            "@a": "done", "@b": "retry", "@c": "retry", "@d": "retry", "@e": "waiting",
        }  # fmt: skip
        job = small_store.job("five")
        assert job is not None
        assert (job.state, job.error) == ("failed", str(DOWN))

    def test_one_that_is_gone_between_them_was_an_answer(self, small_store: Store) -> None:
        source = SmallSite()
        for handle in "abde":
            source.fails(f"@{handle} 0", DOWN, times=5)
        source.fails("@c 0", UnknownAccount("Nobody.", **WORDS))
        assert gather(source, small_store, FIVE).state == "done"
        assert set(states(small_store, FIVE).values()) == {"done", "gone"}

    @pytest.mark.parametrize(
        ("error", "state"),
        [(GONE, "gone"), (UnknownAccount("Nobody.", **WORDS), "gone"),
         (Withheld("Not here.", **WORDS), "gated")],
    )  # fmt: skip
    def test_what_is_not_to_be_had_is_left(
        self, error: Exception, state: str, small_store: Store
    ) -> None:
        source = red_and_mill()
        source.fails("@mill 0", error)
        assert gather(source, small_store, ALL).state == "done"
        assert states(small_store, ALL)["@mill"] == state
        assert source.pages.count("@mill 0") == 1


class TestDrift:
    def test_it_stops_and_keeps_what_was_sent(self, small_store: Store) -> None:
        source = red_and_mill()
        source.fails("@mill 2", CHANGED, times=ALWAYS)
        with pytest.raises(PageChanged):
            gather(source, small_store, ALL)
        assert source.pages == ["@mill 0", *["@mill 2"] * 3]
        item = item_of(small_store, ALL, "mill")
        assert (item.state, item.cursor, item.tries) == ("changed", "2", 3)
        (payload,) = (one for one in small_store.payloads() if not one.readable)
        assert (payload.text, payload.name, payload.first_rank) == (CHANGED.payload, "mill", 2)

    def test_the_next_collect_tries_it_at_the_same_place(self, small_store: Store) -> None:
        source = red_and_mill()
        source.fails("@mill 2", CHANGED, times=3)
        with pytest.raises(PageChanged):
            gather(source, small_store, ALL)
        source.asked.clear()
        assert gather(source, small_store, ALL).state == "done"
        assert source.pages[:2] == ["@mill 2", "@mill 4"]


class TestRate:
    def test_asked_to_wait_again_and_again_the_site_is_left_alone(self, small_store: Store) -> None:
        source = red_and_mill()
        source.pace = replace(AT_ONCE, patience=0.01)
        source.fails("@mill 2", WAIT, times=ALWAYS)
        began = now()
        with pytest.raises(AskedToWait):
            gather(source, small_store, ALL)
        breaker, job = small_store.breaker(SITE, now()), small_store.job("k")
        assert breaker is not None
        assert job is not None
        assert breaker.until is not None
        assert (breaker.kind, job.state, job.until) == ("rate", "waiting", breaker.until)
        pause = timedelta(seconds=0.01 * PAUSE)
        assert began + pause < breaker.until < now() + pause
        asked = len(source.asked)
        with pytest.raises(AskedToWait):
            gather(source, small_store, ALL)
        assert len(source.asked) == asked


class TestChallenge:
    def test_the_first_one_stops_everything_until_it_is_answered(self, small_store: Store) -> None:
        source = red_and_mill()
        source.fails("@mill 2", CHALLENGE)
        with pytest.raises(PersonNeeded):
            gather(source, small_store, ALL)
        job = small_store.job("k")
        assert job is not None
        assert (job.state, job.error) == ("failed", str(CHALLENGE))
        for plan in (ALL, FIVE):
            with pytest.raises(PersonNeeded):
                gather(source, small_store, plan)
        assert source.pages == ["@mill 0", "@mill 2"]
        assert small_store.requests_since(SITE, now() - timedelta(days=1)) == 2
        small_store.clear_breaker(SITE)
        assert gather(source, small_store, ALL).state == "done"
        assert source.pages[2:] == ["@mill 2", "@mill 4", "@boat 0", "#red 0", "#red 2"]

    def test_pictures_that_had_come_are_kept(
        self, small_store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class AllCome(Pictures):
            def ready(self, *, at_most: int = UNDER_WAY) -> list[Fetched]:
                wait(self._under_way)
                return super().ready(at_most=at_most)

        monkeypatch.setattr(crawl, "Pictures", AllCome)
        source = red_and_mill()
        source.fails("@mill 4", CHALLENGE)
        with pytest.raises(PersonNeeded):
            gather(source, small_store, ALL)
        assert small_store.counts()["images"] == 4


def test_the_source_is_closed_however_it_ends(small_store: Store) -> None:
    source = red_and_mill()
    gather(source, small_store, ALL)
    source.fails("@mill 0", CHALLENGE)
    with pytest.raises(PersonNeeded):
        collect(source, small_store, ALL, again=True)
    assert source.closed == 2


def test_an_interrupted_one_is_cancelled_and_goes_on(small_store: Store) -> None:
    source = red_and_mill()
    source.fails("@mill 2", KeyboardInterrupt())  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        gather(source, small_store, ALL)
    job = small_store.job("k")
    assert job is not None
    assert job.state == "cancelled"
    assert gather(source, small_store, ALL).state == "done"
