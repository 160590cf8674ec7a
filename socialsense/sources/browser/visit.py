"""A page in the browser: opening it, scrolling it, and hearing what it is sent."""

from dataclasses import dataclass
from importlib.resources import files

from socialsense.sources.browser.chromium import Chromium

PATIENCE = 30.0
"""Seconds for the next answer."""
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

    def heard(self) -> Sent | None:
        """The next answer to the page; None once it has fallen silent. Raises BrowserFailed."""
        return self._next(None, None, scroll=False)

    def scroll(self, cursor: str, to: str | None = None) -> Sent | None:
        """The same at the end of the page, which makes a list go on.

        Args:
            cursor: with which the page will ask, as far as it has told.
            to: where it shall go on instead.
        """
        return self._next(cursor, to, scroll=True)

    def _next(self, cursor: str | None, to: str | None, *, scroll: bool) -> Sent | None:
        waiting = {"patience": PATIENCE * 1000, "quiet": QUIET * 1000}
        wanted = {"cursor": cursor, "to": to, "scroll": scroll, **waiting}
        sent = self._chromium.run(_NEXT, wanted)
        return None if sent is None else Sent(**sent)
