"""Answers that are no data: what the site refuses, and what follows from it.

The words of a refusal are the site's; what to do about it is ours, and none of it is a way
around. Statuses and words as other projects' users reported them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from socialsense.dialects.documents import answers, embedded
from socialsense.dialects.fields import Node, node, nodes, text
from socialsense.dialects.read import fill, is_known
from socialsense.dialects.reading import Draft, Gone
from socialsense.errors import PageChanged
from socialsense.types import Post

WallKind = Literal[
    "login", "rate", "challenge", "blocked", "drift", "shell", "missing", "gated", "expired",
    "trouble",
]  # fmt: skip

_RATE_LIMITED = 1_675_004
_LONG_AGO = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Wall:
    """Why there are no data.

    Attributes:
        kind: what stopped the page.
        what: what happened; one sentence, as are the next two.
        means: what it means.
        do: what to do.
        stops: whether nothing at all may be asked for until the person has acted.
    """

    kind: WallKind
    what: str
    means: str
    do: str
    stops: bool = False


WALLS: dict[WallKind, Wall] = {
    wall.kind: wall
    for wall in (
        Wall(
            "login",
            "Instagram asks for a login.",
            "This is shown only to people who are logged in, and the session is not, or no longer.",
            "Log in by hand in the browser window, then continue.",
            stops=True,
        ),
        Wall(
            "rate",
            "Instagram asks to wait.",
            "Too much was asked for in a short time. All that was collected is kept.",
            "Wait for hours rather than minutes, then continue where it stopped.",
        ),
        Wall(
            "challenge",
            "Instagram wants to check the account.",
            "It doubts that a person is at work, and only the person can answer.",
            "Open Instagram, answer what it asks, and confirm here that it is done.",
            stops=True,
        ),
        Wall(
            "blocked",
            "Instagram refuses what was asked for.",
            "It has blocked this kind of request for the account for a while.",
            "Leave the account alone for a day before continuing.",
            stops=True,
        ),
        Wall(
            "drift",
            "Instagram answers in a way that is not known.",
            "The page has moved or changed; asking again will not help.",
            "Keep what was sent, and look for a newer version of this program.",
        ),
        Wall(
            "shell",
            "Instagram sent a page without data.",
            "It holds the frame of the page alone, or another page than was asked for.",
            "Load it once more; if it stays so, take the page for changed.",
        ),
        Wall(
            "missing",
            "Instagram has no such page.",
            "The account or post was removed or renamed, or its name is misspelled.",
            "Check the name; nothing else needs to stop.",
        ),
        Wall(
            "gated",
            "Instagram does not show this here.",
            "It withholds it by region, by age or by law.",
            "Leave it out; nothing else needs to stop.",
        ),
        Wall(
            "expired",
            "The address of a picture has expired.",
            "Such addresses hold for a few days only.",
            "Read the post again for a new one.",
        ),
        Wall(
            "trouble",
            "Instagram failed to answer.",
            "The fault is on its side, and mostly short.",
            "Try again in a few minutes.",
        ),
    )
}
"""Every wall by its kind."""

_MESSAGES: tuple[tuple[str, WallKind], ...] = (
    ("checkpoint_required", "challenge"),
    ("challenge_required", "challenge"),
    ("feedback_required", "blocked"),
    ("login_required", "login"),
    ("useragent mismatch", "drift"),
    ("invalid request", "drift"),
    ("execution error", "drift"),
)
_STATUSES: dict[int, WallKind] = {401: "login", 404: "missing", 410: "missing", 429: "rate"}
_PLACES: tuple[tuple[str, WallKind], ...] = (
    ("/challenge", "challenge"),
    ("/checkpoint", "challenge"),
    ("/accounts/suspended", "challenge"),
    ("/accounts/login", "login"),
)


def wall_of(status: int, location: str, body: str, *, warm: bool = False) -> Wall | None:
    """Which wall an answer is; None where it may hold data.

    Args:
        status: of the answer.
        location: where it redirects to, or the address the browser stands at in the end.
        body: of the answer.
        warm: whether this session was answered before. “Please wait” at once is a login that
            is asked for; after much asking the same words are a limit.
    """
    kind = _by_place(location) or _by_body(status, body, warm=warm) or _by_status(status, body)
    return WALLS[kind] if kind else None


def _by_place(location: str) -> WallKind | None:
    """The site's own front page, too, is a wall: no page of it is ever asked for."""
    try:
        parts = urlsplit(location)
    except ValueError:
        return "drift"
    if location and parts.path in {"", "/"}:
        return "drift"
    return next((kind for start, kind in _PLACES if parts.path.startswith(start)), None)


def _by_body(status: int, body: str, *, warm: bool) -> WallKind | None:
    if body.lstrip("\ufeff \r\n\t").startswith("<"):
        return _by_page(body) if status < 300 else None
    try:
        documents = answers(body)
    except PageChanged:
        return None  # its status may say more
    refusals = (_by_refusal(status, node(document), warm=warm) for document in documents)
    found = next((kind for kind in refusals if kind), None)
    return found or _gone(documents) or _by_session(documents)


def _by_page(body: str) -> WallKind | None:
    try:
        documents = embedded(body)
    except PageChanged:
        return None  # reading it says more
    if not is_known(documents):
        return "drift" if "RelayPrefetchedStreamCache" in body else "shell"
    return _gone(documents)


def _by_refusal(status: int, document: Node, *, warm: bool) -> WallKind | None:
    if document.get("error") == _RATE_LIMITED:
        return "rate"
    told = (document, *map(node, nodes(document.get("errors"))))
    words = "; ".join(text(one.get("message")) or "" for one in told).lower()
    known = next((kind for message, kind in _MESSAGES if message in words), None)
    if known:
        return known
    if "please wait" in words:
        return "login" if status == 401 and not warm else "rate"
    return "login" if document.get("require_login") is True and status != 429 else None


def _gone(documents: tuple[Any, ...]) -> Gone | None:
    """Whether it says that it is gone, and tells nothing else: it is read until it does."""
    draft = _Nothing(_LONG_AGO, "")
    try:
        fill(draft, documents)
    except (PageChanged, _SomethingTold):
        return None  # no refusal: whoever reads the documents meets it
    return draft.gone


class _SomethingTold(Exception):
    """There is a post or an account."""


class _Nothing(Draft):
    """Takes no post and no account."""

    def profile(
        self, user: Node, pk: str | None, followers: int | None, posts_count: int | None
    ) -> None:
        del user, pk, followers, posts_count
        raise _SomethingTold

    def post(self, post: Post) -> None:
        del post
        raise _SomethingTold


def _by_session(documents: tuple[Any, ...]) -> WallKind | None:
    """A viewer who is nobody, and nothing else told."""
    data = [node(node(document).get("data")) for document in documents]
    nobody = any("user" in node(one.get("xdt_viewer")) for one in data) and all(
        node(one.get("xdt_viewer")).get("user") is None for one in data
    )
    return "login" if nobody and not is_known(documents) else None


def _by_status(status: int, body: str) -> WallKind | None:
    if status == 403:
        return "expired" if "signature" in body[:200].lower() else "blocked"
    if status >= 500:
        return "trouble"
    return _STATUSES.get(status) or ("drift" if status >= 300 else None)
