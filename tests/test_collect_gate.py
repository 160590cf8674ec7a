"""Before each request: consent, the pace, the day's share, the breaker, the wish to stop."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from socialsense.collect import Listings, collect, gate
from socialsense.collect.gate import Cancelled, Gate
from socialsense.errors import AskedToWait, PersonNeeded
from socialsense.store import Store
from tests.small_site import AT_ONCE, CHALLENGE, SITE, gather, item_of, now, red_and_mill

MILL = Listings("k", ["mill"], ())
LONG_AGO = datetime.min.replace(tzinfo=now().tzinfo)


def times(store: Store) -> list[datetime]:
    """When the site was asked, from the ledger."""
    asked = store.requests_since(SITE, LONG_AGO)
    found = [store.nth_request_since(SITE, LONG_AGO, n + 1) for n in range(asked)]
    return [time for time in found if time]


def test_without_consent_nothing_is_asked(small_store: Store) -> None:
    source = red_and_mill()
    with pytest.raises(PersonNeeded, match="terms forbid") as caught:
        collect(source, small_store, MILL)
    assert caught.value.kind == "consent"
    assert (source.asked, small_store.jobs()) == ([], ())


class TestPace:
    pace = replace(AT_ONCE, seconds=0.04)

    def test_requests_are_apart(self, small_store: Store) -> None:
        source = red_and_mill()
        source.pace = self.pace
        gather(source, small_store, MILL)
        apart = [later - earlier for earlier, later in pairwise(times(small_store))]
        assert len(apart) == 2
        assert min(apart) >= timedelta(seconds=0.04)

    def test_also_those_of_several_at_once(self, small_store: Store) -> None:
        gates = [Gate(small_store, self.pace, lambda: False) for _ in range(3)]
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda gate: (gate.admit("a"), gate.admit("b")), gates))
        asked = times(small_store)
        assert len(asked) == 6
        assert min(b - a for a, b in pairwise(asked)) >= timedelta(seconds=0.04)

    def test_who_stops_while_waiting_stops_at_once(
        self, small_store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(gate, "PULSE", 0.01)
        source = red_and_mill()
        source.pace = replace(AT_ONCE, seconds=3600)
        answers = iter([False, False, False, False])
        job = gather(source, small_store, MILL, cancelled=lambda: next(answers, True))
        assert job.state == "cancelled"
        assert source.pages == ["@mill 0"]
        assert source.pictures == ["m1", "m2"]
        assert small_store.counts()["images"] == 2, "what was under way is kept"


class TestShare:
    def test_used_up_it_waits_until_the_oldest_request_is_a_day_old(
        self, small_store: Store, tmp_path: Path
    ) -> None:
        source = red_and_mill()
        source.pace = replace(AT_ONCE, per_day=2)
        with pytest.raises(AskedToWait, match="share of requests is used up"):
            gather(source, small_store, MILL)
        job = small_store.job("k")
        assert job is not None
        assert (job.state, job.until) == ("waiting", times(small_store)[0] + timedelta(days=1))
        assert source.pages == ["@mill 0", "@mill 2"]
        with (
            Store.open(f"sqlite:///{tmp_path}/small.db", tmp_path / "images") as reopened,
            pytest.raises(AskedToWait),
        ):
            gather(source, reopened, MILL)
        assert len(source.pages) == 2, "the ledger outlives the process"
        source.pace = AT_ONCE
        assert gather(source, small_store, MILL).state == "done"
        assert source.pages == ["@mill 0", "@mill 2", "@mill 4"]

    def test_after_a_day_there_is_a_new_one(self, small_store: Store) -> None:
        small_store.note_request(SITE, "yesterday", now() - timedelta(days=1, seconds=1))
        Gate(small_store, replace(AT_ONCE, per_day=1), lambda: False).admit("today")
        assert small_store.requests_since(SITE, LONG_AGO) == 2

    def test_a_smaller_share_waits_until_enough_requests_are_a_day_old(
        self, small_store: Store
    ) -> None:
        asked = [now() - timedelta(hours=hours) for hours in (9, 6, 3)]
        for at in asked:
            small_store.note_request(SITE, "a page", at)
        with pytest.raises(AskedToWait) as caught:
            Gate(small_store, replace(AT_ONCE, per_day=2), lambda: False).admit("one more")
        assert caught.value.until == asked[1] + timedelta(days=1)

    def test_earlier_weeks_are_forgotten(self, small_store: Store) -> None:
        small_store.note_request(SITE, "long ago", now() - timedelta(days=9))
        Gate(small_store, AT_ONCE, lambda: False)
        assert small_store.requests_since(SITE, LONG_AGO) == 0


class TestBreaker:
    def test_while_it_is_open_nothing_is_asked(self, small_store: Store) -> None:
        source = red_and_mill()
        small_store.trip(SITE, "challenge", CHALLENGE, at=now())
        with pytest.raises(PersonNeeded, match="It doubts you") as caught:
            gather(source, small_store, MILL)
        assert caught.value.kind == "challenge"
        assert source.asked == []
        assert times(small_store) == []
        small_store.clear_breaker(SITE)
        assert gather(source, small_store, MILL).state == "done"

    def test_one_that_ends_by_itself_makes_the_job_wait(self, small_store: Store) -> None:
        until = now() + timedelta(hours=1)
        small_store.trip(SITE, "rate", CHALLENGE, at=now(), until=until)
        with pytest.raises(AskedToWait):
            gather(red_and_mill(), small_store, MILL)
        job = small_store.job("k")
        assert job is not None
        assert (job.state, job.until) == ("waiting", until)
        assert item_of(small_store, MILL, "mill").state == "waiting"

    def test_one_that_opens_during_the_wait_is_seen(
        self, small_store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        small_store.note_request(SITE, "another job's", now())
        waiting = Gate(small_store, replace(AT_ONCE, seconds=3600), lambda: False)
        clock = [0.0]

        def meanwhile(_seconds: float) -> None:
            small_store.trip(SITE, "challenge", CHALLENGE, at=now())
            clock[0] += 3600

        monkeypatch.setattr(gate, "sleep", meanwhile)
        monkeypatch.setattr(gate, "monotonic", lambda: clock[0])
        with pytest.raises(PersonNeeded):
            waiting.admit("a page")
        assert len(times(small_store)) == 1


def test_who_has_stopped_asks_nothing(small_store: Store) -> None:
    with pytest.raises(Cancelled):
        Gate(small_store, AT_ONCE, lambda: True).admit("a page")
    assert times(small_store) == []
