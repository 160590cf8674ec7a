"""Who works at a job: one process at a time, told from one that is no more."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import psutil

from socialsense.errors import Busy
from socialsense.types import Job

if TYPE_CHECKING:
    from socialsense.collect.plans import Plan
    from socialsense.store import Store

STALE = timedelta(seconds=60)
"""A running job that was not heard of for so long has lost its process."""


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
            raise _busy()
        if job.state != "done":  # what is done begins anew
            store.put_job(replace(job, state="running", heartbeat_at=now))
    try:
        yield lambda: store.cancel_asked(plan.key)
    finally:
        store.release_job(plan.key, owner)


def _busy() -> Busy:
    return Busy(
        "This is being collected already.",
        means="It runs on another page, on the command line, or on another machine.",
        do="Watch it on the Data page or with `status`, or cancel it there.",
    )


def is_dead(owner: str) -> bool:
    """Whether an owner was a process of this machine and is none any more."""
    host, pid, started, _ = owner.rsplit(" ", 3)
    if host != socket.gethostname():
        return False  # of another machine only its heartbeat tells
    try:
        return f"{psutil.Process(int(pid)).create_time():.2f}" != started
    except psutil.Error:
        return True


def _here() -> str:
    pid = os.getpid()
    return f"{socket.gethostname()} {pid} {psutil.Process(pid).create_time():.2f}"
