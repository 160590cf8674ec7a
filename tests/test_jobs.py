"""Collecting in the background: one job at a time, told by the store, outliving its server."""

import socket
import threading
import time
from datetime import timedelta

import pytest

from socialsense.errors import Busy, SourceError
from socialsense.jobs import Jobs
from socialsense.store import Store
from socialsense.types import JobState
from tests.held_site import (
    BLUE,
    LOOK,
    PATIENCE,
    RED,
    a_job,
    comes_to,
    held,
    serving,
    state,
    stays,
)  # fmt: skip
from tests.small_site import CHALLENGE, DOWN, SITE, WORDS, SmallSite, now


class TestRunning:
    def test_it_runs_behind_and_tells_the_store(self, small_store: Store) -> None:
        source = held()
        with serving(small_store, source) as jobs:
            jobs.begin(RED)
            assert source.reached.wait(PATIENCE)
            job = comes_to("running", small_store)
            assert (job.done, job.total, job.doing, job.request) == (0, 1, "#red", RED.request)
            source.free.set()
            assert comes_to("done", small_store).done == 1
        assert source.closed == 1

    def test_one_after_the_other(self, small_store: Store) -> None:
        source = held()
        with serving(small_store, source) as jobs:
            jobs.begin(RED)
            jobs.begin(BLUE)
            assert source.reached.wait(PATIENCE)
            assert state(small_store, BLUE) == "queued"
            source.free.set()
            comes_to("done", small_store, BLUE)
        assert source.pages == ["#red 0", "#red 2", "#blue 0"]

    def test_what_runs_is_not_begun_again(self, small_store: Store) -> None:
        source = held()
        with serving(small_store, source) as jobs:
            jobs.begin(RED)
            assert source.reached.wait(PATIENCE)
            with pytest.raises(Busy):
                jobs.begin(RED)
            assert state(small_store) == "running"
            source.free.set()
            comes_to("done", small_store)

    def test_what_runs_in_another_process_is_not_begun_here(self, small_store: Store) -> None:
        small_store.put_job(a_job("running"))
        with serving(small_store, held()) as jobs:
            with pytest.raises(Busy):
                jobs.begin(RED)
            stays("running", small_store)

    @pytest.mark.parametrize("before", ["done", "failed", "cancelled"])
    def test_what_has_ended_may_be_begun_again(self, small_store: Store, before: JobState) -> None:
        small_store.put_job(a_job(before, error="Something."))
        source = held(holds="nothing")
        with serving(small_store, source) as jobs:
            stays(before, small_store)
            assert source.asked == []
            jobs.begin(RED)
            assert comes_to("done", small_store).error is None
            assert source.pages == ["#red 0", "#red 2"]


class TestCancelling:
    def test_after_the_page_under_way(self, small_store: Store) -> None:
        source = held(holds="#red 0")
        with serving(small_store, source) as jobs:
            jobs.begin(RED)
            assert source.reached.wait(PATIENCE)
            jobs.cancel(RED.key)
            source.free.set()
            comes_to("cancelled", small_store)
            stays("cancelled", small_store)
            assert source.pages == ["#red 0"]
            jobs.begin(RED)
            comes_to("done", small_store)
        assert source.pages == ["#red 0", "#red 2"]

    def test_one_that_waits_its_turn_never_begins(self, small_store: Store) -> None:
        source = held()
        with serving(small_store, source) as jobs:
            jobs.begin(RED)
            jobs.begin(BLUE)
            jobs.cancel(BLUE.key)
            source.free.set()
            comes_to("done", small_store)
        assert state(small_store, BLUE) == "cancelled"
        assert "#blue 0" not in source.pages


