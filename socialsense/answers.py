"""What the product answers with: ranked photos and hashtags, predictions, and how these fared.

All are frozen; reading a property never does I/O. Times are in UTC. Rates are fractions
(0.02 is 2 %); scores are in the unit of the mode.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from socialsense.types import CautionKind, Mode

if TYPE_CHECKING:
    from socialsense.arrays import Float32, Float64

Verdict = Literal[
    "likely above usual", "likely below usual", "no clear effect", "not enough evidence"
]
CLEAR = 0.6
"""Probability from which one photo is called better than another."""
LIKELY = 0.9
"""Probability from which a hashtag's effect is called likely."""
LEVEL = 0.05
"""How often a test may see an effect where there is none."""
MIN_OUTCOMES = 5
"""Outcomes from which a track record says anything."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Something about a photo, in words, and what it adds to its score (negative: takes away)."""

    words: str
    effect: float


@dataclass(frozen=True, slots=True)
class RankedImage:
    """A candidate photo, by expected popularity.

    `percentile` (0 to 100) places its score among the account's own posts; None when the
    account has too few posts with a picture. `model_percentile` places it among the photos
    the model knows. `beats_next`: probability that it gets more likes than the photo ranked
    after it, if one account posts both; None for the last. `reasons`: the three strongest.
    """

    name: str
    sha256: str
    rank: int
    score: float
    percentile: float | None
    model_percentile: float
    beats_next: float | None
    reasons: tuple[Reason, ...] = ()

    @property
    def too_close(self) -> bool:
        """Whether the photo ranked after it might as well be the better one."""
        return self.beats_next is not None and self.beats_next < CLEAR


@dataclass(frozen=True, slots=True)
class Retrained:
    """A ranking learned from an account's own posts, against the shipped one.

    `own`, `shipped`: share of the `pairs` of its later posts each gets right, fitted to the
    earlier ones. `kept`: whether the own one won and is used from now on.
    """

    handle: str
    posts: int
    pairs: int
    own: float
    shipped: float
    kept: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """One top post behind a hashtag's score: its lift, and the weight its similarity gives it.

    `lift`: how far it went beyond its account's usual rate, as the mode reckons (a difference
    of rates, or of their logarithms). `owner` stands for the account, which stays unnamed;
    `owner_posts`: other posts that say what is usual for it.
    """

    pk: str
    owner: int
    followers: int
    owner_posts: int
    similarity: float
    rate: float
    usual_rate: float
    lift: float
    image_sha256: str
    source: str


@dataclass(frozen=True, slots=True)
class RankedHashtag:
    """A hashtag and what its top posts say about it, in the unit of the mode.

    `score` = `trust` · (`raw` − `correction`): `raw`, the average lift weighted by similarity;
    `correction`, what pages of top posts show by selection alone; `trust`, the share of the
    rest that so much evidence deserves. `low`, `high`: its 80 % interval, `helps`: how likely it
    is above 0; None with fewer than three accounts. `similarity`, `lift`: plain averages.
    `support`: posts, `accounts`: accounts behind it. `habit`: share of the account's own posts
    that carry it, the latest counting most. `draws` (D,): joint draws of all hashtags' scores.
    """

    tag: str
    score: float
    low: float | None
    high: float | None
    similarity: float
    lift: float
    support: int
    evidence: tuple[Evidence, ...] = ()
    helps: float | None = None
    accounts: int = 0
    raw: float = 0.0
    correction: float = 0.0
    trust: float = 1.0
    habit: float = 0.0
    caution: CautionKind | None = None
    draws: Float32 | None = field(default=None, compare=False, repr=False)

    @property
    def verdict(self) -> Verdict:
        """What the evidence allows to say."""
        if self.helps is None:
            return "not enough evidence"
        if self.helps >= LIKELY:
            return "likely above usual"
        return "likely below usual" if self.helps <= 1 - LIKELY else "no clear effect"


@dataclass(frozen=True, slots=True)
class HashtagSet:
    """The hashtags chosen for one post and the average of their scores."""

    hashtags: tuple[RankedHashtag, ...]

    @property
    def tags(self) -> tuple[str, ...]:
        """Keys, in the order chosen."""
        return tuple(item.tag for item in self.hashtags)

    @property
    def score(self) -> float:
        """Mean of the scores; 0 for the empty set, which changes nothing."""
        if not self.hashtags:
            return 0.0
        return sum(item.score for item in self.hashtags) / len(self.hashtags)

    @property
    def text(self) -> str:
        """As it is pasted into a caption."""
        return " ".join(f"#{tag}" for tag in self.tags)


