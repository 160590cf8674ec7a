"""The gate before every request: the pace, the day's share, the breaker, and the wish to stop.

What was asked stands in the store's ledger before it is asked: a restart forgets nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from typing import TYPE_CHECKING

from socialsense.errors import AskedToWait

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
    """For one site, on the store's ledger, whoever else asks it as well."""

    def __init__(self, store: Store, pace: Pace, cancelled: Callable[[], bool]) -> None:
        self._store = store
        self._pace = pace
        self._cancelled = cancelled
        store.forget_requests(_now() - KEPT)

    def admit(self, what: str) -> None:
        """Waits for its turn and notes the request.

        Raises Cancelled, PersonNeeded or AskedToWait; then nothing may be asked.
        """
        left = 0.0
        while True:
            self.sleep(left)
            with self._store.transaction():  # of two that wait, one is noted first
                self._check_breaker()
                self._check_share()
                left = self._left()
                if left <= 0:
                    self._store.note_request(self._pace.site, what, _now())
                    return

    def sleep(self, seconds: float) -> None:
        """Waits, unless the person wants to stop. Raises Cancelled."""
        end = monotonic() + seconds
        while not self._cancelled():
            left = end - monotonic()
            if left <= 0:
                return
            sleep(min(left, PULSE))
        raise Cancelled

    def _left(self) -> float:
        """Seconds until the site may be asked."""
        last = self._store.last_request(self._pace.site)
        return 0.0 if last is None else self._pace.seconds - (_now() - last).total_seconds()

    def _check_breaker(self) -> None:
        breaker = self._store.breaker(self._pace.site, _now())
        if breaker is not None:
            raise breaker.error

    def _check_share(self) -> None:
        site, share = self._pace.site, self._pace.per_day
        since = _now() - DAY
        beyond = self._store.requests_since(site, since) - share
        if beyond < 0:
            return
        last_to_pass = self._store.nth_request_since(site, since, beyond + 1)
        until = (last_to_pass or _now()) + DAY
        raise AskedToWait(
            "Today's share of requests is used up.",
            means=f"{site} is asked {share:,} times in 24 hours and no more.",
            do=f"It goes on after {until:%Y-%m-%d %H:%M} UTC; all that was collected is kept.",
            until=until,
        )


def _now() -> datetime:
    return datetime.now(UTC)