class TestRestart:
    def test_a_server_that_closes_leaves_its_jobs_to_the_next(self, small_store: Store) -> None:
        source = held(holds="#red 0")
        with serving(small_store, source) as jobs:
            jobs.begin(RED)
            jobs.begin(BLUE)
            assert source.reached.wait(PATIENCE)
            threading.Timer(0.05, source.free.set).start()
            jobs.close()
            assert source.pages == ["#red 0"]
            assert (state(small_store), state(small_store, BLUE)) == ("queued", "queued")
        with serving(small_store, source):
            comes_to("done", small_store)
            comes_to("done", small_store, BLUE)
        assert source.pages == ["#red 0", "#red 2", "#blue 0"]

    def test_what_a_person_stopped_stays_so(self, small_store: Store) -> None:
        source = held(holds="#red 0")
        with serving(small_store, source) as jobs:
            jobs.begin(RED)
            assert source.reached.wait(PATIENCE)
            jobs.cancel(RED.key)
        with serving(small_store, held()):
            stays("cancelled", small_store)

    def test_a_job_that_lost_its_server_is_picked_up(self, small_store: Store) -> None:
        small_store.put_job(a_job("running", heartbeat_at=now() - timedelta(seconds=61)))
        with serving(small_store, held(holds="nothing")):
            comes_to("done", small_store)

    def test_at_once_where_its_process_is_known_to_be_dead(self, small_store: Store) -> None:
        small_store.put_job(a_job("running"))
        small_store.claim_job(RED.key, f"{socket.gethostname()} {2**22 + 1} 1.00 me", now())
        with serving(small_store, held(holds="nothing")):
            comes_to("done", small_store)

    def test_one_that_waits_goes_on_by_itself(self, small_store: Store) -> None:
        soon = now() + timedelta(seconds=0.6)
        small_store.put_job(a_job("waiting", until=soon))
        with serving(small_store, held(holds="nothing")):
            stays("waiting", small_store)
            comes_to("done", small_store)
        assert now() >= soon

    def test_what_cannot_be_begun_anew_is_left(self, small_store: Store) -> None:
        small_store.put_job(a_job("queued", request=None))
        with serving(small_store, held()):
            stays("queued", small_store)


class TestFailing:
    def test_it_says_why(self, small_store: Store) -> None:
        source = held(holds="nothing")
        source.fails("#red 0", CHALLENGE)
        with serving(small_store, source) as jobs:
            jobs.begin(RED)
            assert comes_to("failed", small_store).error == str(CHALLENGE)
            stays("failed", small_store)
        assert source.pages == ["#red 0"]

    def test_also_where_nobody_agreed(self, small_store: Store) -> None:
        with serving(small_store, held()) as jobs:
            small_store.withdraw_consent(SITE)
            jobs.begin(RED)
            error = comes_to("failed", small_store).error
            assert error is not None
            assert "Collecting from small.example is off" in error

    def test_also_where_the_source_cannot_be_opened(self, small_store: Store) -> None:
        def closed_for_good() -> SmallSite:
            raise SourceError("There is no browser.", **WORDS)

        jobs = Jobs(small_store, closed_for_good, look=LOOK)
        jobs.begin(RED)
        error = comes_to("failed", small_store).error
        jobs.close()
        assert error == "There is no browser. It means that. Do this."

    def test_also_where_its_request_cannot_be_read(self, small_store: Store) -> None:
        small_store.put_job(a_job("queued", request="rubbish"))
        with serving(small_store, held()):
            error = comes_to("failed", small_store).error
            assert error is not None
            assert "cannot be begun anew" in error

    def test_the_unexpected_is_logged_and_the_next_one_runs(
        self, small_store: Store, caplog: pytest.LogCaptureFixture
    ) -> None:
        source = held(holds="nothing")
        source.fails("#red 0", ZeroDivisionError("nobody thought of it"))
        with serving(small_store, source) as jobs:
            jobs.begin(RED)
            jobs.begin(BLUE)
            error = comes_to("failed", small_store).error
            comes_to("done", small_store, BLUE)
        assert error == "It ended unexpectedly; the server's log says why."
        assert "nobody thought of it" in caplog.text

    def test_a_store_that_fails_for_a_moment_ends_nothing(
        self, small_store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        with serving(small_store, held(holds="nothing")):
            with monkeypatch.context() as patch:
                patch.setattr(small_store, "jobs", lambda: (_ for _ in ()).throw(DOWN))
                time.sleep(3 * LOOK)
            small_store.put_job(a_job("queued"))
            comes_to("done", small_store)
        assert "Jobs cannot be picked up" in caplog.text
