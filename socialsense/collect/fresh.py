"""What was read a short while ago is not asked for again, whichever job read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from socialsense.types import Item

if TYPE_CHECKING:
    from socialsense.collect.plans import Plan
    from socialsense.store import Store


def forget_stale(store: Store, plan: Plan) -> None:
    """Drops from a finished job what is to be read anew."""
    now = datetime.now(UTC)
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
        since = None if lasts is None else now - lasts
        known = store.fresh_items(item.kind, [item.name], since) if since else {}
        old = known.get(item.name)
        found.append(old if old and _covers(old, item) else item)
    return found


def _covers(old: Item, new: Item) -> bool:
    if old.state != "done":
        return True  # gone, private or withheld
    read = old.cursor is None or (new.wanted is not None and old.posts >= new.wanted)
    if old.pictures is None or new.pictures is None:
        return read and old.pictures is None
    return read and old.pictures >= new.pictures


def renewed(item: Item) -> Item:
    """To be tried again as if it had never failed."""
    return replace(item, state="waiting", tries=0, error=None)
