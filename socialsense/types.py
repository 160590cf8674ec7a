"""The words of the product: what crosses a border between two parts.

All are frozen; reading a property never does I/O. Times are in UTC. What the product
answers with stands in `answers`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar, runtime_checkable

from socialsense.hashtag_text import find_hashtags

if TYPE_CHECKING:
    from PIL import Image as PILImage

    from socialsense.arrays import Float32, Float64, FloatArray

T = TypeVar("T")
DEMO = "demo"
"""The source of fictional accounts: its posts are no evidence for others, nor theirs for it."""
PostKind = Literal["image", "carousel", "video"]
Denominator = Literal["weight", "count"]
JobState = Literal["queued", "running", "waiting", "done", "failed", "cancelled"]
ItemKind = Literal["profile", "hashtag", "picture"]
ItemState = Literal["waiting", "done", "retry", "changed", "gone", "private", "gated"]
"""Still to be read; read as far as wanted; failed so often that others go first; in a shape that
is not known; not there; not public; withheld from this visitor."""
Mode = Literal["calibrated", "faithful"]
"""Of the one formula: today's, or that of 2020. Scores are differences of log engagement in the
first, of engagement rates in the second."""
CautionKind = Literal["generic", "banned", "sensitive"]


@dataclass(frozen=True, slots=True)
class Profile:
    """An account as a visitor sees it; None where the source could not tell."""

    handle: str
    followers: int | None
    posts_count: int | None
    fetched_at: datetime
    source: str
    private: bool = False
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One post. `likes` is None when hidden, `handle` None when the source names no author."""

    pk: str
    shortcode: str
    handle: str | None
    taken_at: datetime
    kind: PostKind
    caption: str | None
    likes: int | None
    comments: int | None
    source: str
    fetched_at: datetime
    image_url: str | None = None
    image_sha256: str | None = None
    pinned: bool = False

    @property
    def hashtags(self) -> tuple[str, ...]:
        """Keys of the hashtags in the caption, in order."""
        return find_hashtags(self.caption)

    @property
    def engagement(self) -> int | None:
        """Likes plus comments (likes alone where comments are unknown); None when hidden."""
        return None if self.likes is None else self.likes + (self.comments or 0)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a listing; `cursor` asks for the next one, None means the end.

    Attributes:
        items: what stands on it, in its order.
        cursor: asks for the next page.
        profiles: accounts whose followers it tells.
        sizes: posts that carry a hashtag on the whole platform, by its key, where it tells.
        payload: what was sent, for `dialects.read.read_answer` to read again; None where that
            is not worth keeping.
    """

    items: tuple[T, ...]
    cursor: str | None = None
    profiles: tuple[Profile, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)
    payload: str | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that came through the door: RGB, upright, without metadata.

    `sha256` is that of the file it came from, so a stored post and an upload of
    the same file share everything computed from it.
    """

    name: str
    sha256: str
    pixels: PILImage.Image = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Card:
    """What a model is, what it was trained on, and what was measured."""

    kind: str
    name: str
    summary: str
    trained_on: str
    licence: str
    weights_sha256: str | None
    metrics: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of long work: where it stands and whether it is alive.

    Attributes:
        key: names it, and what it is about.
        state: "queued" before it began, "waiting" where it goes on by itself at `until`.
        done: things done of `total`; None where the total is not known.
        doing: what it is at, in words.
        error: what stopped it, in words.
        request: JSON that says how to begin it anew; None where nobody needs to.
        until: when a waiting one goes on.
    """

    key: str
    state: JobState
    done: int
    total: int | None
    error: str | None
    started_at: datetime
    heartbeat_at: datetime
    doing: str = ""
    request: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a job collects, and what became of it.

    Attributes:
        kind: an account's posts, a hashtag's page, or one post's picture.
        name: handle, hashtag's key, or pk.
        wanted: posts to read of its listing; None for all.
        pictures: of so many of its first posts the picture is fetched as well; None for all.
        state: see ItemState.
        cursor: asks for the listing's next page; None before the first and after the last.
        posts: posts read so far; the next one's rank.
        tries: failures, or pages with nothing new, since the last success.
        error: why it failed last, in words.
        updated_at: when its state was told last.
    """

    kind: ItemKind
    name: str
    wanted: int | None = None
    pictures: int | None = None
    state: ItemState = "waiting"
    cursor: str | None = None
    posts: int = 0
    tries: int = 0
    error: str | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many of each kind are taken out of the store, or would be.

    Pictures are those that no stored post shows any more.
    """

    profiles: int = 0
    posts: int = 0
    pictures: int = 0
    predictions: int = 0


@dataclass(frozen=True, slots=True)
class Pace:
    """How gently a site is asked.

    Attributes:
        site: whose requests count together.
        seconds: at least so long from one request to the next.
        per_day: requests in any 24 hours.
        patience: seconds before a failed request is tried again; each further failure doubles it.
    """

    site: str
    seconds: float
    per_day: int
    patience: float


class Source(Protocol):
    """Where profiles and posts come from. Pages are short; a cursor continues a listing."""

    name: str

    def posts(self, handle: str, cursor: str | None = None) -> Page[Post]:
        """An account's posts, newest first; the first page tells its profile as well.

        A private account has a profile and no posts. Raises UnknownAccount or SourceError.
        """
        ...

    def tagged(self, tag: str, cursor: str | None = None) -> Page[Post]:
        """A hashtag's top posts, best first; none for one that nobody uses. Raises SourceError."""
        ...

    def post(self, shortcode: str) -> Page[Post]:
        """One post, as it is now. Raises SourceError."""
        ...

    def image(self, post: Post) -> bytes | None:
        """The file of a post's picture; None when there is none to be had. Raises SourceError.

        May be called from several threads.
        """
        ...


@runtime_checkable
class PacedSource(Source, Protocol):
    """A source that asks somebody else's site, and therefore gently."""

    pace: Pace
    admit: Callable[[str], None]
    """Called with what is asked for before each request but a picture's; may wait, or raise."""

    def close(self) -> None:
        """Ends what the questions began."""
        ...


class Embedder(Protocol):
    """Turns pictures into vectors whose similarity means something."""

    model_id: str

    def embed(self, images: Sequence[PILImage.Image]) -> Float32:
        """(N, D) float32, unit rows. No pictures give (0, D)."""
        ...

    def similarity(self, queries: FloatArray, references: FloatArray) -> Float32:
        """(Q, D) and (N, D) to (Q, N), each in [0, 1]."""
        ...


class PopularityModel(Protocol):
    """Judges pictures by the attention they should get.

    For two photos of one account, logistic(difference of scores) is the probability that
    the first gets more likes (RankNet).
    """

    model_id: str
    factors: Sequence[tuple[str, str]]
    """What a score is made of, in words: where a factor adds to it, where it takes away."""

    def judge(self, images: Sequence[PILImage.Image]) -> Float64:
        """(N, 1 + K): the score, then what each of K factors adds to it; K may be 0."""
        ...

    def of_account(self, handle: str) -> PopularityModel:
        """The model for an account: this one, unless one was trained on the account's posts."""
        ...

    def percentile(self, scores: Float64) -> Float64:
        """(N,) scores to the percentage of its own world scoring lower."""
        ...
