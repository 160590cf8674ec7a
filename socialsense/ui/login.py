"""The window in which a person logs in: one for the server, beside its pages."""

import threading

import streamlit as st

from socialsense.errors import SocialsenseError
from socialsense.settings import Settings
from socialsense.sources import browser
from socialsense.ui import frame

EVERY = 2
"""Seconds between two looks at whether the window is still open."""


class Window:
    """A browser's window that is opened in a thread; nothing typed into it is read."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._done = threading.Event()
        self.problem: SocialsenseError | None = None
        self.logged_in: bool | None = None
        """What was seen last; None before it was looked at."""

    @property
    def is_open(self) -> bool:
        """Whether somebody may be typing into it."""
        return self._thread is not None and self._thread.is_alive()

    def open(self, settings: Settings) -> None:
        """Opens it, unless it is open."""
        if self.is_open:
            return
        self.problem, self.logged_in = None, None
        self._done.clear()
        self._thread = threading.Thread(target=self._show, args=[settings], daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Closes it; the login stays."""
        self._done.set()

    def _show(self, settings: Settings) -> None:
        try:
            self.logged_in = browser.log_in(settings, lambda: not self._done.is_set())
        except SocialsenseError as error:
            self.problem = error


@st.cache_resource(show_spinner=False, max_entries=1, on_release=Window.close)
def window() -> Window:
    """The one of this server."""
    return Window()


def login(settings: Settings) -> None:
    """How to log in, with a button where a window can be shown."""
    st.write(
        "Instagram shows most things only to people who are logged in. You log in by hand, once, "
        "in a browser of its own; nothing that you type is read. On the machine that runs this "
        "page, in Socialsense's folder:"
    )
    st.code("python -m socialsense collect login", language="sh", wrap_lines=True)
    if browser.has_screen(settings):
        st.fragment(_window, run_every=EVERY if window().is_open else None)(
            settings, was_open=window().is_open
        )


def _window(settings: Settings, *, was_open: bool) -> None:
    shown = window()
    if shown.is_open != was_open:
        st.rerun()
    if shown.is_open:
        st.info("The window is open on the machine that runs this page. Log in there.")
        st.button("I am done: close the window", key="close-window", on_click=shown.close)
        return
    if shown.problem:
        frame.show(shown.problem)
    elif shown.logged_in is not None:
        st.info("You are logged in." if shown.logged_in else "Nobody has logged in there.")
    if st.button("Or open its window now", key="open-window"):
        shown.open(settings)
        st.rerun()
