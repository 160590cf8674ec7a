"""Saying that a page is not as it was, with the keys that stood there."""

from collections import deque
from typing import Any

from socialsense.errors import PageChanged

MAX_KEYS = 40


def changed(what: str, seen: Any = None) -> PageChanged:
    """The error; `seen` is the JSON in which something was not found."""
    keys = keys_of(seen)
    there = f" Its keys are {', '.join(keys[:8])}." if keys else ""
    return PageChanged(
        f"{what}{there}",
        means="Instagram may have changed this page, or only half of it arrived. "
        "Nothing of it was used.",
        do="Load it once more; if it stays so, keep what was sent and look for a newer version.",
        keys=keys,
    )


def keys_of(seen: Any) -> tuple[str, ...]:
    """Up to MAX_KEYS distinct keys of a JSON tree, outermost first."""
    keys: dict[str, None] = {}
    queue = deque([seen])
    while queue and len(keys) < MAX_KEYS:
        value = queue.popleft()
        if isinstance(value, dict):
            keys.update(dict.fromkeys(map(_readable, value)))
            queue.extend(value.values())
        elif isinstance(value, list):
            queue.extend(value)
    return tuple(keys)[:MAX_KEYS]


def _readable(key: str) -> str:
    return key[:80].encode("utf-8", "replace").decode("utf-8")
