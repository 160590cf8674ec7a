"""How often, and how patiently, a failed request is tried again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_exponential
from tenacity.stop import stop_base

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
    retrying = Retrying(
        retry=retry_if_exception(may_pass),
        stop=_Enough(),
        wait=wait_exponential(multiplier=seconds, max=LONGEST),
        sleep=sleep,
        before_sleep=lambda state: failed(_error(state)),
        reraise=True,
    )
    return retrying(ask)


class _Enough(stop_base):
    """So many failures, or fewer of a page that has changed, whatever came between."""

    def __init__(self) -> None:
        self._drifts = 0

    def __call__(self, retry_state: RetryCallState) -> bool:
        self._drifts += isinstance(_error(retry_state), PageChanged)
        return retry_state.attempt_number >= TRIES or self._drifts >= DRIFT_TRIES


def _error(state: RetryCallState) -> SourceError:
    """What the last try ended with; `may_pass` lets nothing else be tried again."""
    return cast("SourceError", state.outcome and state.outcome.exception())


def may_pass(error: BaseException) -> bool:
    """Whether the same question may be answered another time, without anybody doing anything."""
    if isinstance(error, AskedToWait):
        return error.until is None
    lasting = PersonNeeded | Missing | Withheld
    return isinstance(error, SourceError) and not isinstance(error, lasting)
