"""Photos that models are trained and measured on: folders of them, read a run at a time.

A folder has `posts.jsonl`, one JSON object a line, and the pictures it names.
Splits go by group (near-duplicates and posts of one author share one), and are
a function of the group's name alone: they never move when posts are added.
"""

import hashlib
import heapq
import json
from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from socialsense.errors import InputError
from socialsense.hashtag_text import hashtag_key

Split = Literal["train", "validation", "test"]


RUN = 16
"""Photos read at a time; they follow one another in crawl order."""


@dataclass(frozen=True, slots=True)
class TaggedPhoto:
    """A photo and its hashtags; `complete` when they are all it had, not its page's alone.

    `page`: the hashtag it was found under, where it was.
    """

    path: Path
    hashtags: frozenset[str]
    page: str | None
    complete: bool
    group: int | str

    @property
    def split(self) -> Split:
        """70 % train, 15 % validation, 15 % test, by group."""
        part = hashlib.sha256(f"group {self.group}".encode()).digest()[0] / 256
        return "train" if part < 0.7 else "validation" if part < 0.85 else "test"


class TaggedPhotos(Protocol):
    """Any number of tagged photos in crawl order, of which one run stands in memory."""

    name: str
    """What they are, in words."""

    def __len__(self) -> int:
        """Runs there are."""
        ...

    def run(self, number: int) -> list[TaggedPhoto]:
        """At most RUN photos that follow one another."""
        ...


@dataclass(frozen=True, slots=True)
class LikedPhoto:
    """A photo with the likes it got; `taken_at` in seconds since 1970."""

    path: Path
    account: str
    taken_at: int
    likes: int


@dataclass(slots=True)
class Sample:
    """The `size` photos whose names have the smallest hashes, whatever order they come in."""

    size: int
    kept: list[tuple[int, str, int, TaggedPhoto]] = field(default_factory=list)
    added: int = 0

    def add(self, photo: TaggedPhoto) -> None:
        """Keep it if it belongs among them."""
        digest = hashlib.sha256(photo.path.name.encode()).digest()
        push = heapq.heappush if len(self.kept) < self.size else heapq.heappushpop
        self.added += 1  # decides between two of one name and path
        place = -int.from_bytes(digest[:8], "big")
        push(self.kept, (place, str(photo.path), self.added, photo))

    def photos(self) -> list[TaggedPhoto]:
        """Those kept, in an order that is theirs."""
        return [photo for *_, photo in sorted(self.kept, key=lambda item: item[:3])]


class TaggedFolder:
    """Photos with hashtags in a folder, in crawl order, which is that of their groups.

    Keeps eight bytes a photo in memory. Raises InputError when a line cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.root = _root(folder, "hashtag_photos")
        self.name = self.root.name
        lines, groups = array("q"), array("q")
        with _explained(self.root, "hashtag_photos"), self._file.open("rb") as file:
            offset = 0
            for line in file:
                groups.append(int(self._photo(line).group))
                lines.append(offset)
                offset += len(line)
        order = np.argsort(np.frombuffer(groups, np.int64), kind="stable")
        self._lines = np.frombuffer(lines, np.int64)[order]

    @property
    def _file(self) -> Path:
        return self.root / "posts.jsonl"

    def __len__(self) -> int:
        """Runs there are."""
        return (len(self._lines) + RUN - 1) // RUN

    def run(self, number: int) -> list[TaggedPhoto]:
        """At most RUN photos that follow one another."""
        found = []
        with _explained(self.root, "hashtag_photos"), self._file.open("rb") as file:
            for offset in self._lines[number * RUN : (number + 1) * RUN]:
                file.seek(offset)
                found.append(self._photo(file.readline()))
        return found

    def _photo(self, line: bytes) -> TaggedPhoto:
        row = json.loads(line)
        return TaggedPhoto(
            self.root / row["file"],
            frozenset(hashtag_key(tag) for tag in row["hashtags"]),
            row["page"],
            row["tags_complete"],
            int(row["group"]),
        )


def each(photos: TaggedPhotos) -> Iterator[TaggedPhoto]:
    """All of them, in order."""
    for number in range(len(photos)):
        yield from photos.run(number)


def read_tagged_photos(folder: Path) -> list[TaggedPhoto]:
    """All of a folder at once, in crawl order. Raises InputError."""
    return list(each(TaggedFolder(folder)))


def read_liked_photos(folder: Path) -> list[LikedPhoto]:
    """Photos of several accounts with their likes. Raises InputError."""
    root = _root(folder, "photos_with_likes")

    def photo(row: Mapping[str, Any]) -> LikedPhoto:
        return LikedPhoto(root / row["file"], row["account"], row["taken_at"], row["likes"])

    with _explained(root, "photos_with_likes"):
        lines = (root / "posts.jsonl").read_text(encoding="utf-8").splitlines()
        return [photo(json.loads(line)) for line in lines]


def _root(folder: Path, name: str) -> Path:
    """`folder/name` where that holds the photos, else `folder` itself."""
    return folder / name if (folder / name / "posts.jsonl").is_file() else folder


@contextmanager
def _explained(root: Path, name: str) -> Iterator[None]:
    try:
        yield
    except (KeyError, OSError, ValueError, TypeError) as error:
        why = f"a line lacks {error}" if isinstance(error, KeyError) else str(error)
        raise InputError(
            f"{root / 'posts.jsonl'} cannot be read.",
            means=f"A folder of photos lists them there, one JSON object a line: {why}.",
            do=f"Give the folder that holds it with --data, for instance one named {name}.",
        ) from error
