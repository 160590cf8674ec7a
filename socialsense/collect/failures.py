"""What becomes of a thing that could not be read, and of the site that did not give it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from socialsense.collect.keep import keep_unreadable
from socialsense.errors import (
    AskedToWait,
    Missing,
    PageChanged,
    PersonNeeded,
    SocialsenseError,
    SourceError,
    UnknownAccount,
    Withheld,
)

if TYPE_CHECKING:
    from socialsense.store import Store
    from socialsense.types import Item, ItemState, Pace

PAUSE = 360
"""Times its patience that a site is left alone after it has asked to wait again and again."""
SILENT = 3
"""Things in a row that cannot be read: then it is not these things, it is the site."""


class Failures:
    """Those of one job. `pace`: the site's; None for a source of one's own."""

    def __init__(self, store: Store, job: str, pace: Pace | None) -> None:
        self._store, self._job, self._pace = store, job, pace
        self._silent = 0

    def answered(self) -> None:
        """The site gave what it was asked for."""
        self._silent = 0

    def settle(self, item: Item, error: SocialsenseError) -> None:
        """The state that says why; what concerns more than this one thing is raised."""
        if isinstance(error, PersonNeeded | AskedToWait):
            raise self._stopped(error)
        state = self._state_after(error)
        with self._store.transaction():
            keep_unreadable(self._store, self._job, item, error)
            self.note(item, error, state)
        self._silent = self._silent + 1 if state == "retry" else 0
        if state in ("waiting", "changed") or self._silent >= SILENT:
            raise error

    def _state_after(self, error: SocialsenseError) -> ItemState:
        if isinstance(error, Missing | UnknownAccount):
            return "gone"
        if isinstance(error, Withheld):
            return "gated"
        if isinstance(error, PageChanged):
            return "changed"
        return "retry" if self._pace else "waiting"

    def note(self, item: Item, error: SocialsenseError, state: ItemState | None = None) -> Item:
        """Keeps that it failed; gives the thing as it stands now."""
        item = replace(
            item,
            state=state or item.state,
            tries=item.tries + 1,
            error=str(error),
            updated_at=_now(),
        )
        self._store.set_items(self._job, [item])
        return item

    def _stopped(self, error: PersonNeeded | AskedToWait) -> SourceError:
        """Trips the breaker, unless it was the breaker, or the day's share, that spoke."""
        if self._pace is None or self._store.breaker(self._pace.site, _now()):
            return error
        if isinstance(error, PersonNeeded):
            self._store.trip(self._pace.site, error.kind, error, at=_now())
        elif error.until is None:
            until = _now() + timedelta(seconds=self._pace.patience * PAUSE)
            error = AskedToWait(error.what, means=error.means, do=error.do, until=until)
            self._store.trip(self._pace.site, "rate", error, at=_now(), until=until)
        return error


def _now() -> datetime:
    return datetime.now(UTC)
