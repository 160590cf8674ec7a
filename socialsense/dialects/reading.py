"""What was read of a page, and the draft that dialects write it into."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from socialsense.dialects.changed import changed
from socialsense.dialects.fields import Node, text
from socialsense.types import Post, Profile

PageKind = Literal["post", "hashtag", "profile", "search"]
Gone = Literal["missing", "gated"]

_KINDS: tuple[PageKind, ...] = ("post", "hashtag", "profile", "search")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page told, in its order; a post that stood there twice is here once.

    Attributes:
        kind: what the page is about.
        profiles: accounts whose followers it told.
        posts: without those left out.
        cursor: asks for the next page; None at the end.
        more: whether the page says that posts follow.
        left_out: advertisements and suggested posts.
        owners: handles by pk, of those whose posts or profile these are.
        sizes: posts that carry a hashtag on the whole platform, by its key.
        gone: the page says that what was asked for is not there, or not for this visitor.
    """

    kind: PageKind
    profiles: tuple[Profile, ...] = ()
    posts: tuple[Post, ...] = ()
    cursor: str | None = None
    more: bool = False
    left_out: int = 0
    owners: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    gone: Gone | None = None


@dataclass(slots=True)
class Draft:
    """A reading while it is written."""

    fetched_at: datetime
    source: str
    kinds: set[PageKind] = field(default_factory=set)
    profiles: dict[str, Profile] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    cursor: str | None = None
    more: bool = False
    listed: bool = False
    left_out: int = 0
    gone: Gone | None = None

    def profile(
        self, user: Node, pk: str | None, followers: int | None, posts_count: int | None
    ) -> None:
        """Keeps an account; the first telling stands. All dialects spell its names alike."""
        handle = text(user.get("username")) or ""
        told = Profile(
            handle=handle,
            followers=followers,
            posts_count=posts_count,
            fetched_at=self.fetched_at,
            source=self.source,
            private=user.get("is_private") is True,
            name=text(user.get("full_name")),
        )
        self.profiles.setdefault(handle, told)
        self.owner(pk, handle)

    def owner(self, pk: str | None, handle: str | None) -> None:
        """Keeps whose handle a pk is."""
        if pk and handle:
            self.owners.setdefault(pk, handle)

    def post(self, post: Post) -> None:
        """Keeps a post; pages overlap, so the first telling stands."""
        self.posts.setdefault(post.pk, post)

    def listing(self, entries: int, *, more: bool, cursor: str | None, seen: Any) -> None:
        """Where a list of posts goes on. An empty one beside another changes nothing."""
        self.listed = True
        if more and cursor is None:
            raise changed("A list of posts goes on, but does not say where.", seen)
        if entries or more:
            self.more, self.cursor = more, cursor if more else None

    def finish(self, seen: Any) -> Reading:
        """The reading. Raises PageChanged where nothing, or no post, was told as it should be."""
        if not self.kinds:
            raise changed("Nothing in an answer of Instagram is known.", seen)
        if not self.posts and not self.left_out and self._expects_posts():
            raise changed("A page of Instagram should hold posts, and none was found.", seen)
        return Reading(
            kind=next(kind for kind in _KINDS if kind in self.kinds),
            profiles=tuple(self.profiles.values()),
            posts=tuple(self.posts.values()),
            cursor=self.cursor,
            more=self.more,
            left_out=self.left_out,
            owners=self.owners,
            sizes=self.sizes,
            gone=self.gone,
        )

    def _expects_posts(self) -> bool:
        """More is said to follow, or a public account has posts and its list shows none."""
        public = (item for item in self.profiles.values() if not item.private)
        return self.more or (self.listed and any(item.posts_count for item in public))


@dataclass(frozen=True, slots=True)
class Root:
    """A key under which the site answers, and how to read what stands there.

    `claims` and `read` take the object that holds the key, then the key's value.
    """

    kind: PageKind
    read: Callable[[Node, Any, Draft], None]
    claims: Callable[[Node, Any], bool] = lambda _parent, _value: True
