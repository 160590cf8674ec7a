"""What was read a short while ago is not asked for again, whichever job read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from socialsense.types import Item

if TYPE_CHECKING:
    from socialsense.collect.plan import Plan
    from socialsense.store import Store

PAYLOADS_KEPT = timedelta(days=90)
"""Pages of other people are not kept for ever; those that could not be read stay until they are."""


def forget_stale(store: Store, plan: Plan) -> None:
    """Drops from a finished job what is to be read anew, and saved pages of long ago."""
    now = datetime.now(UTC)
    store.drop_payloads(now - PAYLOADS_KEPT)
    stale = []
    for item in store.items_of(plan.key):
        lasts = plan.fresh_for(item)
        if lasts is not None and now - (item.updated_at or now) >= lasts:
            stale.append(item)
    store.drop_items(plan.key, stale)


def as_left(store: Store, plan: Plan, items: Iterable[Item]) -> list[Item]:
    """The items; those that another job has read a short while ago, as it left them."""
    now = datetime.now(UTC)
    found = []
    for item in items:
        lasts = plan.fresh_for(item)
        old = None if lasts is None else _read_since(now - lasts, store, plan, item)
        found.append(replace(old, wanted=item.wanted, pictures=item.pictures) if old else item)
    return found


def _read_since(since: datetime, store: Store, plan: Plan, new: Item) -> Item | None:
    """The item as somebody who read it since left it; None where nobody read enough.

    That it is gone, private or withheld counts only if nobody has read it after.
    """
    readings = store.fresh_items(new.kind, [new.name], since).get(new.name, [])
    for place, old in enumerate(readings):
        counts = place == 0 or old.state == "done"
        if counts and _covers(old, new) and _pictured(store, plan, old, new, since):
            return old
    return None


def _covers(old: Item, new: Item) -> bool:
    if old.state != "done":
        return True  # gone, private or withheld
    read = old.cursor is None or (new.wanted is not None and old.posts >= new.wanted)
    if old.pictures is None or new.pictures is None:
        return read and old.pictures is None
    return read and old.pictures >= new.pictures


def _pictured(store: Store, plan: Plan, old: Item, new: Item, since: datetime) -> bool:
    """Whether the pictures came as well, or are known not to: who read it may have been stopped."""
    if new.pictures == 0:
        return True
    if new.kind == "profile":
        posts = store.posts(new.name, old.posts)
    else:
        posts = store.tagged([new.name], old.posts).get(new.name, ())
    wished = {post.pk for post in posts[: new.pictures] if plan.pictured(post)}
    lacking = wished - store.image_hashes(wished).keys()
    return lacking <= store.fresh_items("picture", lacking, since).keys()


def renewed(item: Item) -> Item:
    """To be tried again as if it had never failed."""
    return replace(item, state="waiting", tries=0, error=None)
