"""A site that answers one question only once it is let go, and a server's jobs that ask it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from socialsense.collect import ForHashtags
from socialsense.collect.consent import accept_risk
from socialsense.jobs import Jobs
from socialsense.store import Store
from socialsense.types import Job, JobState
from tests.small_site import SITE, SmallSite, now

RED, BLUE = ForHashtags(("red",), posts=4), ForHashtags(("blue",), posts=4)
LOOK = 0.02
PATIENCE = 5


@dataclass
class Held(SmallSite):
    """Answers `holds` only once it is let go."""

    holds: str = "#red 2"
    reached: threading.Event = field(default_factory=threading.Event)
    free: threading.Event = field(default_factory=threading.Event)

    def _answer(self, question: str) -> None:
        if question == self.holds:
            self.reached.set()
            assert self.free.wait(PATIENCE)
        super()._answer(question)


def held(**more: str) -> Held:
    return Held(hashtags={"red": "a1 a2 a3", "blue": "b1"}, **more)


@contextmanager
def serving(store: Store, source: SmallSite) -> Iterator[Jobs]:
    """A server's jobs; nothing holds the source when it ends."""
    accept_risk(store, SITE)
    jobs = Jobs(store, lambda: source, look=LOOK)
    try:
        yield jobs
    finally:
        if isinstance(source, Held):
            source.free.set()
        jobs.close()


def state(store: Store, plan: ForHashtags = RED) -> JobState | None:
    job = store.job(plan.key)
    return job and job.state


def comes_to(wanted: JobState, store: Store, plan: ForHashtags = RED) -> Job:
    end = time.monotonic() + PATIENCE
    while state(store, plan) != wanted:
        assert time.monotonic() < end, store.job(plan.key)
        time.sleep(0.005)
    job = store.job(plan.key)
    assert job is not None
    return job


def stays(wanted: JobState, store: Store) -> None:
    """After several looks."""
    time.sleep(5 * LOOK)
    assert state(store) == wanted


def a_job(state: JobState, **more: object) -> Job:
    job = Job(RED.key, state, 0, None, None, now(), now(), request=RED.request)
    return replace(job, **more)
