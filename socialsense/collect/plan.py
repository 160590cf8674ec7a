"""What a plan is: things to read, and when it is enough. The simplest one names them all."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from socialsense.types import Item, ItemKind, ItemState, Post

if TYPE_CHECKING:
    from socialsense.store import Store

PAGE_FRESH, OWNER_FRESH = timedelta(days=1), timedelta(days=7)
"""An owner is an account of which numbers are wanted and no pictures."""

Counts: TypeAlias = Mapping[tuple[ItemKind, ItemState], int]
"""How many things of a job are in which state."""


class Plan(ABC):
    """What is read, in which order, and when it is enough."""

    @property
    @abstractmethod
    def key(self) -> str:
        """Names the job."""

    use: ClassVar[str | None] = None
    """Names its kind in a request; None where nobody needs to begin it anew."""

    @property
    def request(self) -> str | None:
        """JSON for `plan_of`."""
        return self.use and json.dumps({"use": self.use} | vars(self))

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
