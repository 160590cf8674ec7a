"""What a person asks to be collected, as things to read: each plan grows from what was found.

A plan reads the store and nothing else: after a restart it goes on as if nothing had been.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from socialsense.collect.common import COMMON
from socialsense.errors import InputError, UnknownAccount
from socialsense.evidence import candidate_tags
from socialsense.types import Item, ItemKind, ItemState, Post

if TYPE_CHECKING:
    from socialsense.store import Store

OWN_POSTS = 36
"""Of the account itself: more than its usual engagement is made of."""
OWNER_POSTS = 12
"""Of a top post's account: what its page shows at once."""

PAGE_FRESH, OWNER_FRESH = timedelta(days=1), timedelta(days=7)
"""An owner is an account of which numbers are wanted and no pictures."""

GRID, TOP = 12, 24
"""Posts that Instagram shows at once: of an account, of a hashtag."""

Counts: TypeAlias = Mapping[tuple[ItemKind, ItemState], int]
"""How many things of a job are in which state."""

_LOST: tuple[ItemState, ...] = ("gone", "private", "gated")


class Plan(ABC):
    """What is read, in which order, and when it is enough."""

    @property
    @abstractmethod
    def key(self) -> str:
        """Names the job."""

    @property
    def request(self) -> str | None:
        """JSON for `plan_of`; None where nobody needs to begin it anew."""
        return None

    @abstractmethod
    def items(self, store: Store) -> Iterator[Item]:
        """All that is to be read, as far as the store tells; asked again once that is read."""

    @abstractmethod
    def requests(self) -> int:
        """So many pages are asked for at most, pictures left out."""

    def pictured(self, post: Post) -> bool:
        """Whether a post's picture is of use."""
        del post
        return True

    def room(self, counts: Counts) -> int | None:
        """Pictures still wanted: None for no limit, 0 when it is enough."""
        del counts
        return None

    def fresh_for(self, item: Item) -> timedelta | None:
        """For so long it is not asked for twice, whoever asked; None: what this job read stays."""
        return OWNER_FRESH if item.pictures == 0 else PAGE_FRESH

    def progress(self, counts: Counts) -> tuple[int, int]:
        """What is done, of what is known to be wanted: accounts and hashtags."""
        listings = {key: n for key, n in counts.items() if key[0] != "picture"}
        done = sum(n for (_, state), n in listings.items() if state != "waiting")
        return done, sum(listings.values())


@dataclass(frozen=True)
class Listings(Plan):
    """Accounts with all their posts, then hashtags' whole pages."""

    name: str
    handles: Sequence[str]
    tags: Sequence[str]

    @property
    def key(self) -> str:
        """As it was named."""
        return self.name

    def items(self, store: Store) -> Iterator[Item]:
        """Each account, each hashtag."""
        del store
        yield from (Item("profile", handle) for handle in self.handles)
        yield from (Item("hashtag", tag) for tag in self.tags)

    def requests(self) -> int:
        """Unknown: whole listings are read."""
        return len(self.handles) + len(self.tags)

    def fresh_for(self, item: Item) -> timedelta:
        """Nothing is: it costs nothing to ask."""
        del item
        return timedelta(0)


@dataclass(frozen=True)
class ForHandle(Plan):
    """All that a recommendation for an account needs.

    Its posts, then the top posts of its hashtags and of related ones, then the accounts behind
    those: followers and usual engagement.
    """

    handle: str
    hashtags: int = 30
    posts: int = 9

    @property
    def key(self) -> str:
        """By the account."""
        return f"handle:{self.handle}"

    @property
    def request(self) -> str:
        """As JSON."""
        return _request("handle", self)

    def items(self, store: Store) -> Iterator[Item]:
        """The account; what its posts name; who is behind that. Raises UnknownAccount."""
        yield Item("profile", self.handle, OWN_POSTS)
        states = {item.name: item.state for item in store.items_of(self.key, ["profile"])}
        if states.get(self.handle) == "gone":
            raise _unknown(self.handle)
        if states.get(self.handle) == "done":
            tags = candidate_tags(store, self.handle, self.hashtags, self.posts)
            yield from _pages(tags, self.posts)
            yield from _owners(store, tags, self.posts)

    def requests(self) -> int:
        """Own pages, hashtags' pages, one page for each owner."""
        own = _in_pages(OWN_POSTS, GRID)
        return own + self.hashtags * (_in_pages(self.posts, TOP) + self.posts)


