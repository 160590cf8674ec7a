"""One process at a job: told from one that is no more, and alive while it waits."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Semaphore

import psutil
import pytest

from socialsense.collect import ForHandle, owner
from socialsense.collect.owner import claimed, is_dead
from socialsense.errors import Busy, StoreError
from socialsense.store import Store
from tests.small_site import now

PLAN = ForHandle("mill")
CLAIMS = """
import sys
from pathlib import Path
from socialsense.collect import ForHandle
from socialsense.collect.owner import claimed
from socialsense.store import Store

folder = Path(sys.argv[1])
with Store.open(f"sqlite:///{folder}/small.db", folder / "images") as store:
    with claimed(store, ForHandle("mill")):
        print("mine", flush=True)
        sys.stdin.readline()
"""


@contextmanager
def another(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has claimed the job, until it is told to leave it."""
    root = Path(__file__).parents[1]
    command = [sys.executable, "-c", CLAIMS, str(folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "mine\n"
            yield process
        finally:
            process.kill()


def claim(store: Store) -> str:
    """Claims the job and leaves it at once; gives who it was."""
    with claimed(store, PLAN):
        found = store.owner_of(PLAN.key)
    assert found is not None
    return found


def job_state(store: Store) -> str | None:
    job = store.job(PLAN.key)
    return job and job.state


def test_one_of_two_processes_has_it_and_gives_it_back(small_store: Store, tmp_path: Path) -> None:
    with another(tmp_path) as process:
        assert job_state(small_store) == "running"
        with pytest.raises(Busy):
            claim(small_store)
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.wait() == 0
        claim(small_store)


@pytest.mark.parametrize("buried", [True, False])
def test_a_killed_one_has_lost_it_at_once(buried: bool, small_store: Store, tmp_path: Path) -> None:
    with another(tmp_path) as process:
        process.kill()
        while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.001)
        if buried:
            assert process.wait() == -9
        claim(small_store)


def test_nor_two_of_one_process(small_store: Store) -> None:
    with claimed(small_store, PLAN), pytest.raises(Busy):
        claim(small_store)
    claim(small_store)


@pytest.mark.parametrize("state", [None, "done", "failed"])
def test_of_many_at_once_one_has_it(state: str | None, small_store: Store) -> None:
    if state:
        claim(small_store)
        job = small_store.job(PLAN.key)
        assert job is not None
        small_store.put_job(replace(job, state=state))

    refused = Semaphore(0)

    def tried(_: int) -> bool:
        try:
            with claimed(small_store, PLAN):
                return all(refused.acquire(timeout=10) for _ in range(3))
        except Busy:
            refused.release()
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(tried, range(4))) == 1


def test_on_another_machine_the_heartbeat_tells(small_store: Store) -> None:
    claim(small_store)
    job = small_store.job(PLAN.key)
    assert job is not None
    small_store.claim_job(PLAN.key, "elsewhere 1 1.00 abc", now())
    small_store.put_job(replace(job, state="running", heartbeat_at=now()))
    with pytest.raises(Busy):
        claim(small_store)
    assert small_store.owner_of(PLAN.key) == "elsewhere 1 1.00 abc"
    small_store.put_job(replace(job, state="running", heartbeat_at=now() - timedelta(seconds=61)))
    claim(small_store)


def test_it_may_be_asked_to_stop(small_store: Store) -> None:
    with claimed(small_store, PLAN) as asked_to_stop:
        assert not asked_to_stop()
        small_store.cancel_job(PLAN.key)
        assert asked_to_stop()
    with claimed(small_store, PLAN) as asked_to_stop:
        assert not asked_to_stop()


class TestSignsOfLife:
    def beats(self, store: Store, enough: int = 1, seconds: float = 10) -> int:
        """How often the heartbeat moves, until that is enough."""
        seen = set()
        end = time.monotonic() + seconds
        while time.monotonic() < end and len(seen) <= enough:
            job = store.job(PLAN.key)
            seen.add(job and job.heartbeat_at)
            time.sleep(0.005)
        return len(seen) - 1

    def test_however_long_an_answer_takes(
        self, small_store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(owner, "BEAT", 0.02)
        with claimed(small_store, PLAN):
            assert self.beats(small_store, enough=2) == 2
        assert self.beats(small_store, seconds=0.3) == 0

    def test_one_that_does_not_come_through_is_not_the_last(
        self, small_store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(owner, "BEAT", 0.02)
        failures = [StoreError("It is locked.", means="By another.", do="Wait.")]
        beat = small_store.heartbeat

        def heartbeat(key: str) -> None:
            if failures:
                raise failures.pop()
            beat(key)

        monkeypatch.setattr(small_store, "heartbeat", heartbeat)
        with claimed(small_store, PLAN):
            assert self.beats(small_store) == 1
        assert failures == []


class TestDead:
    def named(self, pid: int, apart: float = 0.0, host: str = "") -> str:
        started = psutil.Process().create_time() + apart
        return f"{host or socket.gethostname()} {pid} {started:.2f} abc"

    def test_one_that_lives_is_not(self) -> None:
        me = psutil.Process().pid
        assert not is_dead(self.named(me))
        assert not is_dead(self.named(me, apart=1)), "clocks are set now and then"

    def test_another_process_with_its_number_is_not_it(self) -> None:
        assert is_dead(self.named(psutil.Process().pid, apart=-60))

    def test_no_process_has_its_number(self) -> None:
        assert is_dead(self.named(2**22 + 1))

    def test_of_another_machine_nobody_knows(self) -> None:
        assert not is_dead(self.named(2**22 + 1, host="else where"))
