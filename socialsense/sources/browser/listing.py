"""Reading a page and its continuations, from what the page shows and what it is sent."""

from socialsense.dialects.changed import changed
from socialsense.dialects.walls import WALLS, Wall, wall_of
from socialsense.errors import PageChanged
from socialsense.sources.browser.asked import Asked
from socialsense.sources.browser.refused import Refused
from socialsense.sources.browser.told import Told
from socialsense.sources.browser.visit import Sent, Visit


def read_first(visit: Visit, site: str, asked: Asked, *, warm: bool) -> Told:
    """Opens a page and waits until all of it is told. Raises Refused, PageChanged.

    What is embedded comes first; where that does not do, what the page asks for by itself.
    """
    page = visit.open(site + asked.path)
    if not page.whole:
        raise Refused(WALLS["trouble"])
    wall = wall_of(page.status, page.address, page.body, warm=warm)
    if wall and not _may_follow(page, wall):
        raise Refused(wall, page.body)
    told = Told()
    told.add_page(page.body)
    heard = visit.heard()
    while not (told and asked.is_told_by(told.reading)):
        sent = next(heard, None)
        if sent is None:
            return _as_far_as(told, asked, wall or WALLS["shell"], page.body)
        found = wall_of(sent.status, sent.address, sent.body, warm=warm)
        _stop_at(found, sent)
        if found and not told:
            wall = found
        elif not found and sent.whole:
            _overheard(told, sent)
    return told


def read_next(visit: Visit, cursor: str, to: str | None, *, warm: bool) -> tuple[Told, bool]:
    """Scrolls on, and whether the list went on at `to`. Raises Refused, PageChanged.

    Args:
        visit: stands on the list.
        cursor: with which the page will ask.
        to: where it shall go on instead; None for its own way.
        warm: whether this session was answered before.
    """
    aside = Told()
    for sent in visit.scroll(cursor, to):
        wall = wall_of(sent.status, sent.address, sent.body, warm=warm)
        if sent.asked:
            return _answered(sent, wall), sent.turned or to is None
        _stop_at(wall, sent)
        if not wall and sent.whole:
            _overheard(aside, sent)
    if aside and aside.reading.posts:
        return aside, to is None
    raise Refused(WALLS["shell"])


def _answered(sent: Sent, wall: Wall | None) -> Told:
    if not sent.whole:
        raise Refused(WALLS["trouble"])
    if wall:
        raise Refused(WALLS["drift"] if wall.kind == "missing" else wall, sent.body)
    told = Told()
    if not told.add_answer(sent.body):
        raise Refused(WALLS["drift"], sent.body)
    return told


def _may_follow(page: Sent, wall: Wall) -> bool:
    """A page at its place, but without data: it may fetch them now."""
    bare = wall_of(page.status, page.address, "") is None
    return bare and wall.kind in ("shell", "drift") and page.body.startswith("<")


def _as_far_as(told: Told, asked: Asked, wall: Wall, body: str) -> Told:
    if not told:
        raise Refused(wall, body)
    profile = asked.profile(told.reading)
    if asked.kind == "profile" and profile and profile.posts_count is None:
        return told  # its number of posts is not told, and may be none
    problem = changed(f"A page of Instagram does not tell of the {asked.kind} it was opened for.")
    problem.payload = told.payload
    raise problem


def _overheard(told: Told, sent: Sent) -> None:
    """A page is sent much that is no data, and that need not be understood."""
    try:
        told.add_answer(sent.body)
    except PageChanged:
        return


def _stop_at(wall: Wall | None, sent: Sent) -> None:
    """A challenge stops everything, whatever it was in answer to."""
    if wall and wall.kind == "challenge":
        raise Refused(wall, sent.body)
