"""Posts, their counts over time, and the hashtags of their captions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, select, update

from socialsense.hashtag_text import find_hashtags
from socialsense.store.database import Database
from socialsense.store.sql import chunks, newest_known, read_each, upsert, wanted
from socialsense.store.tables import images, post_hashtags, post_observations, posts
from socialsense.types import Post

_COUNTS = ("likes", "comments")
_FIELDS = [field.name for field in fields(Post)]
POST_COLUMNS = [posts.c[name] for name in _FIELDS]
"""In the order of Post's fields: `Post(*row)`."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A post's counts as they were at one time; None where hidden."""

    observed_at: datetime
    likes: int | None
    comments: int | None


class Posts(Database):
    """The part of the store that keeps posts."""

    def put_posts(self, found: Iterable[Post]) -> None:
        """Keep what is newest and known about posts, their counts and captions' hashtags."""
        with self._writing() as connection:
            write_posts(connection, list(found))

    def posts(self, handle: str, limit: int | None = None) -> tuple[Post, ...]:
        """An account's posts, newest first; pinned ones stand by their time as well."""
        statement = (
            select(*POST_COLUMNS)
            .where(posts.c.handle == handle)
            .order_by(posts.c.taken_at.desc(), posts.c.pk.desc())
            .limit(limit)
        )
        with self._reading() as connection:
            return tuple(Post(*row) for row in connection.execute(statement))

    def posts_of(self, pks: Iterable[str]) -> dict[str, Post]:
        """Those of the posts that are stored, by pk."""
        statement = select(*POST_COLUMNS).where(posts.c.pk.in_(wanted()))
        with self._reading() as connection:
            return {row.pk: Post(*row) for row in read_each(connection, statement, pks)}

    def countable_posts(self, handles: Iterable[str], limit: int) -> dict[str, tuple[Post, ...]]:
        """The latest posts of each account that say what is usual, newest first.

        Pinned posts and hidden likes are left out before the limit counts.
        """
        newest = [posts.c.taken_at.desc(), posts.c.pk.desc()]
        place = func.row_number().over(partition_by=posts.c.handle, order_by=newest)
        placed = (
            select(*POST_COLUMNS, place.label("place"))
            .where(posts.c.handle.in_(wanted()), ~posts.c.pinned, posts.c.likes.is_not(None))
            .subquery()
        )
        statement = (
            select(*(placed.c[name] for name in _FIELDS))
            .where(placed.c.place <= limit)
            .order_by(placed.c.handle, placed.c.place)
        )
        found: dict[str, list[Post]] = {}
        with self._reading() as connection:
            for row in read_each(connection, statement, handles):
                found.setdefault(row.handle, []).append(Post(*row))
        return {handle: tuple(items) for handle, items in found.items()}

    def set_pictures(self, pictures: Mapping[str, str]) -> None:
        """Keep which picture each post has, by pk its file's SHA-256; only of posts stored."""
        statement = update(posts).where(posts.c.pk == bindparam("post"))
        rows = [{"post": pk, "image_sha256": sha256} for pk, sha256 in pictures.items()]
        with self._writing() as connection:
            if rows:
                connection.execute(statement, rows)

    def image_hashes(self, pks: Iterable[str]) -> dict[str, str]:
        """The picture of each post whose file is stored, by the post's pk."""
        statement = (
            select(posts.c.pk, posts.c.image_sha256)
            .join(images, images.c.sha256 == posts.c.image_sha256)
            .where(posts.c.pk.in_(wanted()))
        )
        with self._reading() as connection:
            return {row.pk: row.image_sha256 for row in read_each(connection, statement, pks)}

    def observations(self, pk: str) -> tuple[Observation, ...]:
        """A post's counts over time, oldest first."""
        table = post_observations.c
        statement = (
            select(table.observed_at, table.likes, table.comments)
            .where(table.pk == pk)
            .order_by(table.observed_at)
        )
        with self._reading() as connection:
            return tuple(Observation(*row) for row in connection.execute(statement))

    def oldest_and_newest(self) -> tuple[datetime, datetime] | None:
        """When the stalest and the freshest post were last read; None without posts."""
        times = posts.c.fetched_at
        with self._reading() as connection:
            oldest, newest = connection.execute(select(func.min(times), func.max(times))).one()
        return None if oldest is None else (oldest, newest)


def write_posts(connection: Connection, found: Sequence[Post], keep: Sequence[str] = ()) -> None:
    """Posts, observations and captions' hashtags; `keep` names columns left as stored."""
    known = [name for name in _FIELDS if name not in _COUNTS]
    upsert(
        connection,
        posts,
        [{name: getattr(post, name) for name in known} for post in found],
        "newest",
        keep,
    )
    seen = [
        {
            "pk": post.pk,
            "observed_at": post.fetched_at,
            "likes": post.likes,
            "comments": post.comments,
        }
        for post in found
    ]
    upsert(connection, post_observations, seen, "first")
    counts = {name: newest_known(posts.c.pk, post_observations, name) for name in _COUNTS}
    for pks in chunks(post.pk for post in found):
        connection.execute(update(posts).where(posts.c.pk.in_(pks)).values(counts))
        _write_hashtags(connection, pks)


def _write_hashtags(connection: Connection, pks: Sequence[str]) -> None:
    """Those of the captions as stored now; an edited caption takes its old ones along."""
    only_caption = post_hashtags.c.seen_at.is_(None)
    connection.execute(delete(post_hashtags).where(post_hashtags.c.pk.in_(pks), only_caption))
    captions = connection.execute(select(posts.c.pk, posts.c.caption).where(posts.c.pk.in_(pks)))
    rows = [{"pk": pk, "tag": tag} for pk, caption in captions for tag in find_hashtags(caption)]
    upsert(connection, post_hashtags, rows, "first")
