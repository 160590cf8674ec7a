"""Jobs as they stand in the store, live while one is under way: a reload loses nothing."""

from datetime import UTC, datetime
from typing import Literal

import streamlit as st

from socialsense.collect import plan_of
from socialsense.errors import SocialsenseError
from socialsense.types import Job, JobState
from socialsense.ui import frame, resources
from socialsense.ui.job_words import STATES, progress, status, title

ACTIVE: tuple[JobState, ...] = ("queued", "running", "waiting")
EVERY = 2
"""Seconds between two looks, while there is something to see."""
ENDED = 10
"""Jobs that have ended, shown at most."""

BADGES: dict[JobState, tuple[str, Literal["gray", "blue", "orange", "green", "red"]]] = {
    "queued": (":material/schedule:", "gray"),
    "running": (":material/sync:", "blue"),
    "waiting": (":material/hourglass_empty:", "orange"),
    "done": (":material/check:", "green"),
    "failed": (":material/error:", "red"),
    "cancelled": (":material/block:", "gray"),
}


def all_jobs() -> list[Job]:
    """Those that a person asked for: under way first, then the latest."""
    asked = [job for job in resources.store().jobs() if job.request is not None]
    active = sorted((job for job in asked if job.state in ACTIVE), key=lambda job: job.started_at)
    return active + [job for job in asked if job.state not in ACTIVE][:ENDED]


def live_jobs(told: str | None, *, may_begin: bool) -> None:
    """Every job; looks again while one is under way, and renews the page when one has changed.

    `told`: words that stand on the page already; `may_begin`: whether jobs may go on.
    """
    jobs = all_jobs()
    if not jobs:
        return
    active = any(job.state in ACTIVE for job in jobs)
    seen = {job.key: job.state for job in jobs}
    st.fragment(_jobs, run_every=EVERY if active else None)(seen, told, may_begin)


def _jobs(seen: dict[str, JobState], told: str | None, may_begin: bool) -> None:
    """A fragment: it runs again by itself, outside the page's frame."""
    try:
        jobs = all_jobs()
        if {job.key: job.state for job in jobs} != seen:
            st.rerun()
        for job in jobs:
            with st.container(border=True):
                _job(job, told, may_begin=may_begin)
    except SocialsenseError as error:
        frame.show(error)


def _job(job: Job, told: str | None, *, may_begin: bool) -> None:
    stopping = job.state == "running" and resources.store().cancel_asked(job.key)
    icon, color = BADGES[job.state]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{frame.plain(title(job))}**", width="content")
        st.badge(STATES[job.state], icon=icon, color=color)
    if job.state != "done":
        st.progress(min(1.0, job.done / (job.total or 1)), progress(job) or None)
    said = status(job, datetime.now(UTC), stopping=stopping) or _ended(job)
    st.caption(frame.plain(said))
    if job.error and job.error != told:
        (st.info if job.state == "waiting" else st.warning)(frame.plain(job.error))
    _buttons(job, stopping=stopping, may_begin=may_begin)


def _ended(job: Job) -> str:
    kept = progress(job) if job.state == "done" else "All that was collected is kept"
    return f"{kept or 'Nothing was wanted'}. Last read {job.heartbeat_at:%d %B %Y}."


def _buttons(job: Job, *, stopping: bool, may_begin: bool) -> None:
    with st.container(horizontal=True):
        if job.state in ACTIVE and st.button("Cancel", key=f"cancel {job.key}", disabled=stopping):
            resources.jobs().cancel(job.key)
            st.rerun()
        over = may_begin and job.state in ("failed", "cancelled", "waiting")
        if over and st.button("Go on", key=f"go-on {job.key}"):
            resources.jobs().begin(plan_of(job.request or ""))
            st.rerun()
