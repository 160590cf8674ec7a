"""The embedded demo: real, openly licensed photos, fictional accounts, simulated engagement.

Its files lie in `data/demo` and are read late and once; README.md there says how
they were made. Nothing here needs a network.
"""

import csv
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from socialsense.errors import Missing, SourceError, UnknownAccount
from socialsense.hashtag_text import hashtag_key
from socialsense.settings import ROOT, Settings
from socialsense.types import DEMO, Page, Post, Profile

NOTICE = "demo data, simulated engagement"
PAGE_SIZE = 12

_FILES = ("accounts.json", "posts.jsonl", "hashtags.json", "ATTRIBUTION.csv")
_DAMAGE = (KeyError, ValueError, TypeError, csv.Error)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Credit:
    """Whom to thank for a photo, and what is seen on it.

    `alt` describes the picture; `title` is its name at its source. `url` is empty
    where none is known.
    """

    title: str
    alt: str
    credit: str
    licence: str
    source: str
    url: str
    note: str
    theme: str

    @property
    def text(self) -> str:
        """One line to stand beside the photo."""
        return f"{self.alt}. {self.credit}, {self.licence}"


class Demo:
    """A source whose every answer stands in a folder. The first question reads it."""

    name = DEMO

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def handles(self) -> tuple[str, ...]:
        """Every account, the most followed first. Reads the folder once."""
        return tuple(self._profiles)

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Keys of every hashtag that has top posts, in alphabetical order."""
        return tuple(sorted(self._tagged))

    @cached_property
    def version(self) -> str:
        """A short hash of the data; it changes when the demo is made again."""
        content = b"\0".join(self._bytes(file) for file in _FILES)
        return hashlib.sha256(content).hexdigest()[:12]

    def profile(self, handle: str) -> Profile:
        """The account. Raises UnknownAccount, or SourceError when the demo is damaged."""
        try:
            return self._profiles[handle]
        except KeyError:
            raise UnknownAccount(
                f"'{handle}' is not an account of the demo.",
                means="The demo has fictional accounts only; their handles start with 'demo.'.",
                do="Choose one of: " + ", ".join(self.handles) + ".",
            ) from None

    def posts(self, handle: str, cursor: str | None = None) -> Page[Post]:
        """Its posts, newest first; with the first its profile. Raises UnknownAccount."""
        profile = self.profile(handle)
        own = [post for post in self._posts.values() if post.handle == handle]
        own.sort(key=lambda post: (post.taken_at, post.pk), reverse=True)
        page = _page([] if profile.private else own, cursor)
        return page if cursor else replace(page, profiles=(profile,))

    def tagged(self, tag: str, cursor: str | None = None) -> Page[Post]:
        """A hashtag's top posts, best first; none for a hashtag the demo does not have."""
        return _page([self._posts[pk] for pk in self._tagged.get(hashtag_key(tag), ())], cursor)

    def post(self, shortcode: str) -> Page[Post]:
        """One post of the demo. Raises Missing."""
        found = next((post for post in self._posts.values() if post.shortcode == shortcode), None)
        if found is None:
            raise Missing(
                f"There is no post '{shortcode}' in the demo.",
                means="The demo has posts of its fictional accounts only.",
                do="Leave it out.",
            )
        return Page((found,))

    def image(self, post: Post) -> bytes | None:
        """The file of a post's picture; None for a post that is not the demo's."""
        file = self._photos.get(post.pk)
        return None if file is None else self._bytes(file)

    def samples(self) -> tuple[Path, ...]:
        """Photos to try an upload with; none of them is in a post."""
        found = tuple(sorted((self.root / "samples").glob("*.jpg")))
        if not found:
            raise self._broken("samples/", "no photo is in it")
        return found

    def credits(self) -> Mapping[str, Credit]:
        """Whom to thank, for every picture file of the demo, by its SHA-256."""
        return self._credits

    def credit(self, sha256: str) -> Credit | None:
        """Whom to thank for one picture file; None for a picture that is not the demo's."""
        return self._credits.get(sha256)

    @cached_property
    def _profiles(self) -> dict[str, Profile]:
        content = self._json("accounts.json")
        try:
            at = datetime.fromisoformat(content["fetched_at"])
            rows = sorted(content["accounts"], key=lambda row: -row["followers"])
            return {row["handle"]: Profile(**row, fetched_at=at, source=self.name) for row in rows}
        except _DAMAGE as error:
            raise self._broken("accounts.json", repr(error)) from error

    @cached_property
    def _rows(self) -> list[dict[str, Any]]:
        try:
            return [json.loads(line) for line in self._bytes("posts.jsonl").splitlines()]
        except ValueError as error:
            raise self._broken("posts.jsonl", str(error)) from error

    @cached_property
    def _posts(self) -> dict[str, Post]:
        try:
            posts = [self._post(dict(row)) for row in self._rows]
        except _DAMAGE as error:
            raise self._broken("posts.jsonl", repr(error)) from error
        if len({post.pk for post in posts}) < len(posts):
            raise self._broken("posts.jsonl", "two posts have the same pk")
        return {post.pk: post for post in posts}

    def _post(self, row: dict[str, Any]) -> Post:
        del row["photo"]
        taken = datetime.fromisoformat(row.pop("taken_at"))
        fetched = self._profiles[row["handle"]].fetched_at
        sha256 = row.pop("sha256")
        return Post(
            **row, taken_at=taken, fetched_at=fetched, image_sha256=sha256, source=self.name
        )

    @cached_property
    def _photos(self) -> dict[str, str]:
        return {pk: row["photo"] for pk, row in zip(self._posts, self._rows, strict=True)}

    @cached_property
    def _tagged(self) -> dict[str, list[str]]:
        content = self._json("hashtags.json")
        try:
            pages = {hashtag_key(tag): list(pks) for tag, pks in content.items()}
            missing = {pk for pks in pages.values() for pk in pks} - self._posts.keys()
        except (AttributeError, TypeError) as error:
            raise self._broken("hashtags.json", repr(error)) from error
        if missing:
            raise self._broken("hashtags.json", f"it names posts that do not exist: {missing}")
        return pages

    @cached_property
    def _credits(self) -> dict[str, Credit]:
        known = {self._photos[pk]: post.image_sha256 or "" for pk, post in self._posts.items()}
        thanks: dict[str, Credit] = {}
        try:
            for row in csv.DictReader(self._text("ATTRIBUTION.csv").splitlines()):
                credit = Credit(**{name: row[name] for name in Credit.__dataclass_fields__})
                for file in row["files"].split(";"):
                    sha256 = known.get(file) or hashlib.sha256(self._bytes(file)).hexdigest()
                    thanks[sha256] = credit
        except _DAMAGE as error:
            raise self._broken("ATTRIBUTION.csv", repr(error)) from error
        return thanks

    def _bytes(self, file: str) -> bytes:
        try:
            return (self.root / file).read_bytes()
        except OSError as error:
            raise self._broken(file, error.strerror or "it cannot be read") from error

    def _text(self, file: str) -> str:
        try:
            return self._bytes(file).decode("utf-8")
        except UnicodeDecodeError as error:
            raise self._broken(file, str(error)) from error

    def _json(self, file: str) -> Any:
        try:
            return json.loads(self._text(file))
        except json.JSONDecodeError as error:
            raise self._broken(file, str(error)) from error

    def _broken(self, file: str, why: str) -> SourceError:
        return SourceError(
            f"The demo's {file} cannot be used: {why}.",
            means=f"The folder {self.root} is incomplete or was changed.",
            do="Restore it with 'git checkout -- data/demo'.",
        )


def _page(items: list[T], cursor: str | None) -> Page[T]:
    """One page; a cursor is the place of its first item."""
    known = {str(place) for place in range(PAGE_SIZE, len(items), PAGE_SIZE)}
    if cursor is not None and cursor not in known:
        raise SourceError(
            f"The demo cannot continue at '{cursor[:40]}'.",
            means="That cursor is not one that the demo gave.",
            do="Start the listing again from its first page.",
        )
    start = int(cursor or 0)
    end = start + PAGE_SIZE
    return Page(tuple(items[start:end]), str(end) if end < len(items) else None)


def load(settings: Settings) -> Demo:
    """The demo of this checkout; no setting changes it."""
    del settings
    return Demo(ROOT / "data" / "demo")
