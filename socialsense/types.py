"""The words of the product: what crosses a border between two parts.

All are frozen; reading a property never does I/O. Times are in UTC. What the product
answers with stands in `answers`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar

from socialsense.hashtag_text import find_hashtags

if TYPE_CHECKING:
    from PIL import Image as PILImage

    from socialsense.arrays import Float32, Float64, FloatArray

T = TypeVar("T")
PostKind = Literal["image", "carousel", "video"]
Denominator = Literal["weight", "count"]
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
    """One page of a listing; `cursor` asks for the next one, None means the end."""

    items: tuple[T, ...]
    cursor: str | None = None


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
    """A piece of long work: where it stands and whether it is alive."""

    key: str
    state: Literal["running", "done", "failed", "cancelled"]
    done: int
    total: int | None
    cursor: str | None
    error: str | None
    started_at: datetime
    heartbeat_at: datetime


class Source(Protocol):
    """Where profiles and posts come from. Pages are short; a cursor continues a listing."""

    name: str

    def profile(self, handle: str) -> Profile:
        """The account. Raises UnknownAccount or SourceError."""
        ...

    def posts(self, handle: str, cursor: str | None = None) -> Page[Post]:
        """Its posts, newest first. Raises PrivateAccount, UnknownAccount or SourceError."""
        ...

    def tagged(self, tag: str, cursor: str | None = None) -> Page[Post]:
        """A hashtag's top posts, best first."""
        ...

    def image(self, post: Post) -> bytes | None:
        """The file of a post's picture; None when there is none to be had."""
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
