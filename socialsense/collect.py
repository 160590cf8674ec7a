"""Filling the store from a source, page by page, so that it can stop at any moment.

A page's posts and pictures and the place reached are kept in one transaction:
after a kill the same call continues there, reads at most one page again, and
duplicates nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol, cast

from socialsense import parts
from socialsense.errors import PrivateAccount, SocialsenseError, SourceError
from socialsense.images import sha256_of
from socialsense.store import Store
from socialsense.types import Job, Page, Post, Profile, Source


class DemoSource(Source, Protocol):
    """A source that can name everything it supplies."""

    handles: tuple[str, ...]
    tags: tuple[str, ...]
    version: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk stands: in which listing, at which of its pages, after how many posts."""

    listing: int
    page: str | None = None
    rank: int = 0


def collect_demo(
    store: Store, on_progress: Callable[[Job], None] | None = None, *, again: bool = False
) -> Job:
    """Collect the whole demo source, once for each version of its data unless `again`."""
    source = cast("DemoSource", parts.load("sources", "demo"))
    return collect(
        source,
        store,
        key=f"demo:{source.version}",
        handles=source.handles,
        tags=source.tags,
        on_progress=on_progress,
        again=again,
    )


def collect(
    source: Source,
    store: Store,
    *,
    key: str,
    handles: Sequence[str],
    tags: Sequence[str],
    on_progress: Callable[[Job], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    again: bool = False,
) -> Job:
    """Collect accounts with all their posts, then hashtags' pages, as the job `key`.

    A job that is done returns at once (unless `again` starts it over), any other
    continues where it stood. `cancelled` is asked before each page, `on_progress` hears
    of each page once it is kept. What the source raises marks the job "failed" and is
    raised again; it too can continue.
    """
    job = store.job(key)
    if job is not None and job.state == "done":
        if not again:
            return job
        job = None
    listings = tuple(dict.fromkeys([f"@{name}" for name in handles] + [f"#{tag}" for tag in tags]))
    walk = _Walk(source, store, key, listings, job.started_at if job else datetime.now(UTC))
    place = walk.resume(job.cursor if job else None)
    job = walk.job(place)
    store.put_job(job)
    try:
        while place.listing < len(listings):
            if cancelled():
                job = replace(job, state="cancelled")
                store.put_job(job)
                return job
            place, job = walk.step(place)
            if on_progress:
                on_progress(job)
    except SocialsenseError as error:
        store.put_job(replace(job, state="failed", error=str(error)))
        raise
    return job


@dataclass(frozen=True, slots=True)
class _Walk:
    """One job's way through its listings: '@handle' or '#tag', each in pages."""

    source: Source
    store: Store
    key: str
    listings: tuple[str, ...]
    started_at: datetime

    def resume(self, cursor: str | None) -> _Place:
        """The place a cursor names; the start where its listing is no longer asked for."""
        if cursor is None:
            return _Place(0)
        name, page, rank = json.loads(cursor)
        if name not in self.listings:
            return _Place(0)
        return _Place(self.listings.index(name), page, rank)

    def job(self, place: _Place) -> Job:
        """How the job stands at a place; `done` and `total` count listings."""
        total, cursor = len(self.listings), None
        if place.listing < total:
            cursor = json.dumps([self.listings[place.listing], place.page, place.rank])
        return Job(
            key=self.key,
            state="running" if cursor else "done",
            done=place.listing,
            total=total,
            cursor=cursor,
            error=None,
            started_at=self.started_at,
            heartbeat_at=datetime.now(UTC),
        )

    def step(self, place: _Place) -> tuple[_Place, Job]:
        """Read one page and keep it together with the place after it."""
        listing = self.listings[place.listing]
        profile, page = self._read(listing, place.page)
        posts, files = self._pictures(page.items)
        after = _Place(place.listing + 1)
        if page.cursor is not None:
            after = _Place(place.listing, page.cursor, place.rank + len(posts))
        job = self.job(after)
        with self.store.transaction():
            if profile is not None:
                self.store.put_profile(profile)
            for data in files:
                self.store.put_image(data)
            if listing.startswith("#"):
                self.store.put_tagged(listing[1:], posts, first_rank=place.rank)
            else:
                self.store.put_posts(posts)
            self.store.put_job(job)
        return after, job

    def _read(self, listing: str, cursor: str | None) -> tuple[Profile | None, Page[Post]]:
        """One page, and on an account's first page its profile."""
        kind, name = listing[0], listing[1:]
        profile = None
        if kind == "#":
            page = self.source.tagged(name, cursor)
        else:
            if cursor is None:
                profile = self.source.profile(name)
            if profile is not None and profile.private:
                return profile, Page(())
            try:
                page = self.source.posts(name, cursor)
            except PrivateAccount:
                return replace(profile or self.source.profile(name), private=True), Page(())
        if page.cursor is not None and page.cursor == cursor:
            raise SourceError(
                f"The listing of {listing} does not move on.",
                means="The source gives the same page again and again; it may have changed.",
                do="Try again later; what was collected is kept.",
            )
        return profile, page

    def _pictures(self, posts: Sequence[Post]) -> tuple[list[Post], list[bytes]]:
        """The posts with their pictures' hashes, and the files that are not stored yet."""
        stored = self.store.image_hashes(post.pk for post in posts)
        found, files = [], []
        for post in posts:
            sha256 = stored.get(post.pk)
            if sha256 is None or post.image_sha256 not in (None, sha256):
                data = self.source.image(post)
                sha256 = post.image_sha256 if data is None else sha256_of(data)
                files += [] if data is None else [data]
            found.append(replace(post, image_sha256=sha256))
        return found, files
