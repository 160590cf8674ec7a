"""What a page told, into the store; each function belongs inside one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from socialsense.errors import PageChanged, SocialsenseError
from socialsense.types import Item, Page, Post

if TYPE_CHECKING:
    from socialsense.collect.pictures import Fetched
    from socialsense.collect.plans import Plan
    from socialsense.store import Store


def keep_page(
    store: Store, plan: Plan, job: str, item: Item, page: Page[Post], room: int | None
) -> list[Post]:
    """Keeps a page and how far its listing has come; gives the posts whose picture is to come.

    `room`: at most so many of those; None for all.
    """
    now = datetime.now(UTC)
    posts = put_posts(store, item, page)
    if page.payload is not None:
        store.put_payload(job, item, now, page.payload, readable=True)
    if item.kind == "picture":
        return posts
    wanted = _pictured(plan, item, posts)
    pictures = _picture_items(store, job, wanted, room, now)
    store.put_items(job, pictures)
    store.set_items(job, [_after(item, page, len(posts), now)])
    waiting = {picture.name for picture in pictures if picture.state == "waiting"}
    return [post for post in wanted if post.pk in waiting]


def put_posts(store: Store, item: Item, page: Page[Post]) -> list[Post]:
    """Keeps what a page told; gives its posts, of a hashtag's page those not on earlier ones."""
    for profile in page.profiles:
        store.put_profile(profile)
    if page.sizes:
        store.put_sizes(page.sizes, datetime.now(UTC))
    posts = list(page.items)
    if item.kind != "hashtag":
        store.put_posts(posts)
        return posts
    if item.posts:  # pages overlap
        earlier = store.ranked(item.name, [post.pk for post in posts], item.posts)
        posts = [post for post in posts if post.pk not in earlier]
    store.put_tagged(item.name, posts, first_rank=item.posts)
    return posts


def keep_pictures(store: Store, job: str, fetched: Sequence[Fetched]) -> None:
    """Keeps the files that came, and of the others that they did not."""
    came = [(one.post.pk, one.data) for one in fetched if one.data is not None]
    shas = store.put_images([data for _, data in came])
    found = dict(zip((pk for pk, _ in came), shas, strict=True))
    store.set_pictures(found)
    store.set_items(job, [_picture(one, found) for one in fetched])


def keep_unreadable(store: Store, job: str, item: Item, error: SocialsenseError) -> None:
    """Keeps what was sent where it is in a shape that is not known: to be read after a fix."""
    if isinstance(error, PageChanged) and error.payload is not None:
        store.put_payload(job, item, datetime.now(UTC), error.payload, readable=False)


def _pictured(plan: Plan, item: Item, posts: Iterable[Post]) -> list[Post]:
    """Those of the first posts, as many as the item asks for, whose picture is of use."""
    ranked = enumerate(posts, item.posts)
    first = (post for rank, post in ranked if item.pictures is None or rank < item.pictures)
    return [post for post in first if plan.pictured(post)]


def _picture_items(
    store: Store, job: str, posts: Sequence[Post], room: int | None, now: datetime
) -> list[Item]:
    """New ones alone; done where the very picture is stored already."""
    known = store.known_items(job, "picture", [post.pk for post in posts])
    new = [post for post in posts if post.pk not in known][:room]
    stored = store.image_hashes(post.pk for post in new)
    items = []
    for post in new:
        there = post.pk in stored and post.image_sha256 in (None, stored[post.pk])
        items.append(Item("picture", post.pk, state="done" if there else "waiting", updated_at=now))
    return items


def _after(item: Item, page: Page[Post], posts: int, now: datetime) -> Item:
    read = item.posts + posts
    enough = page.cursor is None or (item.wanted is not None and read >= item.wanted)
    private = any(profile.private and profile.handle == item.name for profile in page.profiles)
    return replace(
        item,
        state="private" if private else "done" if enough else "waiting",
        cursor=page.cursor,
        posts=read,
        tries=0,
        error=None,
        updated_at=now,
    )


def _picture(one: Fetched, found: dict[str, str]) -> Item:
    state = "done" if one.post.pk in found else "gone" if one.error is None else "retry"
    return Item(
        "picture",
        one.post.pk,
        state=state,  # type: ignore[arg-type]
        tries=1 if one.error else 0,
        error=str(one.error) if one.error else None,
        updated_at=datetime.now(UTC),
    )
