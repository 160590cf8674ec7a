"""Hashtags to be careful with: too generic to reach anybody, hidden, or hidden at times.

No platform publishes such a list and each changes its own unannounced, so a match is
a reminder and never a certainty. The lists carry a version and give way to a person's.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from socialsense.errors import InputError
from socialsense.hashtag_text import find_hashtags, hashtag_key
from socialsense.types import CautionKind

KINDS: tuple[CautionKind, ...] = ("banned", "sensitive", "generic")
"""The gravest first."""
SHIPPED = Path(__file__).with_name("caution.toml")
MAX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Caution:
    """Lists of hashtags, as keys, and the version they carry."""

    version: str
    generic: frozenset[str]
    banned: frozenset[str]
    sensitive: frozenset[str]

    def of(self, tag: str) -> CautionKind | None:
        """The gravest list a hashtag stands in, however it is spelled; None if in none."""
        key = hashtag_key(tag)
        return next((kind for kind in KINDS if key in getattr(self, kind)), None)


def load_caution(path: Path | None = None) -> Caution:
    """The shipped lists, or a TOML file's, with the shipped ones for those it leaves out.

    Raises InputError for a file that cannot be read or holds anything but a version
    (text) and the three lists of hashtags.
    """
    if path is None:
        return _shipped()
    table, shipped = _parsed(path), _shipped()
    if unknown := table.keys() - {"version", *KINDS}:
        raise _unusable(path, f"it has {min(unknown)!r:.60}, which is no list known here")
    version = table.get("version", f"{shipped.version} + {path.name}")
    if not isinstance(version, str):
        raise _unusable(path, "its version is no text in quotes")
    lists = {
        kind: _keys(path, kind, table[kind]) if kind in table else getattr(shipped, kind)
        for kind in KINDS
    }
    return Caution(version, **lists)


@cache
def _shipped() -> Caution:
    table = _parsed(SHIPPED)
    return Caution(table["version"], **{kind: _keys(SHIPPED, kind, table[kind]) for kind in KINDS})


def _keys(path: Path, kind: CautionKind, items: object) -> frozenset[str]:
    if not isinstance(items, list):
        raise _unusable(path, f"'{kind}' is no list")
    return frozenset(_key(path, kind, item) for item in items)


def _key(path: Path, kind: CautionKind, item: object) -> str:
    key = hashtag_key(item) if isinstance(item, str) else ""
    if find_hashtags(f"#{key}") != (key,):
        raise _unusable(path, f"'{kind}' holds {item!r:.60}, which is no hashtag")
    return key


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_bytes(path).decode("utf-8-sig"))
    except OSError as error:
        raise _unusable(path, f"it cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise _unusable(path, f"it is not TOML in UTF-8 ({error})") from error


def _bytes(path: Path) -> bytes:
    if path.exists() and not path.is_file():
        raise _unusable(path, "it is a folder or a device")
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _unusable(path, f"it is larger than {MAX_BYTES // 1000:,} kB")
    return data


def _unusable(path: Path, why: str) -> InputError:
    return InputError(
        f"The lists of hashtags to be careful with in {path} cannot be used.",
        means=f"Nothing of it was taken: {why}.",
        do=f"Correct it after the example of {SHIPPED}, or do without: that one is used then.",
    )
