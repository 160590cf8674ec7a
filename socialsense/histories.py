"""Accounts and their posts over time: what a forecast is learned from and measured on.

A folder has `posts.jsonl` (account, date, likes, comments, followers, hashtags), one JSON
object a line. Each account belongs to one half, by its name alone: one half fits, the other
judges, whatever else is added.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from socialsense.errors import InputError
from socialsense.hashtag_text import hashtag_key

Half = Literal["fit", "judge"]

MIN_AGE = timedelta(days=2)
"""A post must be so old when its counts are read; in the first day likes still come in."""
FIRST = datetime(2010, 10, 6, tzinfo=UTC)
"""Instagram's first day; earlier dates are mistakes."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PastPost:
    """`when` in days since 1970; `picture` is the SHA-256 of its picture where that is stored."""

    when: float
    engagement: int
    hashtags: frozenset[str]
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """An account and its posts that have had their time, oldest first."""

    account: str
    followers: int
    posts: tuple[PastPost, ...]

    @property
    def half(self) -> Half:
        """Whether the account fits models or judges them."""
        digest = hashlib.sha256(self.account.encode()).digest()
        return "fit" if int.from_bytes(digest[:4]) % 100 < 50 else "judge"


def read_histories(folder: Path) -> list[History]:
    """The accounts of a folder, in alphabetical order. Raises InputError.

    When the counts were read is not told; no earlier than the account's newest post, so posts
    are as old as that says, and younger ones than MIN_AGE are left out.
    """
    root = folder / "accounts_2017" if (folder / "accounts_2017").is_dir() else folder
    found: dict[str, tuple[int, list[PastPost]]] = {}
    with _explained(root):
        for row in _rows(root):
            when = datetime.fromisoformat(row["date"])
            if row["likes"] is not None and row["followers"] and when >= FIRST:
                _, posts = found.setdefault(row["account"], (int(row["followers"]), []))
                posts.append(_post(row, when))
    return [
        History(account, followers, grown_up(posts))
        for account, (followers, posts) in sorted(found.items())
    ]


def read_single_posts(folder: Path) -> list[tuple[int, int]]:
    """(followers, likes) of accounts known by one post each; none where the folder is missing."""
    root = folder / "small_accounts_2017"
    if not root.is_dir():
        return []
    with _explained(root):
        return [(row["followers"], row["likes"]) for row in _rows(root) if row["followers"]]


def grown_up(posts: list[PastPost]) -> tuple[PastPost, ...]:
    """Those at least MIN_AGE older than the newest, oldest first."""
    newest = max((post.when for post in posts), default=0.0)
    kept = (post for post in posts if newest - post.when >= MIN_AGE / DAY)
    return tuple(sorted(kept, key=lambda post: post.when))


def days_of(when: datetime) -> float:
    """A moment in days since 1970."""
    return when.timestamp() / DAY.total_seconds()


def _rows(root: Path) -> Iterator[dict[str, Any]]:
    with (root / "posts.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _post(row: dict[str, Any], when: datetime) -> PastPost:
    tags = frozenset(hashtag_key(tag) for tag in row["hashtags"])
    return PastPost(
        when.timestamp() / DAY.total_seconds(), row["likes"] + (row["comments"] or 0), tags
    )


@contextmanager
def _explained(root: Path) -> Iterator[None]:
    try:
        yield
    except (KeyError, OSError, ValueError, TypeError) as error:
        why = f"a line lacks {error}" if isinstance(error, KeyError) else str(error)
        raise InputError(
            f"{root / 'posts.jsonl'} cannot be read.",
            means=f"A folder of accounts lists their posts there, one JSON object a line: {why}.",
            do="Give the folder that holds it with --data, for instance one named accounts_2017.",
        ) from error
