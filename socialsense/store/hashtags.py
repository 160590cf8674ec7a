"""Hashtags: their pages of top posts, and who uses which."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Over,
    Select,
    exists,
    func,
    literal,
    select,
    tuple_,
    update,
)

from socialsense.hashtag_text import hashtag_key
from socialsense.store.posts import POST_COLUMNS, Posts, write_posts
from socialsense.store.sql import read_each, upsert, wanted
from socialsense.store.tables import hashtags, images, post_hashtags, posts
from socialsense.types import DEMO, Post

_PICTURE = (posts.c.pk, posts.c.handle, posts.c.image_sha256, posts.c.caption)


@dataclass(frozen=True, slots=True)
class TaggedPicture:
    """A post with its stored picture and all hashtags known of it.

    `page`, `rank`: the hashtag's page it stands on and where, on the alphabetically first
    of them; None and 0 where it was not found on any.
    """

    pk: str
    handle: str | None
    image_sha256: str
    caption_known: bool
    hashtags: tuple[str, ...]
    page: str | None
    rank: int


class Hashtags(Posts):
    """The part of the store that keeps hashtags."""

    def put_tagged(
        self,
        tag: str,
        found: Iterable[Post],
        first_rank: int = 0,
        posts_count: int | None = None,
    ) -> None:
        """Keep posts in the order of a hashtag's page; `first_rank` continues a longer page.

        A post counts for the hashtag even where its caption is unknown.
        """
        key, page = hashtag_key(tag), list(found)
        if not page:
            return
        with self._writing() as connection:
            # These pages do not tell whether the author has pinned a post.
            write_posts(connection, page, keep=["pinned"])
            newest = max(post.fetched_at for post in page)
            size = {"tag": key, "posts_count": posts_count, "fetched_at": newest}
            upsert(connection, hashtags, [size], "newest")
            if first_rank == 0:
                _forget_ranks(connection, key, page)
            rows = [
                {"pk": post.pk, "tag": key, "page_rank": rank, "seen_at": post.fetched_at}
                for rank, post in enumerate(page, start=first_rank)
            ]
            upsert(connection, post_hashtags, rows, "newest")

    def put_sizes(self, sizes: Mapping[str, int], at: datetime) -> None:
        """Keep how many posts carry each hashtag on the whole platform, as it was told then."""
        rows = [
            {"tag": hashtag_key(tag), "posts_count": size, "fetched_at": at}
            for tag, size in sizes.items()
        ]
        with self._writing() as connection:
            upsert(connection, hashtags, rows, "newest")

    def ranked(self, tag: str, pks: Iterable[str], before: int) -> set[str]:
        """Those of the posts that stand on the hashtag's page, among its first `before`."""
        on_page = (post_hashtags.c.tag == hashtag_key(tag), post_hashtags.c.page_rank < before)
        statement = select(post_hashtags.c.pk).where(*on_page, post_hashtags.c.pk.in_(wanted()))
        with self._reading() as connection:
            return {row.pk for row in read_each(connection, statement, pks)}

    def pages_of(self, pks: Iterable[str]) -> dict[str, frozenset[str]]:
        """The hashtags on whose pages each post stands, by its pk, where it stands on any."""
        columns = (post_hashtags.c.pk, post_hashtags.c.tag)
        on_page = (post_hashtags.c.pk.in_(wanted()), post_hashtags.c.page_rank.is_not(None))
        found: dict[str, set[str]] = {}
        with self._reading() as connection:
            for pk, tag in read_each(connection, select(*columns).where(*on_page), pks):
                found.setdefault(pk, set()).add(tag)
        return {pk: frozenset(tags) for pk, tags in found.items()}

    def tagged(
        self, tags: Iterable[str], limit: int, *, demo: bool = False
    ) -> dict[str, tuple[Post, ...]]:
        """The top posts of each hashtag that has any: its page's order first, then the rest.

        The rest, known from captions or earlier pages, goes by falling engagement. All are the
        demo's, or none is.
        """
        wished = list(dict.fromkeys(tags))
        place = _place()
        placed = (
            select(post_hashtags.c.pk, post_hashtags.c.tag, place.label("place"))
            .join(posts, posts.c.pk == post_hashtags.c.pk)
            .where(post_hashtags.c.tag.in_(wanted()), _of_world(demo))
            .subquery()
        )
        statement = (
            select(*POST_COLUMNS, placed.c.tag)
            .join(placed, placed.c.pk == posts.c.pk)
            .where(placed.c.place <= limit)
            .order_by(placed.c.tag, placed.c.place)
        )
        found: dict[str, list[Post]] = {}
        with self._reading() as connection:
            for *row, tag in read_each(connection, statement, wished):
                found.setdefault(tag, []).append(Post(*row))
        return {tag: tuple(found[tag]) for tag in wished if tag in found}

    def hashtag_sizes(self, tags: Iterable[str]) -> dict[str, int]:
        """How many posts carry each hashtag on the whole platform, where that is known."""
        count = hashtags.c.posts_count
        statement = select(hashtags.c.tag, count).where(
            hashtags.c.tag.in_(wanted()), count.is_not(None)
        )
        with self._reading() as connection:
            return {row.tag: row.posts_count for row in read_each(connection, statement, tags)}

    def tagged_pictures(
        self, size: int = 1000, after: TaggedPicture | None = None
    ) -> Iterator[TaggedPicture]:
        """Posts that have a stored picture and a hashtag: `size` in memory at a time.

        In the order of the hashtags' pages they stand on, each post once; then the rest,
        by pk. `after` goes on behind a picture this gave earlier.
        """
        if after is None or after.page is not None:
            yield from self._on_pages(size, after)
            after = None
        yield from self._on_no_page(size, after)

    def _on_pages(self, size: int, after: TaggedPicture | None) -> Iterator[TaggedPicture]:
        here, other = post_hashtags.c, post_hashtags.alias("other").c
        place = tuple_(here.tag, here.page_rank, here.pk)
        earlier = exists().where(
            other.pk == here.pk, other.page_rank.is_not(None), other.tag < here.tag
        )
        statement = (
            select(*_PICTURE, here.tag, here.page_rank)
            .join(posts, posts.c.pk == here.pk)
            .join(images, images.c.sha256 == posts.c.image_sha256)
            .where(here.page_rank.is_not(None), ~earlier)
            .order_by(here.tag, here.page_rank, here.pk)
            .limit(size)
        )
        while True:
            rest = statement
            if after is not None:
                rest = rest.where(place > tuple_(*map(literal, (after.page, after.rank, after.pk))))
            found = self._pictures(rest)
            yield from found
            if not found:
                return
            after = found[-1]

    def _on_no_page(self, size: int, after: TaggedPicture | None) -> Iterator[TaggedPicture]:
        ranked = exists().where(
            post_hashtags.c.pk == posts.c.pk, post_hashtags.c.page_rank.is_not(None)
        )
        tagged = exists().where(post_hashtags.c.pk == posts.c.pk)
        statement = (
            select(*_PICTURE, literal(None), literal(0))
            .join(images, images.c.sha256 == posts.c.image_sha256)
            .where(~ranked, tagged)
            .order_by(posts.c.pk)
            .limit(size)
        )
        while True:
            found = self._pictures(statement.where(posts.c.pk > (after.pk if after else "")))
            yield from found
            if not found:
                return
            after = found[-1]

    def _pictures(self, statement: Select[*tuple[Any, ...]]) -> list[TaggedPicture]:
        with self._reading() as connection:
            rows = connection.execute(statement).all()
        tags = self.hashtags_of(row[0] for row in rows)
        return [
            TaggedPicture(pk, handle, sha256, caption is not None, tags[pk], page, rank)
            for pk, handle, sha256, caption, page, rank in rows
        ]

    def hashtags_used(self, handle: str) -> tuple[tuple[str, int], ...]:
        """An account's hashtags and in how many posts: the most used first, then by alphabet."""
        tag = post_hashtags.c.tag
        statement = (
            select(tag, func.count())
            .join(posts, posts.c.pk == post_hashtags.c.pk)
            .where(posts.c.handle == handle)
            .group_by(tag)
        )
        with self._reading() as connection:
            used = [(name, count) for name, count in connection.execute(statement)]
        return tuple(sorted(used, key=lambda item: (-item[1], item[0])))

    def hashtags_of(self, pks: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The hashtags of each post that has any, by the post's pk, in alphabetical order."""
        statement = select(post_hashtags.c.pk, post_hashtags.c.tag).where(
            post_hashtags.c.pk.in_(wanted())
        )
        found: dict[str, list[str]] = {}
        with self._reading() as connection:
            for pk, tag in read_each(connection, statement, pks):
                found.setdefault(pk, []).append(tag)
        return {pk: tuple(sorted(tags)) for pk, tags in found.items()}


def _of_world(demo: bool) -> ColumnElement[bool]:
    """Posts of the demo, or of no demo."""
    return posts.c.source == DEMO if demo else posts.c.source != DEMO


def _forget_ranks(connection: Connection, tag: str, page: Sequence[Post]) -> None:
    """A page read anew replaces the earlier one: who left it has no rank any more."""
    earlier = post_hashtags.c.seen_at < min(post.fetched_at for post in page)
    same = exists().where(posts.c.pk == post_hashtags.c.pk, _of_world(page[0].source == DEMO))
    connection.execute(
        update(post_hashtags)
        .where(post_hashtags.c.tag == tag, earlier, same)
        .values(page_rank=None)
    )


def _place() -> Over[int]:
    rank = post_hashtags.c.page_rank
    engagement = posts.c.likes + func.coalesce(posts.c.comments, 0)
    return func.row_number().over(
        partition_by=post_hashtags.c.tag,
        order_by=[
            rank.asc().nulls_last(),
            post_hashtags.c.seen_at.desc().nulls_last(),
            engagement.desc().nulls_last(),
            posts.c.taken_at.desc(),
            posts.c.pk,
        ],
    )
