"""The frame of every page: its head, and the one place where errors become words.

Each page is complete in itself (`with page(...)`): after a server start a deep link
runs the page's file without app.py.
"""

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from socialsense.errors import SocialsenseError
from socialsense.sources.demo import NOTICE
from socialsense.types import DEMO
from socialsense.ui import resources

ICON = Path(__file__).with_name("icon.png")
log = logging.getLogger(__name__)


@contextmanager
def page(title: str, lead: str) -> Iterator[None]:
    """Title, one line that says what the page is for, then the page's own content.

    Whatever the page, a server's first one begins the jobs that were under way.
    """
    st.set_page_config(
        page_title=f"{title} · Socialsense",
        page_icon=str(ICON),
        layout="wide",
    )
    st.title(title)
    st.caption(lead)
    try:
        try:
            yield
        finally:  # also where the content ended the page
            resources.jobs()
    except SocialsenseError as error:
        show(error)
    except MemoryError:
        log.exception("out of memory on page %s", title)
        st.error("This machine ran out of memory. Remove some photos and try again.")


def show(error: SocialsenseError) -> None:
    """What happened, what it means, what to do."""
    st.error(_words(error))


def warn(error: SocialsenseError, instead: str) -> None:
    """The same of what does not stop the page, and what happens instead."""
    st.warning(f"{_words(error)}\n\n{plain(instead)}")


def _words(error: SocialsenseError) -> str:
    return f"**{plain(error.what)}**\n\n{plain(error.means)}\n\n{plain(error.do)}"


def plain(text: str) -> str:
    """Text that Markdown shows as it is: names of files and handles are not ours."""
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()<>#+!|~$:" else sign for sign in text)


def demo_notice(sources: Collection[str]) -> None:
    """Says so wherever numbers come from the demo."""
    if DEMO in sources:
        st.badge(NOTICE, icon=":material/science:", color="orange")
