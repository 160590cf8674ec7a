"""Who works at a job: one process at a time, told from one that is no more."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import psutil

from socialsense.errors import Busy, StoreError
from socialsense.types import Job

if TYPE_CHECKING:
    from socialsense.collect.plan import Plan
    from socialsense.store import Store

STALE = timedelta(seconds=60)
"""A running job that was not heard of for so long has lost its process."""
BEAT = 10.0
"""Seconds between two signs of life."""
DRIFT = 2.0
"""Seconds by which two processes may disagree on when a third one began: clocks are set."""


@contextmanager
def claimed(store: Store, plan: Plan) -> Iterator[Callable[[], bool]]:
    """Nobody else works at the plan's job in the block; gives whether it is asked to stop.

    Raises Busy.
    """
    owner = f"{_here()} {uuid4().hex[:8]}"
    now = datetime.now(UTC)
    with store.transaction():
        before = store.owner_of(plan.key)
        if before and is_dead(before):
            store.release_job(plan.key, before)
        job = store.job(plan.key)
        if job is None:
            job = Job(plan.key, "queued", 0, None, None, now, now, request=plan.request)
            store.put_job(job)
        if not store.claim_job(plan.key, owner, now - STALE):
            raise busy()
        store.put_job(replace(job, state="running", heartbeat_at=now))
    try:
        with _beating(store, plan.key):
            yield lambda: store.cancel_asked(plan.key)
    finally:
        store.release_job(plan.key, owner)


@contextmanager
def _beating(store: Store, key: str) -> Iterator[None]:
    """The job gives signs of life, however long an answer takes."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT):
            with suppress(StoreError):  # the next one may come through
                store.heartbeat(key)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def busy() -> Busy:
    """For who asks for what is under way."""
    return Busy(
        "This is being collected already.",
        means="It runs on another page, on the command line, or on another machine.",
        do="Watch it on the Data page or with 'status', or cancel it there.",
    )


def is_lost(store: Store, job: Job) -> bool:
    """Whether a job that is "running" has lost its process."""
    owner = store.owner_of(job.key)
    silent = job.heartbeat_at < datetime.now(UTC) - STALE
    return silent or (owner is not None and is_dead(owner))


def is_dead(owner: str) -> bool:
    """Whether an owner was a process of this machine and is none any more."""
    host, pid, started, _ = owner.rsplit(" ", 3)
    if host != socket.gethostname():
        return False  # of another machine only its heartbeat tells
    try:
        process = psutil.Process(int(pid))
        another = abs(process.create_time() - float(started)) > DRIFT
        return another or bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return True


def _here() -> str:
    pid = os.getpid()
    return f"{socket.gethostname()} {pid} {psutil.Process(pid).create_time():.2f}"
