"""What a person asks to be collected, as things to read: each plan grows from what was found.

A plan reads the store and nothing else: after a restart it goes on as if nothing had been.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from socialsense.collect.common import COMMON
from socialsense.collect.plan import Counts, Plan
from socialsense.errors import InputError, PrivateAccount, UnknownAccount, Withheld
from socialsense.evidence import candidate_tags, seed_tags
from socialsense.types import Item, ItemState, Post

if TYPE_CHECKING:
    from socialsense.store import Store

OWN_POSTS = 36
"""Of the account itself: more than its usual engagement is made of."""
OWNER_POSTS = 12
"""Of a top post's account: what its page shows at once."""

GRID, TOP = 12, 24
"""Posts that Instagram shows at once: of an account, of a hashtag."""

_LOST: tuple[ItemState, ...] = ("gone", "private", "gated")


@dataclass(frozen=True)
class ForHandle(Plan):
    """All that a recommendation for an account needs.

    Its posts, then the top posts of its hashtags and of related ones, then the accounts behind
    those: followers and usual engagement.
    """

    use = "handle"

    handle: str
    hashtags: int = 30
    posts: int = 9

    @property
    def key(self) -> str:
        """By the account."""
        return f"handle:{self.handle}"

    def items(self, store: Store) -> Iterator[Item]:
        """The account; its hashtags; related ones; their owners. Raises AccountError, Withheld.

        Each from pages of this job alone: what lies in the store from earlier may lead elsewhere.
        """
        yield Item("profile", self.handle, OWN_POSTS)
        states = {item.name: item.state for item in store.items_of(self.key, ["profile"])}
        if states.get(self.handle) == "gone":
            raise _unknown(self.handle)
        if states.get(self.handle) == "gated":
            raise _withheld(self.handle)
        if states.get(self.handle) == "private":
            raise private_account(self.handle)
        if states.get(self.handle) == "done":
            tags = seed_tags(store, self.handle, self.hashtags)
            if _read(store, self.key).issuperset(tags):
                tags = candidate_tags(store, self.handle, self.hashtags, self.posts)
            yield from _pages(tags, self.posts)
            yield from _owners(store, self.key, tags, self.posts)

    def requests(self) -> int:
        """Own pages, hashtags' pages, one page for each owner."""
        own = _in_pages(OWN_POSTS, GRID)
        return own + self.hashtags * (_in_pages(self.posts, TOP) + self.posts)


@dataclass(frozen=True)
class ForHashtags(Plan):
    """Hashtags' top posts, and the accounts behind them."""

    use = "hashtag"

    tags: tuple[str, ...]
    posts: int = 9

    @property
    def key(self) -> str:
        """By the hashtags."""
        return "hashtag:" + _short(self.tags)

    def items(self, store: Store) -> Iterator[Item]:
        """The pages, then who is behind them."""
        yield from _pages(self.tags, self.posts)
        yield from _owners(store, self.key, self.tags, self.posts)

    def requests(self) -> int:
        """Hashtags' pages, one page for each owner."""
        return len(self.tags) * (_in_pages(self.posts, TOP) + self.posts)


@dataclass(frozen=True)
class ForDataset(Plan):
    """Pictures with the hashtags they carry, from hashtags' pages, evenly as far as they reach."""

    use = "dataset"

    images: int
    tags: tuple[str, ...] = COMMON

    @property
    def key(self) -> str:
        """By the hashtags: a larger number goes on where a smaller one ended."""
        return "dataset:" + _short(self.tags)

    def items(self, store: Store) -> Iterator[Item]:
        """The same share from each hashtag; then, from those that go on, more.

        A share counts posts, of which some have no picture of use or were met before. To go on
        behind what was read a page is opened anew, so that had better be for as much again.
        """
        pages = {item.name: item for item in store.items_of(self.key, ["hashtag"])}
        known = {tag: pages.get(tag, Item("hashtag", tag, pictures=0)) for tag in self.tags}
        dealt = {
            tag: page.pictures or 0
            for tag, page in known.items()
            if tag not in pages or _goes_on(page)
        }
        room = self.room(store.count_items(self.key))
        for place, tag in enumerate(sorted(dealt, key=dealt.__getitem__)[:room]):
            upto = dealt[tag] + room // len(dealt) + (place < room % len(dealt))
            if upto > known[tag].posts:
                upto = max(upto, 2 * dealt[tag])
            yield Item("hashtag", tag, wanted=upto, pictures=upto)

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
        plan: Plan = TypeAdapter(_PLANS[said.pop("use")]).validate_python(said)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            "A job cannot be begun anew.",
            means="What it was asked for cannot be read.",
            do="Ask for it again.",
        ) from error
    return plan


_PLANS: dict[str | None, type[Plan]] = {
    plan.use: plan for plan in (ForHandle, ForHashtags, ForDataset)
}


def _short(tags: Sequence[str]) -> str:
    """Readable for a few hashtags, a hash for many."""
    text = " ".join(tags)
    return text if len(text) <= 60 else hashlib.sha256(text.encode()).hexdigest()[:12]


def _in_pages(posts: int, size: int) -> int:
    return -(-posts // size)


def _pages(tags: Iterable[str], posts: int) -> Iterator[Item]:
    return (Item("hashtag", tag, wanted=posts, pictures=posts) for tag in tags)


def _read(store: Store, job: str) -> set[str]:
    """The hashtags whose pages a job has seen, or will not."""
    return {item.name for item in store.items_of(job, ["hashtag"]) if item.state != "waiting"}


def _owners(store: Store, job: str, tags: Sequence[str], posts: int) -> Iterator[Item]:
    read = _read(store, job)
    pages = store.tagged([tag for tag in tags if tag in read], posts)
    handles = dict.fromkeys(post.handle for page in pages.values() for post in page)
    return (Item("profile", h, wanted=OWNER_POSTS, pictures=0) for h in handles if h)


def _pictures(counts: Counts, without: Sequence[ItemState]) -> int:
    pictures = ((state, n) for (kind, state), n in counts.items() if kind == "picture")
    return sum(n for state, n in pictures if state not in without)


def _goes_on(page: Item) -> bool:
    """Whether there are posts beyond those whose pictures were dealt out."""
    more = page.cursor is not None or (page.pictures or 0) < page.posts
    return page.state in ("waiting", "done") and more


def _withheld(handle: str) -> Withheld:
    return Withheld(
        f"Instagram does not show @{handle} here.",
        means="It withholds the account by region, by age or by law.",
        do="Collect another account.",
    )


def private_account(handle: str) -> PrivateAccount:
    """What is said of an account whose posts nobody sees."""
    return PrivateAccount(
        f"@{handle} is a private account.",
        means="Its posts cannot be read, so its usual engagement stays unknown.",
        do="Make the account public, or choose another handle.",
    )


def _unknown(handle: str) -> UnknownAccount:
    return UnknownAccount(
        f"There is no account @{handle}.",
        means="It was removed or renamed, or its name is misspelled.",
        do="Check the handle.",
    )