@dataclass(frozen=True)
class ForHashtags(Plan):
    """Hashtags' top posts, and the accounts behind them."""

    tags: tuple[str, ...]
    posts: int = 9

    @property
    def key(self) -> str:
        """By the hashtags."""
        return "hashtag:" + _short(self.tags)

    @property
    def request(self) -> str:
        """As JSON."""
        return _request("hashtag", self)

    def items(self, store: Store) -> Iterator[Item]:
        """The pages, then who is behind them."""
        yield from _pages(self.tags, self.posts)
        yield from _owners(store, self.tags, self.posts)

    def requests(self) -> int:
        """Hashtags' pages, one page for each owner."""
        return len(self.tags) * (_in_pages(self.posts, TOP) + self.posts)


@dataclass(frozen=True)
class ForDataset(Plan):
    """Pictures with the hashtags they carry, from hashtags' pages, evenly as far as they reach."""

    images: int
    tags: tuple[str, ...] = COMMON

    @property
    def key(self) -> str:
        """By the hashtags: a larger number goes on where a smaller one ended."""
        return "dataset:" + _short(self.tags)

    @property
    def request(self) -> str:
        """As JSON."""
        return _request("dataset", self)

    def items(self, store: Store) -> Iterator[Item]:
        """The same share from each hashtag; then, from those that go on, as much again.

        Each round opens the pages anew, so it had better be long.
        """
        pages = {item.name: item for item in store.items_of(self.key, ["hashtag"])}
        open_ = [tag for tag in self.tags if tag not in pages or pages[tag].cursor]
        share = -(-self.room(store.count_items(self.key)) // max(1, len(open_)))
        for tag in open_:
            read = pages[tag].posts if tag in pages else 0
            yield Item("hashtag", tag, wanted=read + max(share, read))

    def requests(self) -> int:
        """A third of what stands on the pages is a film, or was seen before; a guess."""
        return len(self.tags) + _in_pages(self.images * 3 // 2, TOP)

    def fresh_for(self, item: Item) -> None:
        """What was read stays read."""
        del item

    def pictured(self, post: Post) -> bool:
        """Photos, not films."""
        return post.kind != "video"

    def room(self, counts: Counts) -> int:
        """What is missing; those under way are counted as there."""
        return max(0, self.images - _pictures(counts, _LOST))

    def progress(self, counts: Counts) -> tuple[int, int]:
        """Pictures."""
        return _pictures(counts, ("waiting", "retry", *_LOST)), self.images


def plan_of(request: str) -> Plan:
    """The plan that a job's request describes. Raises InputError."""
    try:
        said = dict(json.loads(request))
        kind = _PLANS[said.pop("use")]
        return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in said.items()})
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            "A job cannot be begun anew.",
            means=f"What it was asked for cannot be read: {error}.",
            do="Ask for it again.",
        ) from error


_PLANS: dict[str, type[Plan]] = {
    "handle": ForHandle,
    "hashtag": ForHashtags,
    "dataset": ForDataset,
}


def _request(use: str, plan: Any) -> str:
    return json.dumps({"use": use} | asdict(plan))


def _short(tags: Sequence[str]) -> str:
    """Readable for a few hashtags, a hash for many."""
    text = " ".join(tags)
    return text if len(text) <= 60 else hashlib.sha256(text.encode()).hexdigest()[:12]


def _in_pages(posts: int, size: int) -> int:
    return -(-posts // size)


def _pages(tags: Iterable[str], posts: int) -> Iterator[Item]:
    return (Item("hashtag", tag, wanted=posts, pictures=posts) for tag in tags)


def _owners(store: Store, tags: Sequence[str], posts: int) -> Iterator[Item]:
    pages = store.tagged(tags, posts)
    handles = dict.fromkeys(post.handle for page in pages.values() for post in page)
    return (Item("profile", h, wanted=OWNER_POSTS, pictures=0) for h in handles if h)


def _pictures(counts: Counts, without: Sequence[ItemState]) -> int:
    pictures = ((state, n) for (kind, state), n in counts.items() if kind == "picture")
    return sum(n for state, n in pictures if state not in without)


def _unknown(handle: str) -> UnknownAccount:
    return UnknownAccount(
        f"There is no account @{handle}.",
        means="It was removed or renamed, or its name is misspelled.",
        do="Check the handle.",
    )
