"""What a page told, into the store; each function belongs inside one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from socialsense.errors import PageChanged, SocialsenseError
from socialsense.types import Item, ItemKind, Page, Post

if TYPE_CHECKING:
    from socialsense.collect.pictures import Fetched
    from socialsense.collect.plan import Plan
    from socialsense.store import Store

LISTINGS: tuple[ItemKind, ...] = ("profile", "hashtag")
PAGE = 12
"""Posts that a page without any stands for."""
BARREN = 3
"""Pages in a row without a new post, besides those that a list passes which had to begin anew."""


def put_items(store: Store, plan: Plan, items: Sequence[Item]) -> bool:
    """Adds what is to be read, and pictures, wanted only now, of posts that were read already.

    Gives whether anything was not known to be wanted before.
    """
    before = store.items_of(plan.key, LISTINGS)
    read = {item.name: item for item in before if item.kind == "hashtag"}
    wanted = [
        _put_passed_over(store, plan, read[item.name], item)
        if item.kind == "hashtag" and item.name in read
        else item
        for item in items
    ]
    store.put_items(plan.key, wanted)
    return store.items_of(plan.key, LISTINGS) != before


def _put_passed_over(store: Store, plan: Plan, old: Item, new: Item) -> Item:
    """Adds pictures wanted since `new`, of posts read before; gives it as far as there is room."""
    more = new.pictures is None or new.pictures > (old.pictures or 0)
    if old.pictures is None or old.pictures >= old.posts or not more:
        return new
    posts = store.tagged([new.name], old.posts).get(new.name, ())
    ranked = list(enumerate(posts))[old.pictures : new.pictures]
    room = plan.room(store.count_items(plan.key))
    _, left = _put_pictures(store, plan, ranked, room, datetime.now(UTC))
    return _cut(new, left)


def keep_page(
    store: Store, plan: Plan, item: Item, page: Page[Post], room: int | None, at: datetime
) -> list[Post]:
    """Keeps a page, come at a time, and how far its listing has come.

    Gives the posts whose picture is to come, at most `room` of them; None for all.
    """
    before = _read_before(store, plan, item, page)
    times = [post.fetched_at for post in page.items] + [one.fetched_at for one in page.profiles]
    told_at = max(times, default=at)
    posts = put_posts(store, item, page, told_at)
    if page.payload is not None:  # with its own time: read again, it tells nothing newer
        store.put_payload(plan.key, item, told_at, page.payload, readable=True)
    if item.kind == "picture":
        return posts
    posts = [post for post in posts if post.pk not in before]
    ranked = [(rank, post) for rank, post in enumerate(posts, item.posts) if _wants(item, rank)]
    waiting, left = _put_pictures(store, plan, ranked, room, at)
    store.set_items(plan.key, [_after(_cut(item, left), page, len(posts), at)])
    return [post for post in posts if post.pk in waiting]


def put_posts(store: Store, item: Item, page: Page[Post], at: datetime) -> list[Post]:
    """Keeps what a page told then; gives its posts, of a hashtag's those not on earlier pages."""
    for profile in page.profiles:
        store.put_profile(profile)
    store.put_sizes(page.sizes, at)
    posts = list({post.pk: post for post in page.items}.values())
    if item.kind != "hashtag":
        store.put_posts(posts)
        return posts
    if item.posts:  # pages overlap
        earlier = store.ranked(item.name, [post.pk for post in posts], item.posts)
        posts = [post for post in posts if post.pk not in earlier]
    store.put_tagged(item.name, posts, first_rank=item.posts)
    return posts


def _read_before(store: Store, plan: Plan, item: Item, page: Page[Post]) -> set[str]:
    """Of an account's page, what the job has read: a list that cannot go on begins anew."""
    job = store.job(plan.key)
    if item.kind != "profile" or not item.posts or job is None:
        return set()
    known = store.posts_of(post.pk for post in page.items)
    return {pk for pk, post in known.items() if post.fetched_at >= job.started_at}


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


def _wants(item: Item, rank: int) -> bool:
    return item.pictures is None or rank < item.pictures


def _put_pictures(
    store: Store, plan: Plan, ranked: Iterable[tuple[int, Post]], room: int | None, at: datetime
) -> tuple[set[str], int | None]:
    """Adds those of use and new, as far as there is room; done where the very one is stored.

    Gives the pks whose picture is to come, and the rank of the first that found no room.
    """
    of_use = [(rank, post) for rank, post in ranked if plan.pictured(post)]
    known = store.known_items(plan.key, "picture", [post.pk for _, post in of_use])
    new = [(rank, post) for rank, post in of_use if post.pk not in known]
    taken, left = [post for _, post in new[:room]], [rank for rank, _ in new][len(new[:room]) :]
    stored = store.image_hashes(post.pk for post in taken)
    there = {p.pk for p in taken if p.pk in stored and p.image_sha256 in (None, stored[p.pk])}
    store.put_items(
        plan.key,
        [
            Item("picture", p.pk, state="done" if p.pk in there else "waiting", updated_at=at)
            for p in taken
        ],
    )
    return {post.pk for post in taken} - there, left[0] if left else None


def _cut(item: Item, rank: int | None) -> Item:
    """Wanted before a rank alone: what stands there goes on with it, should there be more room."""
    return item if rank is None else replace(item, wanted=rank, pictures=rank)


def _after(item: Item, page: Page[Post], posts: int, now: datetime) -> Item:
    """How far its listing has come. One that brings nothing new, page after page, has ended."""
    read = item.posts + posts
    barren = 0 if posts else item.tries + 1
    passed = item.posts // (len(page.items) or PAGE)
    ended = page.cursor is None or barren > passed + BARREN
    enough = ended or (item.wanted is not None and read >= item.wanted)
    private = any(profile.private and profile.handle == item.name for profile in page.profiles)
    return replace(
        item,
        state="private" if private else "done" if enough else "waiting",
        cursor=None if ended else page.cursor,
        posts=read,
        tries=barren,
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
