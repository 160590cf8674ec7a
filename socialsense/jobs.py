"""Collecting in the background of a server: the store says how each job stands.

A job outlives the page that began it, and the server: what was under way when a server stopped
is picked up by the next one, and what waits goes on by itself.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from socialsense.collect import collect, plan_of
from socialsense.collect.owner import busy, is_lost
from socialsense.errors import Busy, SocialsenseError
from socialsense.types import Job

if TYPE_CHECKING:
    from socialsense.collect import Plan
    from socialsense.store import Store
    from socialsense.types import Source

LOOK = 15.0
"""Seconds between two looks for jobs to pick up."""

_log = logging.getLogger(__name__)


class Jobs:
    """The jobs of one store, one at a time: a site is asked by one browser.

    `source` opens what is collected from, anew for each job.
    """

    def __init__(self, store: Store, source: Callable[[], Source], look: float = LOOK) -> None:
        self._store, self._source, self._look = store, source, look
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="jobs")
        self._mine: set[str] = set()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._watch = threading.Thread(target=self._watching, name="jobs-watch", daemon=True)
        self._watch.start()

    def begin(self, plan: Plan) -> None:
        """Queues what a plan wants, or lets it go on. Raises Busy where it runs already."""
        job = self._store.job(plan.key)
        now = datetime.now(UTC)
        running = job is not None and job.state == "running" and not self._is_due(job)
        if plan.key in self._mine or running:
            raise busy()
        job = job or Job(plan.key, "queued", 0, None, None, now, now)
        self._store.put_job(
            replace(job, state="queued", error=None, until=None, request=plan.request)
        )
        self._submit(plan.key)

    def cancel(self, key: str) -> None:
        """Asks a job to stop after the page under way."""
        self._store.cancel_job(key)

    def pick_up(self) -> None:
        """Begins what is queued, has waited long enough, or has lost its server."""
        for job in self._store.jobs():
            if self._is_due(job):
                self._submit(job.key)

    def close(self) -> None:
        """Stops after the page under way; what is left is picked up by the next server."""
        with self._lock:
            self._closing.set()
        self._pool.shutdown(cancel_futures=True)
        self._watch.join()

    def _submit(self, key: str) -> None:
        with self._lock:
            if key in self._mine or self._closing.is_set():
                return
            self._mine.add(key)
            self._pool.submit(self._run, key)

    def _run(self, key: str) -> None:
        try:
            self._collect(key)
        except Exception:  # noqa: BLE001 - a thread has nobody to raise to
            _log.exception("The job %s ended unexpectedly", key)
            self._fail(key, "It ended unexpectedly; the server's log says why.")
        finally:
            with self._lock:
                self._mine.discard(key)

    def _collect(self, key: str) -> None:
        job = self._store.job(key)
        if job is None or job.request is None or not self._is_due(job):
            return  # cancelled, or ended since it was seen
        try:
            collect(
                self._source(),
                self._store,
                plan_of(job.request),
                cancelled=self._closing.is_set,
            )
        except Busy:
            return  # another process was faster
        except SocialsenseError as error:
            self._fail(key, str(error))
        if self._closing.is_set():
            self._leave(key)

    def _fail(self, key: str, error: str) -> None:
        """Where nobody has said yet how the job ended."""
        job = self._store.job(key)
        if job is not None and job.state in ("queued", "running"):
            self._store.put_job(replace(job, state="failed", error=error))

    def _leave(self, key: str) -> None:
        """Stopped with the server, not by the person: the next server goes on."""
        job = self._store.job(key)
        if job is not None and job.state == "cancelled" and not self._store.cancel_asked(key):
            self._store.put_job(replace(job, state="queued"))

    def _is_due(self, job: Job) -> bool:
        if job.request is None:
            return False
        if job.state == "running":
            return is_lost(self._store, job)
        if job.state == "waiting":
            return job.until is not None and job.until <= datetime.now(UTC)
        return job.state == "queued"

    def _watching(self) -> None:
        while not self._closing.is_set():
            try:
                self.pick_up()
            except SocialsenseError:
                _log.exception("Jobs cannot be picked up")
            self._closing.wait(self._look)
