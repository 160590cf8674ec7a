"""The gate before every request: the pace, the day's share, the breaker, and the wish to stop.

What was asked stands in the store's ledger before it is asked: a restart forgets nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from typing import TYPE_CHECKING

from socialsense.errors import AskedToWait, PersonNeeded

if TYPE_CHECKING:
    from socialsense.store import Store
    from socialsense.types import Pace

DAY = timedelta(days=1)
KEPT = timedelta(days=8)
"""How long the ledger remembers."""
PULSE = 1.0
"""Seconds between two looks at whether to go on, while waiting."""


class Cancelled(Exception):
    """The person wants to stop; nothing is wrong."""


class Gate:
    """For one site, on the store's ledger. `alive` hears of it while it waits."""

    def __init__(
        self,
        store: Store,
        pace: Pace,
        cancelled: Callable[[], bool],
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._pace = pace
        self._cancelled = cancelled
        self._alive = alive
        store.forget_requests(_now() - KEPT)

    def admit(self, what: str) -> None:
        """Waits for its turn and notes the request.

        Raises Cancelled, PersonNeeded or AskedToWait; then nothing may be asked.
        """
        self._check_breaker()
        self._check_share()
        last = self._store.last_request(self._pace.site)
        if last is not None:
            self.sleep(self._pace.seconds - (_now() - last).total_seconds())
        elif self._cancelled():
            raise Cancelled
        self._store.note_request(self._pace.site, what, _now())

    def sleep(self, seconds: float) -> None:
        """Waits, unless the person wants to stop. Raises Cancelled."""
        end = monotonic() + seconds
        while not self._cancelled():
            left = end - monotonic()
            if left <= 0:
                return
            sleep(min(left, PULSE))
            self._alive()
        raise Cancelled

    def _check_breaker(self) -> None:
        breaker = self._store.breaker(self._pace.site, _now())
        if breaker is None:
            return
        words = {"means": breaker.means, "do": breaker.do}
        if breaker.until is not None:
            raise AskedToWait(breaker.what, until=breaker.until, **words)
        raise PersonNeeded(breaker.what, kind=breaker.kind, **words)

    def _check_share(self) -> None:
        site, share = self._pace.site, self._pace.per_day
        since = _now() - DAY
        if self._store.requests_since(site, since) < share:
            return
        oldest = self._store.nth_request_since(site, since, 1)
        until = (oldest or _now()) + DAY
        raise AskedToWait(
            "Today's share of requests is used up.",
            means=f"{site} is asked {share:,} times in 24 hours and no more.",
            do=f"It goes on after {until:%Y-%m-%d %H:%M} UTC; all that was collected is kept.",
            until=until,
        )


def _now() -> datetime:
    return datetime.now(UTC)
