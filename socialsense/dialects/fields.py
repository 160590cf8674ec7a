"""Single fields of a JSON tree: what has the wrong shape counts as not told."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Node = Mapping[str, Any]

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_DIGIT = {sign: value for value, sign in enumerate(_ALPHABET)}
_PRIVATE_TAIL = 28
"""Shortcodes of private posts end in so many characters that say nothing of the pk."""
_EPOCH_MS = 1_314_220_021_721
"""Where the clock in a pk starts (Instagram engineering, Sharding & IDs, 2012)."""
_LARGEST = 2**63


def node(value: Any) -> Node:
    """An object, or an empty one."""
    return value if isinstance(value, dict) else {}


def nodes(value: Any) -> list[Any]:
    """A list, or an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str | None:
    """Text that is there, without what no database holds (NUL, half of a surrogate pair)."""
    if not isinstance(value, str):
        return None
    return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8") or None


def count(value: Any) -> int | None:
    """A count from 0 on; negative ones are signs of something else."""
    known = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST
    return value if known else None


def visible_likes(likes: Any, *, hidden: bool) -> int | None:
    """Likes, or None when hidden, which is spelled as a flag beside a 3, or as −1.

    A 0 without the flag is none at all: only the Graph API writes it for hidden ones.
    """
    return None if hidden else count(likes)


def number(value: Any) -> str | None:
    """A pk, given as digits or as a number, perhaps as `<pk>_<owner's pk>` or `POLARIS_<pk>`."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if 0 < value < _LARGEST else None
    digits = (text(value) or "")[:64].removeprefix("POLARIS_").partition("_")[0]
    known = digits.isascii() and digits.isdecimal() and 0 < int(digits) < _LARGEST
    return str(int(digits)) if known else None


def shortcode_of(pk: str) -> str:
    """The code in a post's address: its pk in base 64."""
    rest, code = int(pk), ""
    while rest:
        rest, place = divmod(rest, 64)
        code = _ALPHABET[place] + code
    return code or _ALPHABET[0]


def pk_of(shortcode: str) -> str | None:
    """The pk of the post at an address; None where the code is none."""
    code = shortcode[:-_PRIVATE_TAIL] if len(shortcode) > _PRIVATE_TAIL else shortcode
    if not code or len(code) > 11 or not set(code) <= _DIGIT.keys():
        return None
    pk = 0
    for sign in code:
        pk = pk * 64 + _DIGIT[sign]
    return number(pk)


def moment(seconds: Any) -> datetime | None:
    """Seconds since 1970 as a time in UTC."""
    whole = count(seconds)
    try:
        return datetime.fromtimestamp(whole, UTC) if whole else None
    except (ValueError, OverflowError, OSError):
        return None


def moment_of(pk: str) -> datetime | None:
    """When a pk was given: within a second of most posts' time, 92 s early for one of four."""
    return moment(((int(pk) >> 23) + _EPOCH_MS) // 1000)


def picture(sizes: Any, width: Any, height: Any) -> str | None:
    """The largest of a picture's files that show all of it; square crops come after.

    Args:
        sizes: objects of url, width and height.
        width: of the original, in pixels; where unknown the largest file sets the ratio.
        height: of the original.
    """
    known = [
        (_size(item), address)
        for item in map(node, nodes(sizes))
        if (address := link(item.get("url")))
    ]
    if not known:
        return None
    known.sort(key=lambda one: one[0][0] * one[0][1], reverse=True)
    ratio = _ratio((count(width) or 0, count(height) or 0)) or _ratio(known[0][0])
    whole = (address for size, address in known if ratio and abs(_ratio(size) / ratio - 1) < 0.02)
    return next(whole, known[0][1])


def link(value: Any) -> str | None:
    """An address on the web."""
    address = text(value)
    return address if address and address.startswith(("https://", "http://")) else None


def _size(item: Node) -> tuple[int, int]:
    return count(item.get("width")) or 0, count(item.get("height")) or 0


def _ratio(size: tuple[int, int]) -> float:
    return size[0] / size[1] if size[1] else 0.0
