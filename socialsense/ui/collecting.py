"""Collecting from Instagram: the person's consent, what to collect, and what stops it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import streamlit as st

from socialsense.collect import ForHandle, ForHashtags, plan_of
from socialsense.collect.consent import ACCEPT, RISK, accept_risk
from socialsense.collect.estimate import estimate
from socialsense.errors import InputError, SocialsenseError
from socialsense.handles import clean_handle
from socialsense.hashtag_text import clean_hashtags, typed_hashtags
from socialsense.settings import Settings
from socialsense.store.ledger import Breaker
from socialsense.types import Job
from socialsense.ui import frame, resources, state
from socialsense.ui.live_jobs import ACTIVE, all_jobs, live_jobs
from socialsense.ui.login import login
from socialsense.words import duration

KINDS = ("An account", "Hashtags")
MOST = 100
"""Hashtags of an account, or top posts of a hashtag, that can be asked for here."""
ANSWERED = {"login": "I am logged in: go on", "challenge": "I have answered it: go on"}


def collecting() -> None:
    """The whole section."""
    st.subheader("Collect from Instagram")
    settings = Settings()
    agreed = resources.store().consent(settings.site)
    breaker = resources.store().breaker(settings.site, datetime.now(UTC))
    if agreed is None:
        _consent(settings)
    else:
        if breaker:
            _stopped(breaker)
        stuck = breaker is not None and breaker.until is None
        with st.expander("Login and permission", icon=":material/key:", expanded=stuck):
            login(settings)
            _permission(settings, agreed)
        _form(settings, disabled=breaker is not None)
    live_jobs(str(breaker.error) if breaker else None, may_begin=bool(agreed and not breaker))


def _consent(settings: Settings) -> None:
    with st.container(border=True):
        st.write("Collecting is off. It stays off until you accept its risk:")
        st.write(RISK)
        accepted = st.checkbox(ACCEPT, key="accept-risk")
        if st.button("Turn collecting on", key="turn-on", disabled=not accepted):
            accept_risk(resources.store(), settings.site)
            st.rerun()


def _permission(settings: Settings, agreed: datetime) -> None:
    st.write(f"You accepted the risk on {agreed:%d %B %Y}. What was collected stays if you do not.")
    if st.button("Turn collecting off", key="turn-off"):
        for job in all_jobs():
            if job.state in ACTIVE:
                resources.jobs().cancel(job.key)
        resources.store().withdraw_consent(settings.site)
        st.rerun()


def _stopped(breaker: Breaker) -> None:
    """What stops collecting, and the way on once the person has acted."""
    frame.show(breaker.error)
    if breaker.until:
        left = duration((breaker.until - datetime.now(UTC)).total_seconds())
        st.caption(f"It goes on by itself in {left}.")
        return
    label = ANSWERED.get(breaker.kind, "Go on now")
    if st.button(label, type="primary", key="clear-breaker"):
        stopped = [job for job in all_jobs() if _stopped_by(job, breaker)]
        resources.store().clear_breaker(breaker.site)
        for job in stopped:
            resources.jobs().begin(plan_of(job.request or ""))
        st.rerun()


def _stopped_by(job: Job, breaker: Breaker) -> bool:
    return job.state == "failed" and job.error == str(breaker.error)


def _form(settings: Settings, *, disabled: bool) -> None:
    with st.container(border=True):
        kind = st.segmented_control("What", KINDS, default=KINDS[0], required=True, key="kind")
        plan = _hashtags(settings) if kind == KINDS[1] else _account(settings)
        day_ago = datetime.now(UTC) - timedelta(days=1)
        asked = resources.store().requests_since(settings.site, day_ago)
        if plan.requests():
            st.caption(estimate(plan, settings.request_seconds, settings.requests_per_day, asked))
        if st.button("Collect", type="primary", key="collect", disabled=disabled):
            try:
                resources.jobs().begin(_checked(plan))
            except SocialsenseError as error:
                frame.show(error)
            else:
                st.rerun()


def _account(settings: Settings) -> ForHandle:
    """Its handle as typed."""
    left, middle, right = st.columns([2, 1, 1])
    with left:
        handle = st.text_input(
            "Account",
            value=_wanted(),
            key="collect-handle",
            placeholder="your.handle",
            max_chars=100,
            help="A handle or a link. Its posts are read, the top posts of its hashtags and of "
            "related ones, and the accounts behind those: all that a recommendation needs.",
        )
    with middle:
        hashtags = _number("Hashtags", settings.candidates, "collect-hashtags")
    with right:
        posts = _number("Top posts of each", settings.top_posts, "collect-posts")
    return ForHandle(handle or "", hashtags, posts)


def _hashtags(settings: Settings) -> ForHashtags:
    left, right = st.columns([3, 1])
    with left:
        typed = st.text_input(
            "Hashtags to read",
            key="collect-tags",
            placeholder="#lighthouse #windmill",
            max_chars=2000,
            help="Their top posts are read, and the accounts behind those.",
        )
    with right:
        posts = _number("Top posts of each", settings.top_posts, "collect-posts")
    return ForHashtags(typed_hashtags(typed or ""), posts)


def _number(label: str, default: int, key: str) -> int:
    return st.number_input(label, 1, max(MOST, default), default, key=key)


def _wanted() -> str:
    """The handle typed on the other pages, where nothing is stored about it yet."""
    try:
        handle = clean_handle(state.handle())
    except InputError:
        return ""
    return "" if resources.store().profile(handle) else handle


def _checked(plan: ForHandle | ForHashtags) -> ForHandle | ForHashtags:
    """Raises InputError where nothing can be collected by what was typed."""
    if isinstance(plan, ForHandle):
        return replace(plan, handle=clean_handle(plan.handle))
    return replace(plan, tags=clean_hashtags(" ".join(plan.tags)))
