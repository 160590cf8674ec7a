"""What a collection left in a store, and what the replica's truth would leave there."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from socialsense.settings import Settings
from socialsense.store import Store
from socialsense.types import Item, Post, Profile
from tests.replica.pictures import draw
from tests.replica.world import Account, World
from tests.replica.world import Post as TruePost

SAME = {
    "posts": "pk, shortcode, handle, taken_at, kind, caption, likes, comments, pinned, "
    "image_sha256",
    "post_hashtags": "pk, tag, page_rank",
    "profiles": "handle, name, private, followers, posts_count",
    "images": "sha256, byte_size",
    "items": "job, kind, name, wanted, pictures, state, posts",
    "jobs": "key, state, done, total, error, owner",
    "breakers": "site",
}
"""Columns without the clock's times, the site's cursors and its links."""


def content(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """All that a store holds of a collection, table by table."""
    with closing(sqlite3.connect(settings.data_dir / "socialsense.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        return {
            table: sorted(database.execute(f"SELECT {columns} FROM {table}"), key=repr)
            for table, columns in SAME.items()
        }


def import_truth(world: World, store: Store, items: Iterable[Item]) -> None:
    """The same things straight from the world, without a page, a parser or a browser."""
    now = datetime.now(UTC)
    for item in items:
        if item.kind == "profile":
            account = world.people[item.name]
            store.put_profile(_profile(world, account, now))
            store.put_posts([_post(p, now) for p in world.grid(item.name)[: item.posts]])
        elif item.kind == "hashtag":
            top = world.top_posts(item.name)[: item.posts]
            store.put_tagged(item.name, [_post(post, now) for post in top])
    for item in items:
        if item.kind == "picture":
            post = world.by_pk[int(item.name)]
            store.set_pictures({item.name: store.put_image(draw(post.pk, post.theme))})


def _profile(world: World, account: Account, now: datetime) -> Profile:
    posts = sum(post.owner == account.handle and not post.ad for post in world.by_pk.values())
    return Profile(
        account.handle,
        account.followers,
        posts,
        now,
        "browser",
        private=account.private,
        name=account.name,
    )


def _post(post: TruePost, now: datetime) -> Post:
    return Post(
        pk=str(post.pk),
        shortcode=post.code,
        handle=post.owner,
        taken_at=datetime.fromtimestamp(post.taken_at, UTC),
        kind=post.kind,
        caption=post.caption,
        likes=None if post.likes_hidden else post.likes,
        comments=post.comments,
        source="browser",
        fetched_at=now,
        pinned=post.pinned,
    )
