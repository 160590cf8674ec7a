"""Saved payloads read again, after the parsers were corrected: without a request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from socialsense.collect.fresh import renewed
from socialsense.collect.keep import keep_page, put_posts
from socialsense.collect.plans import plan_of
from socialsense.dialects.read import page_of, read_answer
from socialsense.errors import PageChanged
from socialsense.types import Item

if TYPE_CHECKING:
    from socialsense.store import Store, StoredPayload
    from socialsense.types import Page, Post


@dataclass(frozen=True, slots=True)
class Reparsed:
    """How many payloads were read, how many of them for the first time, how many still are not."""

    read: int = 0
    repaired: int = 0
    unreadable: int = 0


def reparse(store: Store, on_progress: Callable[[Reparsed], None] | None = None) -> Reparsed:
    """Reads every saved payload with the parsers of today. What is newer stands.

    Where a page had stopped a job, the job goes on behind it when it is collected again.
    """
    found = Reparsed()
    for payload in store.payloads():
        try:
            reading = read_answer(payload.text, payload.fetched_at)
        except PageChanged:
            found = Reparsed(found.read, found.repaired, found.unreadable + 1)
        else:
            page = page_of(reading, handle=payload.name if payload.kind == "profile" else None)
            repaired = not payload.readable
            _keep(store, payload, page)
            found = Reparsed(found.read + 1, found.repaired + repaired, found.unreadable)
        if on_progress:
            on_progress(found)
    return found


def _keep(store: Store, payload: StoredPayload, page: Page[Post]) -> None:
    item = _stopped_at(store, payload)
    job = store.job(payload.job)
    with store.transaction():
        if item is None or job is None or job.request is None:
            read = Item(payload.kind, payload.name, posts=payload.first_rank)
            put_posts(store, read, page, payload.fetched_at)
        else:
            plan = plan_of(job.request)
            room = plan.room(store.count_items(job.key))
            keep_page(store, plan, item, page, room, payload.fetched_at)
            if item.kind == "picture":
                store.set_items(job.key, [renewed(item)])
        if not payload.readable:
            store.mark_readable(payload.id)


def _stopped_at(store: Store, payload: StoredPayload) -> Item | None:
    """The job's item that this very page had stopped."""
    if payload.readable:
        return None
    items = store.items_of(payload.job, [payload.kind], ["changed"])
    same = (i for i in items if (i.name, i.posts) == (payload.name, payload.first_rank))
    return next(same, None)
