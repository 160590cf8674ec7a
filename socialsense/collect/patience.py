"""How often, and how patiently, a failed request is tried again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from socialsense.errors import (
    AskedToWait,
    Missing,
    PageChanged,
    PersonNeeded,
    SourceError,
    Withheld,
)

T = TypeVar("T")

TRIES = 5
DRIFT_TRIES = 3
"""A page that has changed does not change back: a few tries tell that from an answer cut off."""
LONGEST = 3600
"""Seconds between two tries, at most."""


def patiently(
    ask: Callable[[], T],
    seconds: float,
    sleep: Callable[[float], None],
    failed: Callable[[SourceError], None],
) -> T:
    """The answer, tried again where that may help: after `seconds`, twice as long, and so on.

    `failed` hears of each failure that is followed by another try. Raises the last error.
    """
    tries = drifts = 0
    while True:
        try:
            return ask()
        except SourceError as error:
            tries += 1
            drifts += isinstance(error, PageChanged)
            if not may_pass(error) or tries == TRIES or drifts == DRIFT_TRIES:
                raise
            failed(error)
        sleep(min(seconds * 2 ** (tries - 1), LONGEST))


def may_pass(error: SourceError) -> bool:
    """Whether the same question may be answered another time, without anybody doing anything."""
    if isinstance(error, AskedToWait):
        return error.until is None
    return not isinstance(error, PersonNeeded | Missing | Withheld)
