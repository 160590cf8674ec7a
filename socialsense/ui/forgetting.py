"""Forgetting on the Data page: the numbers at the first press, and the second one does it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

import streamlit as st

from socialsense.errors import SocialsenseError
from socialsense.forgetting import (
    forget_account,
    forget_others,
    would_forget_account,
    would_forget_others,
)
from socialsense.handles import clean_handle
from socialsense.settings import Settings
from socialsense.types import Forgotten
from socialsense.ui import frame, resources
from socialsense.words import forgotten

OTHERS = "others"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be forgotten, in words, and how to do it."""

    what: str
    found: Forgotten
    do: Callable[[], Forgotten]


def forgetting() -> None:
    """An account by its handle, or what others posted."""
    asked = cast("_Asked | None", st.session_state.get("to-forget"))
    said = st.session_state.pop("forgotten", None)
    with st.expander("Forget", icon=":material/delete:", expanded=bool(asked or said)):
        st.write(
            "No post is deleted by itself. What you forget comes back only if it is read again."
        )
        pressed = _fields()
        try:
            if pressed:
                st.session_state["to-forget"] = asked = pressed()
            if asked:
                _confirm(asked)
        except SocialsenseError as error:
            _put_away()
            frame.show(error)
        if said:
            st.info(frame.plain(said))


def _fields() -> Callable[[], _Asked] | None:
    """What the button asks for that was pressed."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        handle = st.text_input(
            "Account to forget",
            key="forget-handle",
            placeholder="somebodys.handle",
            max_chars=100,
            help="Its profile, posts and pictures, the predictions made for it, and its job.",
            on_change=_put_away,
        )
        account = st.button("What is stored of it?", key="forget-account")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        days = st.number_input(
            "Others' posts last read more than so many days ago",
            1,
            36_500,
            90,
            key="forget-days",
            help="Of accounts that you did not ask for; the demo and yours stay.",
            on_change=_put_away,
        )
        others = st.button("How many are there?", key="forget-others")
    if account:
        return lambda: _account(handle or "")
    return (lambda: _others(days)) if others else None


def _account(typed: str) -> _Asked:
    store, handle = resources.store(), clean_handle(typed)
    found = would_forget_account(store, handle)
    models = Settings().own_models_dir
    return _Asked(f"@{handle}", found, lambda: forget_account(store, handle, models))


def _others(days: int) -> _Asked:
    store, before = resources.store(), datetime.now(UTC) - timedelta(days=days)
    found = would_forget_others(store, before)
    return _Asked(OTHERS, found, lambda: forget_others(store, before))


def _confirm(asked: _Asked) -> None:
    if asked.what == OTHERS and asked.found == Forgotten():
        st.info("Nothing of others was last read so long ago.")
        return
    st.warning(frame.plain(f"That would be {forgotten(asked.found)}."))
    with st.container(horizontal=True):
        label = frame.plain(f"Forget {asked.what}")
        sure = st.button(label, key="forget-now", type="primary")
        st.button("Keep it", key="forget-not", on_click=_put_away)
    if sure:
        st.session_state["forgotten"] = f"Forgotten: {forgotten(asked.do())}."
        _put_away()
        st.rerun()


def _put_away() -> None:
    st.session_state.pop("to-forget", None)
