"""The frame of every page: its way in, its head, and the one place where errors become words.

After a server start a deep link runs the page's file without app.py, and so without the others
above it: such a page goes by way of app.py, which leads back to it.
"""

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from socialsense.errors import SocialsenseError
from socialsense.sources.demo import NOTICE
from socialsense.types import DEMO
from socialsense.ui import resources

ICON = Path(__file__).with_name("icon.png")
log = logging.getLogger(__name__)


def route(found: StreamlitPage, pages: Sequence[StreamlitPage]) -> None:
    """Runs the page that was found, or turns to the one that came here without its router."""
    wanted = st.session_state.pop("wanted", found.title)
    if wanted != found.title:
        st.switch_page(next(page for page in pages if page.title == wanted))
    st.session_state["routed"] = True
    found.run()


@contextmanager
def page(title: str, lead: str) -> Iterator[None]:
    """Title, one line that says what the page is for, then the page's own content.

    Whatever the page, a server's first one begins the jobs that were under way.
    """
    if "routed" not in st.session_state:
        st.session_state["wanted"] = title
        st.switch_page("app.py")
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
