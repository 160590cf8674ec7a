"""What the site refuses, as the errors that the product knows."""

from socialsense.dialects.walls import Wall
from socialsense.errors import (
    AskedToWait,
    Missing,
    PageChanged,
    PersonNeeded,
    SourceError,
    Withheld,
)
from socialsense.sources.browser.told import MOST_KEPT, masked


class Refused(Exception):
    """A wall, on its way to whoever knows what it means here."""

    def __init__(self, wall: Wall, body: str = "") -> None:
        super().__init__(wall.kind)
        self.wall = wall
        self.body = body

    @property
    def error(self) -> SourceError:
        """For people, and for the crawl."""
        wall = self.wall
        if wall.kind == "drift":
            payload = masked(self.body)[:MOST_KEPT] or None
            return PageChanged(wall.what, means=wall.means, do=wall.do, payload=payload)
        if wall.stops:
            return PersonNeeded(wall.what, means=wall.means, do=wall.do, kind=wall.kind)
        known: dict[str, type[SourceError]] = {
            "rate": AskedToWait,
            "missing": Missing,
            "gated": Withheld,
        }
        return known.get(wall.kind, SourceError)(wall.what, means=wall.means, do=wall.do)
