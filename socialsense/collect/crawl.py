"""The crawl: reads what a plan wants, keeps each page at once, and goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from socialsense.collect.consent import check_consent
from socialsense.collect.failures import Failures
from socialsense.collect.fresh import as_left, forget_stale, renewed
from socialsense.collect.gate import Cancelled, Gate
from socialsense.collect.keep import LISTINGS, keep_page, keep_pictures, put_items
from socialsense.collect.owner import claimed
from socialsense.collect.patience import patiently
from socialsense.collect.pictures import UNDER_WAY, Fetched, Pictures
from socialsense.collect.report import Report, words
from socialsense.errors import AskedToWait, Missing, SocialsenseError, SourceError
from socialsense.types import Item, ItemState, Job, PacedSource, Page, Post

if TYPE_CHECKING:
    from socialsense.collect.plan import Plan
    from socialsense.store import Store
    from socialsense.types import Source


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
            self._gate = Gate(store, self._paced.pace, cancelled)
            self._paced.admit = self._gate.admit
        pace = self._paced.pace if self._paced else None
        self._failures = Failures(store, plan.key, pace)
        self._again = self._second_round = False

    def run(self, *, again: bool) -> Job:
        self._again = again
        self._begin()
        try:
            with closing(Pictures(self._source)) as self._pictures:
                self._read_all()
        except Cancelled:
            return self._report.put("cancelled")
        except KeyboardInterrupt:
            self._report.put("cancelled")
            raise
        except SocialsenseError as error:
            until = error.until if isinstance(error, AskedToWait) else None
            self._report.put("waiting" if until else "failed", error=str(error), until=until)
            raise
        return self._report.end()

    def _begin(self) -> None:
        job, counts = self._store.job(self._key), self._store.count_items(self._key)
        going_on = any(state == "waiting" for _, state in counts)
        since = job.started_at if job and going_on and not self._again else datetime.now(UTC)
        self._report = Report(self._store, self._plan, since)
        if self._again:
            self._store.drop_items(self._key, self._store.items_of(self._key))
        elif not going_on:
            forget_stale(self._store, self._plan)
        self._try_again(("retry", "changed"))
        self._report.put("running")

    def _read_all(self) -> None:
        """However it ends, pictures that have come are kept: their links expire."""
        try:
            while self._read_round():
                pass
        except Cancelled:
            self._settle_pictures()
            raise
        except SourceError:
            self._settle_pictures(at_most=UNDER_WAY)
            raise

    def _read_round(self) -> bool:
        """Whether there is more to read than was known before."""
        self._fetch_left_over()
        while item := self._next():
            self._check_cancelled()
            self._step(item)
        self._settle_pictures()
        return self._grow() or self._once_more()

    def _check_cancelled(self) -> None:
        if self._cancelled():
            raise Cancelled

    def _next(self) -> Item | None:
        return self._store.next_item(self._key, LISTINGS) if self._room() != 0 else None

    def _room(self) -> int | None:
        """Pictures still wanted."""
        return self._plan.room(self._report.counts)

    def _grow(self) -> bool:
        """Whether the plan, which knows more by now, wants more."""
        while self._room() != 0 and self._put_wanted():
            if self._store.next_item(self._key):
                return True
        return False

    def _put_wanted(self) -> bool:
        """Whether the plan wants anything that it did not want before."""
        items = list(self._plan.items(self._store))
        if not self._again:
            items = as_left(self._store, self._plan, items)
        with self._store.transaction():
            more = put_items(self._store, self._plan, items)
            self._report.put("running")
        return more

    def _once_more(self) -> bool:
        """A second round for what failed; pictures by way of their post, which has a new link."""
        if self._second_round or self._paced is None:
            return False
        self._second_round = True
        for item in self._store.items_of(self._key, ["picture"], ["retry", "changed"]):
            self._step(item)
        self._settle_pictures()
        self._try_again(("retry",))
        return True

    def _try_again(self, states: Sequence[ItemState]) -> None:
        items = self._store.items_of(self._key, LISTINGS, states)
        self._store.set_items(self._key, [renewed(item) for item in items])

    def _step(self, item: Item) -> None:
        """Read a page and keep it, or what became of it instead."""
        tried = item

        def failed(error: SourceError) -> None:
            nonlocal tried
            tried = self._failures.note(tried, error)

        try:
            page = self._read(item, failed)
        except SocialsenseError as error:
            self._failures.settle(tried, error)
            self._report.put("running")
        else:
            self._failures.answered()
            self._keep(item, page)

    def _read(self, item: Item, failed: Callable[[SourceError], None]) -> Page[Post]:
        if self._paced is None:
            return self._ask(item)
        patience = self._paced.pace.patience
        return patiently(lambda: self._ask(item), patience, self._gate.sleep, failed)

    def _ask(self, item: Item) -> Page[Post]:
        if item.kind == "picture":
            return self._source.post(self._post(item).shortcode)
        listing = self._source.posts if item.kind == "profile" else self._source.tagged
        page = listing(item.name, item.cursor)
        if page.cursor is not None and page.cursor == item.cursor:
            raise SourceError(
                f"The list of posts of {words(item)} does not move on.",
                means="The source gives the same page again and again; it may have changed.",
                do="Try again later; what was collected is kept.",
            )
        return page

    def _post(self, picture: Item) -> Post:
        """Raises Missing where it was forgotten meanwhile: the job's list may be older."""
        post = self._store.posts_of([picture.name]).get(picture.name)
        if post is None:
            raise Missing(
                "A post is no longer stored.",
                means="It was forgotten while it was to be read again.",
                do="Nothing: the rest goes on.",
            )
        return post

    def _keep(self, item: Item, page: Page[Post]) -> None:
        """One transaction: the page, what came of it, and the pictures that have come since."""
        fetched = self._pictures.ready(at_most=UNDER_WAY)
        with self._store.transaction():
            room, now = self._room(), datetime.now(UTC)
            wanted = keep_page(self._store, self._plan, item, page, room, now)
            self._keep_pictures(fetched)
            job = self._report.put("running", doing=words(item))
        self._pictures.fetch(wanted)
        self._on_progress(job)

    def _settle_pictures(self, at_most: int = 0) -> None:
        """Keeps the pictures that have come, once no more than so many are under way."""
        fetched = self._pictures.ready(at_most=at_most)
        if fetched:
            with self._store.transaction():
                self._keep_pictures(fetched)
                self._report.put("running")

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
