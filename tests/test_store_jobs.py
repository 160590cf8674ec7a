"""Jobs in the store: where they stand, whose they are, and how they are asked to stop."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from socialsense.store import Store
from socialsense.types import Job
from tests.examples import NOON, at

RUNNING = Job("k", "running", 1, 3, None, NOON, NOON)


def state(store: Store) -> str:
    job = store.job("k")
    assert job is not None
    return job.state


def test_a_job_is_kept_as_it_stands(store: Store) -> None:
    failed = Job("k", "failed", 1, 3, "broke", NOON, NOON, "reads", '{"tags": ["red"]}', at(2))
    running = replace(failed, state="running", error=None, until=None, heartbeat_at=at(1))
    store.put_job(failed)
    assert store.job("k") == failed
    store.put_job(replace(failed, key="earlier"))
    store.put_job(running)
    assert store.job("k") == running
    assert [job.key for job in store.jobs()] == ["k", "earlier"]
    store.drop_job("k")
    assert store.job("k") is None


class TestOwners:
    def test_one_owns_it_until_it_is_released(self, store: Store) -> None:
        store.put_job(RUNNING)
        assert store.claim_job("k", "one", at(-1))
        assert store.claim_job("k", "one", at(-1))
        assert not store.claim_job("k", "two", at(-1))
        store.release_job("k", "two")
        assert not store.claim_job("k", "two", at(-1))
        store.release_job("k", "one")
        assert store.claim_job("k", "two", at(-1))

    def test_of_many_at_once_one_gets_it(self, store: Store) -> None:
        store.put_job(RUNNING)
        with ThreadPoolExecutor(4) as pool:
            got = list(pool.map(lambda n: store.claim_job("k", f"{n}", at(-1)), range(8)))
        assert sum(got) == 1

    def test_a_dead_owner_loses_it(self, store: Store) -> None:
        store.put_job(RUNNING)
        store.claim_job("k", "one", at(-1))
        store.put_job(RUNNING)  # its heartbeat is of noon again
        assert not store.claim_job("k", "two", NOON)
        assert store.claim_job("k", "two", at(0.1))
        assert not store.claim_job("k", "three", at(0.1))

    def test_one_that_does_not_run_is_free(self, store: Store) -> None:
        for state in ("queued", "waiting", "failed", "cancelled", "done"):
            store.put_job(replace(RUNNING, state=state))
            assert store.claim_job("k", state, at(-1))

    def test_none_where_there_is_no_job(self, store: Store) -> None:
        assert not store.claim_job("k", "one", at(-1))

    def test_a_heartbeat_is_of_now(self, store: Store) -> None:
        store.put_job(RUNNING)
        before = datetime.now(UTC)
        store.heartbeat("k")
        job = store.job("k")
        assert job is not None
        assert before <= job.heartbeat_at <= datetime.now(UTC)
        assert job == replace(RUNNING, heartbeat_at=job.heartbeat_at)


class TestCancelling:
    def test_who_works_at_it_is_asked(self, store: Store) -> None:
        store.put_job(RUNNING)
        store.claim_job("k", "one", at(-1))
        assert not store.cancel_asked("k")
        store.cancel_job("k")
        store.put_job(replace(RUNNING, done=2))
        assert (state(store), store.cancel_asked("k")) == ("running", True)

    @pytest.mark.parametrize("before", ["queued", "waiting", "failed", "running"])
    def test_where_nobody_does_it_is_cancelled_at_once(self, store: Store, before: str) -> None:
        store.put_job(replace(RUNNING, state=before))
        store.cancel_job("k")
        assert (state(store), store.cancel_asked("k")) == ("cancelled", True)

    def test_one_that_is_done_stays_so(self, store: Store) -> None:
        store.put_job(replace(RUNNING, state="done"))
        store.cancel_job("k")
        assert (state(store), store.cancel_asked("k")) == ("done", False)

    def test_who_claims_it_begins_anew(self, store: Store) -> None:
        store.put_job(RUNNING)
        store.cancel_job("k")
        store.claim_job("k", "one", at(-1))
        assert not store.cancel_asked("k")


@pytest.mark.parametrize(
    "touch",
    [
        lambda store: store.release_job("k", "one"),
        lambda store: store.cancel_job("k"),
        lambda store: store.heartbeat("k"),
        lambda store: store.drop_job("k"),
    ],
)
def test_nothing_happens_to_a_job_that_is_not_there(
    store: Store, touch: Callable[[Store], None]
) -> None:
    store.put_job(replace(RUNNING, key="other"))
    touch(store)
    assert store.jobs() == (replace(RUNNING, key="other"),)
    assert not store.cancel_asked("k")
