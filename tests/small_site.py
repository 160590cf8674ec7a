"""A made-up site of a few accounts and hashtags, asked gently; every test of the crawl reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from socialsense.collect import Listings, Plan, collect
from socialsense.collect.consent import accept_risk
from socialsense.collect.pictures import UNDER_WAY, Fetched, Pictures
from socialsense.errors import AskedToWait, Missing, PageChanged, PersonNeeded, SourceError
from socialsense.store import Store
from socialsense.types import Item, Job, Pace, Page, Post, Profile

SITE = "small.example"
ALWAYS = 999
"""More often than anything is tried."""
AT_ONCE = Pace(SITE, seconds=0, per_day=1000, patience=0)
WORDS = {"means": "It means that.", "do": "Do this."}
DOWN = SourceError("It is down.", **WORDS)
CHANGED = PageChanged("It has changed.", payload="nobody can read this", **WORDS)
WAIT = AskedToWait("It asks to wait.", **WORDS)
CHALLENGE = PersonNeeded("It doubts you.", kind="challenge", **WORDS)
GONE = Missing("It is not there.", **WORDS)


@dataclass
class SmallSite:
    """Answers from what it is given, `size` posts a page, and notes every question.

    A question reads "@mill 0", "#red 2" (a listing and a place), "post m1" or "image m1".
    The first letter of a post's pk tells its author.
    """

    name = "small"
    accounts: dict[str, str] = field(default_factory=dict)
    hashtags: dict[str, str] = field(default_factory=dict)
    captions: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    private: tuple[str, ...] = ()
    videos: frozenset[str] = frozenset()
    files: dict[str, bytes | None] = field(default_factory=dict)
    size: int = 2
    overlap: int = 0
    pace: Pace = AT_ONCE
    asked: list[str] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    faults: dict[str, list[Exception | None]] = field(default_factory=dict)
    admit: Callable[[str], None] = print
    closed: int = 0

    def fails(self, question: str, *errors: Exception | None, times: int = 1) -> None:
        """Answers so to the question from now on, the errors `times` over; None is no failure."""
        self.faults[question] = list(errors) * times

    def posts(self, handle: str, cursor: str | None = None) -> Page[Post]:
        private = handle in self.private
        names = "" if private else self.accounts.get(handle, "")
        page = self._page(f"@{handle}", names, cursor)
        profile = Profile(handle, 100, 5, now(), "small", private=private)
        return page if cursor else replace(page, profiles=(profile,))

    def tagged(self, tag: str, cursor: str | None = None) -> Page[Post]:
        return self._page(f"#{tag}", self.hashtags.get(tag, ""), cursor)

    def post(self, shortcode: str) -> Page[Post]:
        self._ask(f"post {shortcode}")
        return Page((self.made(shortcode),))

    def image(self, post: Post) -> bytes | None:
        self._answer(f"image {post.pk}")
        self.told[post.image_url or ""] += 1
        return self.files.get(post.pk, f"picture of {post.pk}".encode())

    def close(self) -> None:
        self.closed += 1

    def made(self, pk: str) -> Post:
        """A post as it is told now: each time with another link to its picture."""
        self.told[pk] += 1
        handles = {handle[0]: handle for handle in self.accounts}
        return Post(
            pk=pk,
            shortcode=pk,
            handle=handles.get(pk[0]),
            taken_at=datetime(2026, 5, 1, tzinfo=UTC) - timedelta(hours=int(pk[1:])),
            kind="video" if pk in self.videos else "image",
            caption=self.captions.get(pk, ""),
            likes=10,
            comments=2,
            source=self.name,
            fetched_at=now(),
            image_url=f"{pk}/{self.told[pk]}",
        )

    def _page(self, listing: str, names: str, cursor: str | None) -> Page[Post]:
        start = int(cursor or 0)
        self._ask(f"{listing} {start}")
        pks, end = names.split(), start + self.size
        made = tuple(self.made(pk) for pk in pks[max(0, start - self.overlap) : end])
        return Page(
            made, str(end) if end < len(pks) else None, (), self.sizes, f"{listing} {start}"
        )

    def _ask(self, question: str) -> None:
        self.admit(question)
        self._answer(question)

    def _answer(self, question: str) -> None:
        self.asked.append(question)
        errors = self.faults.get(question)
        if errors and (error := errors.pop(0)):
            raise error.with_traceback(None)

    @property
    def pages(self) -> list[str]:
        """What was asked, but for pictures."""
        return [question for question in self.asked if not question.startswith("image")]

    @property
    def pictures(self) -> list[str]:
        """Of which posts the picture was asked for."""
        return sorted(q.removeprefix("image ") for q in self.asked if q.startswith("image"))


class Today(Listings):
    """Listings that need not be read twice a day."""

    def fresh_for(self, item: Item) -> timedelta:
        del item
        return timedelta(days=1)


class NoneComes(Pictures):
    """As if the process ended while all were under way."""

    def ready(self, *, at_most: int = UNDER_WAY) -> list[Fetched]:
        del at_most
        return []


def now() -> datetime:
    return datetime.now(UTC)


def red_and_mill() -> SmallSite:
    """An account of five posts, and a hashtag's page with three of two accounts."""
    return SmallSite({"mill": "m1 m2 m3 m4 m5", "boat": "b1"}, {"red": "b1 m2 b2"})


def gather(source: SmallSite, store: Store, plan: Plan, **options: Any) -> Job:
    """Collect, by somebody who has agreed to it."""
    accept_risk(store, SITE)
    return collect(source, store, plan, **options)


def states(store: Store, plan: Plan) -> dict[str, str]:
    """What became of each thing, by its name: @account, #hashtag or pk."""
    sign = {"profile": "@", "hashtag": "#", "picture": ""}
    return {sign[item.kind] + item.name: item.state for item in store.items_of(plan.key)}


def item_of(store: Store, plan: Plan, name: str) -> Item:
    (item,) = (item for item in store.items_of(plan.key) if item.name == name)
    return item


def grown_old(store: Store, keys: Iterable[str], days: float) -> None:
    """As if these jobs had read everything so many days earlier."""
    for key in keys:
        earlier = [
            replace(item, updated_at=item.updated_at and item.updated_at - timedelta(days=days))
            for item in store.items_of(key)
        ]
        store.set_items(key, earlier)
