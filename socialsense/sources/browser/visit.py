"""A page in the browser: opening it, scrolling it, and hearing what it is sent."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from socialsense.sources.browser.chromium import Chromium

PATIENCE = 30.0
"""Seconds in which the answer must come that is waited for."""
QUIET = 2.0
"""Seconds without any request after which none is expected any more."""

_PAGE = "return window.__listening.page()"
_NEXT = "return window.__listening.next(arguments[0])"


@dataclass(frozen=True, slots=True)
class Sent:
    """A page, or an answer to a request of its own.

    Attributes:
        status: of the answer; 0 where none came.
        address: where it came from in the end.
        body: as text; of a page the data embedded in it.
        whole: whether all of it came.
        asked: whether it was asked for with the cursor that is waited for.
        turned: whether it was asked for from another place instead.
    """

    status: int
    address: str
    body: str
    whole: bool = True
    asked: bool = False
    turned: bool = False


class Visit:
    """What happens in one browser, page after page."""

    def __init__(self, chromium: Chromium) -> None:
        self._chromium = chromium
        hook = files(__package__).joinpath("listening.js")
        chromium.at_every_start(hook.read_text(encoding="utf-8"))

    def open(self, url: str) -> Sent:
        """The page at an address. Raises BrowserFailed."""
        self._chromium.open(url)
        return Sent(**self._chromium.run(_PAGE))

    def heard(self) -> Iterator[Sent]:
        """Answers to the page as they come, until it falls silent. Raises BrowserFailed."""
        return self._answers({"cursor": None, "to": None, "scroll": False})

    def scroll(self, cursor: str, to: str | None = None) -> Iterator[Sent]:
        """The same at the end of the page, which makes a list go on.

        Args:
            cursor: with which the page will ask, as far as it has told.
            to: where it shall go on instead.
        """
        return self._answers({"cursor": cursor, "to": to, "scroll": True})

    def _answers(self, wanted: dict[str, Any]) -> Iterator[Sent]:
        end = time.monotonic() + PATIENCE
        while (left := end - time.monotonic()) > 0:
            waiting = {"patience": left * 1000, "quiet": QUIET * 1000}
            sent = self._chromium.run(_NEXT, wanted | waiting)
            if sent is None:
                return
            yield Sent(**sent)
