"""Folders of photos that models are trained and measured on.

A folder has `posts.jsonl`, one JSON object a line, and the pictures it names.
Splits go by group (near-duplicates and posts of one author share one), and are
a function of the group's number alone: they never move when posts are added.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from socialsense.errors import InputError
from socialsense.hashtag_text import hashtag_key

T = TypeVar("T")
Split = Literal["train", "validation", "test"]


@dataclass(frozen=True, slots=True)
class TaggedPhoto:
    """A photo and its hashtags; `complete` when they are all it had, not its page's alone."""

    path: Path
    hashtags: frozenset[str]
    page: str
    complete: bool
    group: int

    @property
    def split(self) -> Split:
        """70 % train, 15 % validation, 15 % test, by group."""
        part = hashlib.sha256(f"group {self.group}".encode()).digest()[0] / 256
        return "train" if part < 0.7 else "validation" if part < 0.85 else "test"


@dataclass(frozen=True, slots=True)
class LikedPhoto:
    """A photo with the likes it got; `taken_at` in seconds since 1970."""

    path: Path
    account: str
    taken_at: int
    likes: int


def read_tagged_photos(folder: Path) -> list[TaggedPhoto]:
    """In the order they were crawled, which is that of their groups. Raises InputError."""

    def photo(root: Path, row: Mapping[str, Any]) -> TaggedPhoto:
        return TaggedPhoto(
            root / row["file"],
            frozenset(hashtag_key(tag) for tag in row["hashtags"]),
            row["page"],
            row["tags_complete"],
            row["group"],
        )

    return sorted(_read(folder, "hashtag_photos", photo), key=lambda photo: photo.group)


def read_liked_photos(folder: Path) -> list[LikedPhoto]:
    """Photos of several accounts with their likes. Raises InputError."""

    def photo(root: Path, row: Mapping[str, Any]) -> LikedPhoto:
        return LikedPhoto(root / row["file"], row["account"], row["taken_at"], row["likes"])

    return _read(folder, "photos_with_likes", photo)


def _read(folder: Path, name: str, photo: Callable[[Path, Mapping[str, Any]], T]) -> list[T]:
    """Rows of `folder/posts.jsonl`, or of `folder/name/posts.jsonl` where that is given."""
    root = folder / name if (folder / name / "posts.jsonl").is_file() else folder
    try:
        lines = (root / "posts.jsonl").read_text(encoding="utf-8").splitlines()
        return [photo(root, json.loads(line)) for line in lines]
    except KeyError as missing:
        why = f"a line lacks {missing}"
    except (OSError, ValueError, TypeError) as error:
        why = str(error)
    raise InputError(
        f"{root / 'posts.jsonl'} cannot be read.",
        means=f"A folder of photos lists them there, one JSON object a line: {why}.",
        do=f"Give the folder that holds it with --data, for instance one named {name}.",
    )
