"""The source: its four questions, and the browser that stands where the last one led."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from socialsense.dialects.read import page_of
from socialsense.dialects.walls import WALLS
from socialsense.errors import Missing, PageChanged, PersonNeeded, SourceError, UnknownAccount
from socialsense.hashtag_text import hashtag_key
from socialsense.settings import Settings
from socialsense.sources.browser.asked import Asked
from socialsense.sources.browser.chromium import BrowserFailed, Chromium
from socialsense.sources.browser.listing import read_first, read_next
from socialsense.sources.browser.pictures import Pictures
from socialsense.sources.browser.refused import Refused
from socialsense.sources.browser.told import Told
from socialsense.sources.browser.visit import Visit
from socialsense.types import Pace, Page, Post

PATIENCE = 60.0
"""Seconds after a failed request; none where requests need not be apart at all."""
LOGINS = 3
"""So often in a row a login is asked for before it is believed while a session is there."""


@dataclass(slots=True)
class _Stand:
    """Where the browser is: what it shows, and the cursor of what was read last."""

    asked: Asked
    cursor: str | None


class Browser:
    """Instagram as the person sees it in Chromium. One question at a time, but for pictures."""

    name = "browser"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._site = settings.instagram_url
        patience = PATIENCE if settings.request_seconds else 0.0
        self.pace = Pace(
            site=settings.site,
            seconds=settings.request_seconds,
            per_day=settings.requests_per_day,
            patience=patience,
        )
        self.admit: Callable[[str], None] = _at_once
        self._pictures = Pictures(wait=patience / 60)
        self._chromium: Chromium | None = None
        self._visit: Visit | None = None
        self._stand: _Stand | None = None
        self._warm = False
        self._logins = 0

    def posts(self, handle: str, cursor: str | None = None) -> Page[Post]:
        """A page of an account's posts: pinned ones first, then the newest.

        Joint posts stand here under their own author. Raises UnknownAccount or SourceError.
        """
        asked = Asked("profile", handle)
        try:
            told = self._told(asked, cursor)
        except Missing as missing:
            raise UnknownAccount(
                f"There is no account '{handle}' on Instagram.", means=missing.means, do=missing.do
            ) from missing
        return page_of(told.reading, told.payload, handle)

    def tagged(self, tag: str, cursor: str | None = None) -> Page[Post]:
        """A page of a hashtag's top posts; none for one that nobody uses. Raises SourceError."""
        try:
            told = self._told(Asked("hashtag", hashtag_key(tag)), cursor)
        except Missing:
            return Page(())
        return page_of(told.reading, told.payload)

    def post(self, shortcode: str) -> Page[Post]:
        """One post, as it is now. Raises SourceError."""
        asked = Asked("post", shortcode)
        told = self._told(asked, None)
        post = asked.post(told.reading)
        if post is None:
            raise Refused(WALLS["missing"]).error
        return Page((post,), payload=told.payload)

    def image(self, post: Post) -> bytes | None:
        """The file of a post's picture, by the address it was told with. Raises SourceError.

        None where there is none or it is gone. May be called from several threads.
        """
        return self._pictures.fetch(post.image_url) if post.image_url else None

    def close(self) -> None:
        """Ends the browser; another question would start it anew."""
        self._leave(cleanly=True)
        self._pictures.close()

    def _told(self, asked: Asked, cursor: str | None) -> Told:
        """What a page told. After any failure the next one is opened anew."""
        stand, self._stand = self._stand, None
        try:
            told, stays = self._asked(asked, cursor, stand)
            if stays:
                self._stand = _Stand(asked, told.reading.cursor)
        except Refused as refused:
            error = self._judged(refused)
            if isinstance(error, PersonNeeded):
                self._leave()  # the person needs the browser's folder
            raise error from None
        except BrowserFailed:
            self._leave(cleanly=False)
            raise
        self._warm, self._logins = True, 0
        return told

    def _asked(self, asked: Asked, cursor: str | None, stand: _Stand | None) -> tuple[Told, bool]:
        """Opens, scrolls, or both; and whether the browser then stands where it told of."""
        if cursor is not None and stand == _Stand(asked, cursor):
            return self._further(asked, cursor, None)[0], True
        opening = self._opened(asked)
        if cursor is None:
            return opening, True
        found = self._resumed(asked, opening, cursor)
        # Else the list cannot go on there: it is read again from its start, and nothing is lost.
        return (found, True) if found else (opening, False)

    def _opened(self, asked: Asked) -> Told:
        visit = self._visiting()
        self.admit(str(asked))
        return read_first(visit, self._site, asked, warm=self._warm)

    def _further(self, asked: Asked, cursor: str, to: str | None) -> tuple[Told, bool]:
        visit = self._visit or self._visiting()
        self.admit(f"{asked}, further on")
        return read_next(visit, cursor, to, warm=self._warm)

    def _resumed(self, asked: Asked, opening: Told, cursor: str) -> Told | None:
        """The page at a cursor of an earlier session; None where the list does not go on there.

        A page may have gone on by itself before it could be turned; then once more.
        """
        own = opening.reading.cursor
        if own == cursor:
            return self._further(asked, cursor, None)[0]
        for _ in range(2):
            if own is None:
                return None
            try:
                told, there = self._further(asked, own, cursor)
                reading = told.reading
            except PageChanged:
                return None
            except Refused as refused:
                if refused.wall.kind in ("drift", "shell"):
                    return None
                raise
            if there:
                return told if reading.posts or reading.more else None
            own = reading.cursor
        return None

    def _visiting(self) -> Visit:
        """The browser, started where it does not run, with somebody logged in."""
        if self._chromium is None or self._visit is None:
            self._chromium = Chromium(self._settings)
            self._visit = Visit(self._chromium)
        if not self._chromium.logged_in(self._site):
            raise Refused(WALLS["login"])
        return self._visit

    def _judged(self, refused: Refused) -> SourceError:
        """A login may be asked for by mistake, where a session is there."""
        if refused.wall.kind != "login":
            return refused.error
        self._logins += 1
        there = self._chromium is not None and self._chromium.logged_in(self._site)
        if there and self._logins < LOGINS:
            wall = refused.wall
            return SourceError(wall.what, means=wall.means, do="Try again in a few minutes.")
        return refused.error

    def _leave(self, *, cleanly: bool = True) -> None:
        chromium, self._chromium, self._visit = self._chromium, None, None
        self._stand = None
        if chromium:
            chromium.close(cleanly=cleanly)


def _at_once(what: str) -> None:
    """Where no crawl keeps the pace."""
    del what
