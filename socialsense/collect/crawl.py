"""The crawl: reads what a plan wants, keeps each page at once, and goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from socialsense.collect.consent import check_consent
from socialsense.collect.fresh import as_left, forget_stale, renewed
from socialsense.collect.gate import Cancelled, Gate
from socialsense.collect.keep import keep_page, keep_pictures, keep_unreadable
from socialsense.collect.owner import claimed
from socialsense.collect.patience import patiently
from socialsense.collect.pictures import UNDER_WAY, Fetched, Pictures
from socialsense.errors import (
    AskedToWait,
    Missing,
    PageChanged,
    PersonNeeded,
    SocialsenseError,
    SourceError,
    UnknownAccount,
    Withheld,
)
from socialsense.types import Item, ItemKind, ItemState, Job, JobState, PacedSource, Page, Post

if TYPE_CHECKING:
    from socialsense.collect.plans import Plan
    from socialsense.store import Store
    from socialsense.types import Source

LISTINGS: tuple[ItemKind, ...] = ("profile", "hashtag")
UNFINISHED: tuple[ItemState, ...] = ("waiting", "retry", "changed")
PAUSE = 360
"""Times its patience that a site is left alone after it has asked to wait again and again."""
SILENT = 3
"""Things in a row that cannot be read: then it is not these things, it is the site."""


def collect(
    source: Source,
    store: Store,
    plan: Plan,
    *,
    on_progress: Callable[[Job], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    again: bool = False,
) -> Job:
    """Collect what a plan wants; what was begun goes on, what is fresh is not asked for.

    Args:
        source: where it comes from; one that asks a site is closed at the end.
        store: what is kept, and how far everything has come.
        plan: what is wanted.
        on_progress: hears of each page once it is kept.
        cancelled: asked before each page and while waiting.
        again: whether to begin from nothing, as if nothing were fresh.

    Raises PersonNeeded where nobody has agreed to ask the site, and Busy where another process
    is at it. What stops it later marks the job and is raised again; the same call goes on. A job
    that is returned as "failed" holds things that could not be read, and says how many.
    """
    heard = on_progress or (lambda _job: None)
    if not isinstance(source, PacedSource):
        return _Crawl(source, store, plan, heard, cancelled).run(again=again)
    check_consent(store, source.pace.site)
    with claimed(store, plan) as asked_to_stop:
        crawl = _Crawl(source, store, plan, heard, lambda: cancelled() or asked_to_stop())
        try:
            return crawl.run(again=again)
        finally:
            source.close()


class _Crawl:
    def __init__(
        self,
        source: Source,
        store: Store,
        plan: Plan,
        on_progress: Callable[[Job], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self._source, self._store, self._plan, self._key = source, store, plan, plan.key
        self._on_progress, self._cancelled = on_progress, cancelled
        self._paced = source if isinstance(source, PacedSource) else None
        if self._paced:
            alive = lambda: store.heartbeat(plan.key)  # noqa: E731
            self._gate = Gate(store, self._paced.pace, cancelled, alive)
            self._paced.admit = self._gate.admit
        self._silent = 0
        self._second_round = False

    def run(self, *, again: bool) -> Job:
        self._begin(again=again)
        try:
            with Pictures(self._source) as self._pictures:
                self._read_all()
        except Cancelled:
            return self._put("cancelled")
        except SocialsenseError as error:
            until = error.until if isinstance(error, AskedToWait) else None
            self._put("waiting" if until else "failed", error=str(error), until=until)
            raise
        return self._end()

    def _begin(self, *, again: bool) -> None:
        job, counts = self._store.job(self._key), self._store.count_items(self._key)
        going_on = any(state in UNFINISHED for _, state in counts)
        self._started_at = job.started_at if job and going_on and not again else _now()
        if again:
            self._store.drop_items(self._key, self._store.items_of(self._key))
        elif not going_on:
            forget_stale(self._store, self._plan)
        self._try_again(("retry", "changed"))
        self._counts = self._store.count_items(self._key)
        self._put("running")

    def _read_all(self) -> None:
        self._fetch_left_over()
        while True:
            item = self._next()
            if item is not None:
                self._check_cancelled()
                self._step(item)
                continue
            self._settle_pictures()
            if not (self._grow() or self._once_more()):
                return

    def _check_cancelled(self) -> None:
        """What is under way is kept before it stops. Raises Cancelled."""
        if self._cancelled():
            self._settle_pictures()
            raise Cancelled

    def _next(self) -> Item | None:
        enough = self._plan.room(self._counts) == 0
        return None if enough else self._store.next_item(self._key, LISTINGS)

    def _grow(self) -> bool:
        """Whether the plan, which knows more by now, wants more."""
        if self._plan.room(self._counts) == 0:
            return False
        items = as_left(self._store, self._plan, self._plan.items(self._store))
        self._store.put_items(self._key, items)
        self._counts = self._store.count_items(self._key)
        return self._next() is not None

    def _once_more(self) -> bool:
        """A second round for what failed; pictures by way of their post, which has a new link."""
        if self._second_round or self._paced is None:
            return False
        self._second_round = True
        for item in self._store.items_of(self._key, ["picture"], ["retry"]):
            self._step(item)
        self._settle_pictures()
        self._try_again(("retry",))
        return True

    def _try_again(self, states: Sequence[ItemState]) -> None:
        items = self._store.items_of(self._key, LISTINGS, states)
        self._store.set_items(self._key, [renewed(item) for item in items])

    def _step(self, item: Item) -> None:
        """Read a page and keep it, or what became of it instead."""
        try:
            page = self._read(item)
        except SocialsenseError as error:
            self._failed(item, error)
        else:
            self._silent = 0
            self._keep(item, page)

    def _read(self, item: Item) -> Page[Post]:
        if self._paced is None:
            return self._ask(item)

        def failed(error: SourceError) -> None:
            nonlocal item
            item = self._note(item, error)

        return patiently(
            lambda: self._ask(item), self._paced.pace.patience, self._gate.sleep, failed
        )

    def _ask(self, item: Item) -> Page[Post]:
        if item.kind == "picture":
            return self._source.post(self._store.posts_of([item.name])[item.name].shortcode)
        listing = self._source.posts if item.kind == "profile" else self._source.tagged
        page = listing(item.name, item.cursor)
        if page.cursor is not None and page.cursor == item.cursor:
            raise SourceError(
                f"The listing of {item.name} does not move on.",
                means="The source gives the same page again and again; it may have changed.",
                do="Try again later; what was collected is kept.",
            )
        return page

    def _failed(self, item: Item, error: SocialsenseError) -> None:
        """The state that says why; what concerns more than this one thing is raised."""
        if isinstance(error, PersonNeeded | AskedToWait):
            raise self._stopped(error)
        if isinstance(error, Missing | UnknownAccount):
            self._note(item, error, "gone")
        elif isinstance(error, Withheld):
            self._note(item, error, "gated")
        elif self._paced is None or isinstance(error, PageChanged):
            self._note(item, error, "changed" if isinstance(error, PageChanged) else "waiting")
            raise error
        else:
            self._note(item, error, "retry")
            self._silent += 1
            if self._silent >= SILENT:
                raise error

    def _note(self, item: Item, error: SocialsenseError, state: ItemState | None = None) -> Item:
        """Keeps that it failed, and what was sent where that could not be read."""
        item = replace(
            item,
            state=state or item.state,
            tries=item.tries + 1,
            error=str(error),
            updated_at=_now(),
        )
        with self._store.transaction():
            keep_unreadable(self._store, self._key, item, error)
            self._store.set_items(self._key, [item])
        self._counts = self._store.count_items(self._key)
        return item

    def _stopped(self, error: PersonNeeded | AskedToWait) -> SourceError:
        """Trips the breaker, unless it was the breaker, or the day's share, that spoke."""
        if self._paced is None or self._store.breaker(self._paced.pace.site, _now()):
            return error
        pace = self._paced.pace
        if isinstance(error, PersonNeeded):
            self._store.trip(pace.site, error.kind, error, at=_now())
        elif error.until is None:
            until = _now() + timedelta(seconds=pace.patience * PAUSE)
            error = AskedToWait(error.what, means=error.means, do=error.do, until=until)
            self._store.trip(pace.site, "rate", error, at=_now(), until=until)
        return error

    def _keep(self, item: Item, page: Page[Post]) -> None:
        """One transaction: the page, what came of it, and the pictures that have come since."""
        fetched = self._pictures.ready(at_most=UNDER_WAY)
        with self._store.transaction():
            room = self._plan.room(self._counts)
            wanted = keep_page(self._store, self._plan, self._key, item, page, room)
            self._keep_pictures(fetched)
            self._counts = self._store.count_items(self._key)
            job = self._put("running", doing=_words(item))
        self._pictures.fetch(wanted)
        self._on_progress(job)

    def _settle_pictures(self) -> None:
        """Waits for the pictures under way and keeps them."""
        fetched = self._pictures.ready(at_most=0)
        if fetched:
            with self._store.transaction():
                self._keep_pictures(fetched)
                self._counts = self._store.count_items(self._key)
                self._put("running")

    def _keep_pictures(self, fetched: Sequence[Fetched]) -> None:
        keep_pictures(self._store, self._key, fetched)
        if self._paced is None:
            for one in fetched:
                if one.error:
                    raise one.error

    def _fetch_left_over(self) -> None:
        """Pictures of pages kept before, whose turn had not come."""
        left = [item.name for item in self._store.items_of(self._key, ["picture"], ["waiting"])]
        for start in range(0, len(left), UNDER_WAY):
            self._check_cancelled()
            posts = self._store.posts_of(left[start : start + UNDER_WAY])
            self._pictures.fetch(posts.values())
            self._settle_pictures()

    def _put(
        self,
        state: JobState,
        *,
        doing: str = "",
        error: str | None = None,
        until: datetime | None = None,
    ) -> Job:
        done, total = self._plan.progress(self._counts)
        job = Job(
            key=self._key,
            state=state,
            done=done,
            total=total,
            error=error,
            started_at=self._started_at,
            heartbeat_at=_now(),
            doing=doing,
            request=self._plan.request,
            until=until,
        )
        self._store.put_job(job)
        return job

    def _end(self) -> Job:
        """Done, or failed where some things could not be read."""
        failed = sum(n for (_, state), n in self._counts.items() if state in ("retry", "changed"))
        if not failed:
            return self._put("done")
        return self._put("failed", error=_incomplete(failed))


def _incomplete(failed: int) -> str:
    things = "1 thing" if failed == 1 else f"{failed:,} things"
    return f"{things} could not be read. All else is kept. Collect again to try them again."


def _words(item: Item) -> str:
    """What is read, without the names of other people."""
    if item.kind == "hashtag":
        return f"#{item.name}"
    if item.kind == "picture":
        return "a picture"
    return "the account behind a top post" if item.pictures == 0 else f"@{item.name}"


def _now() -> datetime:
    return datetime.now(UTC)
