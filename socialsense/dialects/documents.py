"""JSON documents in what the site sends: embedded in a page, or as an answer's body."""

import json
import re
from typing import Any

from socialsense.dialects.changed import changed

MAX_LENGTH = 16 * 2**20
"""Characters of a page or answer; real ones have at most a tenth."""

_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
_ATTRIBUTES = re.compile(r"""((?:[^>"']|"[^"]*"|'[^']*')*+)>""")
_QUOTED = re.compile(r""""[^"]*"|'[^']*'""")
_MARK = re.compile(r"(?<![^\s/])data-sjs(?![^\s=/])", re.IGNORECASE)
_END = re.compile(r"</script\b", re.IGNORECASE)
_PREFIX = re.compile(r"[\s\ufeff]*(?:for\s*\(;;\);\s*)?")
_DECODER = json.JSONDecoder()


def embedded(html: str) -> tuple[Any, ...]:
    """The documents of every `data-sjs` script, in order; none in a page without data.

    Raises PageChanged where one is cut off or no JSON.
    """
    _measure(html)
    found: list[Any] = []
    place = 0
    while script := _SCRIPT.search(html, place):
        tag = _ATTRIBUTES.match(html, script.end())
        marked = tag is None or _MARK.search(_QUOTED.sub('""', tag[1]))
        end = _END.search(html, tag.end()) if tag else None
        if tag is None or end is None:
            if marked:
                raise _cut_off()
            break
        if marked:
            found += answers(html[tag.end() : end.start()])
        place = end.end()
    return tuple(found)


def answers(body: str) -> tuple[Any, ...]:
    """The documents of an answer: one or several in a row, each perhaps after `for (;;);`.

    Raises PageChanged where one is cut off or no JSON, and where there is none.
    """
    _measure(body)
    found: list[Any] = []
    place = _after_prefix(body, 0)
    while place < len(body):
        try:
            document, place = _DECODER.raw_decode(body, place)
        except (ValueError, RecursionError) as problem:
            raise _cut_off() from problem
        found.append(document)
        place = _after_prefix(body, place)
    if not found:
        raise _cut_off()
    return tuple(found)


def _after_prefix(body: str, place: int) -> int:
    prefix = _PREFIX.match(body, place)
    return prefix.end() if prefix else place


def _measure(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise changed(f"An answer of Instagram has {len(text):,} characters, far beyond any known.")


def _cut_off() -> Exception:
    return changed("An answer of Instagram is cut off or is no JSON.")