@dataclass(frozen=True, slots=True)
class Change:
    """One hashtag of a set dropped, or swapped for another, and what that does.

    `effect`: on the forecast, in the unit of the mode (log engagement, or a rate), with its
    80 % interval; `helps`: how likely it is for the better.
    """

    drop: str
    add: str | None
    effect: float
    low: float
    high: float
    helps: float


@dataclass(frozen=True, slots=True)
class PhotoHashtags:
    """Scores of the same hashtags for several photos: `scores` (photos, hashtags)."""

    photos: tuple[str, ...]
    tags: tuple[str, ...]
    scores: Float64


@dataclass(frozen=True, slots=True)
class Prediction:
    """Engagement (likes plus comments) expected of one post.

    `low` and `high` enclose it with probability `coverage`; None with too few past posts.
    `usual_rate`: the account's usual engagement rate, as the `mode` reckons it. `set_score`:
    mean score of the chosen hashtags. `gain`: the factor by which they change the engagement
    expected, with its 80 % interval and the probability `helps` that it is above 1; `photo`:
    the factor of the photo, 1 where nothing is known of it. `history`: past posts behind it.
    """

    handle: str
    followers: int
    usual_rate: float
    set_score: float
    rate: float
    low: float | None
    median: float
    high: float | None
    coverage: float
    history: int
    mode: Mode = "faithful"
    gain: float = 1.0
    gain_low: float | None = None
    gain_high: float | None = None
    helps: float | None = None
    photo: float = 1.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to a post that a prediction was made for.

    `pk`: the stored post; None where a person told. `seen_at`: when the counts were read.
    """

    prediction_id: str
    pk: str | None
    posted_at: datetime | None
    likes: int
    comments: int | None
    seen_at: datetime

    @property
    def engagement(self) -> int:
        """Likes plus comments, likes alone where comments are unknown."""
        return self.likes + (self.comments or 0)


@dataclass(frozen=True, slots=True)
class HashtagEffect:
    """How many times the engagement of an account's other posts those with `tags` got.

    `tags` were always used together; () is any hashtag at all against none. An association,
    at the account's level of the time. `low`, `high`: 95 % interval, for all tested at once.
    """

    tags: tuple[str, ...]
    factor: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether no effect, a factor of 1, lies outside the interval."""
        return not self.low <= 1 <= self.high


@dataclass(frozen=True, slots=True)
class Matter:
    """Whether an account's choice of hashtags went with its engagement, by a permutation test.

    `posts`: those with known likes. `hashtags`: those tested. `p_value`: in (0, 1]; None if
    the history is too little, and then `reason` says why. `detectable`: the factor by which one
    of them would have to multiply engagement to be found about 8 times in 10 at LEVEL.
    """

    posts: int
    hashtags: int
    p_value: float | None
    permutations: int
    detectable: float | None
    strongest: tuple[HashtagEffect, ...]
    reason: str = ""

    @property
    def enough(self) -> bool:
        """Whether there was enough to test."""
        return self.p_value is not None

    @property
    def found(self) -> bool:
        """Whether the test saw an effect."""
        return self.p_value is not None and self.p_value <= LEVEL


@dataclass(frozen=True, slots=True)
class Record:
    """How predictions have fared so far.

    `inside`: outcomes within their range, of the `ranges` that have one; `expected_inside`: the
    sum of the probabilities those ranges were given. `bias`: the factor by which posts got more
    than predicted (geometric mean); `error`: the factor, up or down, that half of the outcomes
    lie within. `rank_hits`: of the `pairs` of outcomes of one account, those where the post
    predicted higher got more. Each `low` and `high` is an interval of confidence `level`.
    What cannot be said is None; `enough`: whether the figures say anything yet.
    """

    predictions: int
    outcomes: int
    ranges: int
    inside: int
    expected_inside: float
    inside_low: float | None
    inside_high: float | None
    bias: float | None
    bias_low: float | None
    bias_high: float | None
    error: float | None
    pairs: int
    rank_hits: int
    level: float
    enough: bool
