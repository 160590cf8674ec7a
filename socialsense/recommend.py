"""The way of one request: photos in order, hashtags for one of them, the engagement to expect.

A recommendation reads only the store: same store, same photos, same answer. What it
computes about a picture is kept there, under the picture's SHA-256, for next time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

import numpy as np
from scipy.special import expit

from socialsense import parts
from socialsense.arrays import Float32, Float64
from socialsense.caution import load_caution
from socialsense.decode import Look
from socialsense.engagement import (
    EngagementModel,
    grown_up,
    interval_of,
    load_engagement,
    predict_calibrated,
    predict_faithful,
)
from socialsense.errors import ModelError, PrivateAccount, SocialsenseError, UnknownAccount
from socialsense.evidence import Gathered, gather
from socialsense.hashtags import (
    COMMON_HASHTAGS,
    formula_of,
    pool_of,
    rank_by_evidence,
    related_hashtags,
    score_photos,
)
from socialsense.permutation import hashtags_matter
from socialsense.platforms import hashtag_limit
from socialsense.sets import best_set, habits, redundancy, relevance, worth
from socialsense.settings import DEFAULT_POPULARITY, Settings
from socialsense.store import Store
from socialsense.types import (
    Change,
    Denominator,
    Embedder,
    HashtagSet,
    Image,
    Matter,
    Mode,
    PhotoHashtags,
    PopularityModel,
    Post,
    Prediction,
    Profile,
    RankedHashtag,
    RankedImage,
    Reason,
)
from socialsense.vectors import Vectors
from socialsense.votes import membership

if TYPE_CHECKING:
    from scipy.sparse import csr_array

MAX_SCORE = 1.0
"""Photo scores further from the account's own mean count as this far."""
MIN_PERCENTILE_POSTS = 5
REASONS = 3
MIN_EFFECT = 0.05
"""On the scale of scores; smaller ones change a probability by about one per cent."""


@dataclass(frozen=True, slots=True)
class Account:
    """A stored account and its posts, newest first."""

    profile: Profile
    posts: tuple[Post, ...]


class Recommender:
    """Ranks photos and hashtags and predicts engagement, from what the store holds."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        popularity: PopularityModel,
        settings: Settings,
        *,
        engagement: EngagementModel | None = None,
        popularity_problem: SocialsenseError | None = None,
    ) -> None:
        self.store = store
        self.embedder = embedder
        self.settings = settings
        self.engagement = engagement or load_engagement(settings.models_dir)
        self.caution = load_caution(settings.caution)
        self.popularity_id = popularity.model_id
        self._model = popularity
        self.popularity_problem = popularity_problem
        self._embeddings = Vectors(store, embedder.model_id, embedder.embed, Look.of(embedder))
        self._popularity: dict[str, Vectors] = {}

    @classmethod
    def load(cls, store: Store, settings: Settings) -> Self:
        """With the models that the settings name. Raises UnknownPart or ModelError.

        Where the popularity model cannot be loaded the default one stands in, and
        `popularity_problem` says why: its weights may be for the person to fetch.
        """
        embedder = parts.load("embedders", settings.embedder, settings)
        popularity, problem = _popularity(settings)
        return cls(store, embedder, popularity, settings, popularity_problem=problem)

    @property
    def side(self) -> int | None:
        """Pixels that both models look at (see `open_image`); None where one wants them all."""
        sides = (Look.of(self.embedder).side, Look.of(self._model).side)
        return None if None in sides else max(side for side in sides if side)

    @property
    def popularity_name(self) -> str:
        """The part that ranks photos: the one the settings name, or the default in its place."""
        return self.settings.popularity if self.popularity_problem is None else DEFAULT_POPULARITY

    @property
    def max_hashtags(self) -> int:
        """The platform's cap today, unless the settings say otherwise."""
        return self.settings.max_hashtags or hashtag_limit().max_tags

    def account(self, handle: str) -> Account:
        """What is stored about an account. Raises UnknownAccount or PrivateAccount."""
        profile = self.store.profile(handle)
        if profile is None:
            raise UnknownAccount(
                f"Nothing is stored about @{handle}.",
                means="The handle is misspelt, or the account has not been collected yet.",
                do="Check the spelling, or try a demo account such as demo.windmills.",
            )
        if profile.private:
            raise PrivateAccount(
                f"@{handle} is a private account.",
                means="Its posts cannot be read, so its usual engagement stays unknown.",
                do="Make the account public, or choose another handle.",
            )
        return Account(profile, self.store.posts(handle))

    def look_at(self, images: Sequence[Image]) -> None:
        """Compute and keep what both models say of new photos, while their pixels are at hand."""
        self._judged_by(self._model).of_images(images)
        self._embeddings.of_images(images)

    def rank_images(
        self, images: Sequence[Image], account: Account | None = None
    ) -> tuple[RankedImage, ...]:
        """Photos by expected popularity, best first; files with the same content stay apart."""
        if not images:
            return ()
        model = self._model.of_account(account.profile.handle) if account else self._model
        judged = self._judged_by(model).of_images(images)
        own = self._own_scores(account, model) if account else []
        order = sorted(images, key=lambda image: (-judged[image.sha256][0], image.name))
        scores = np.array([judged[image.sha256][0] for image in order], dtype=np.float64)
        known = model.percentile(scores)
        wins = [*expit(scores[:-1] - scores[1:]).tolist(), None]
        return tuple(
            RankedImage(
                name=image.name,
                sha256=image.sha256,
                rank=place + 1,
                score=float(scores[place]),
                percentile=_percentile(float(scores[place]), own),
                model_percentile=float(known[place]),
                beats_next=wins[place],
                reasons=_reasons(judged[image.sha256][1:], model.factors),
            )
            for place, image in enumerate(order)
        )

    def rank_hashtags(
        self,
        image: Image,
        account: Account,
        extra: Sequence[str] = (),
        denominator: Denominator | None = None,
        mode: Mode | None = None,
    ) -> tuple[RankedHashtag, ...]:
        """The candidates for a photo and `extra` hashtags, best first.

        `denominator` of the average (faithful mode alone) and `mode`: those of the settings
        unless given. Candidates without usable evidence are left out; extra ones without any
        close the list, with score 0 and support 0.
        """
        mode = mode or self.settings.mode
        gathered = self._gather(account, extra, mode)
        evidence = gathered.seen_from(self._similarity([image], gathered)[0])
        formula = formula_of(mode, denominator or self.settings.denominator)
        ranked = rank_by_evidence(evidence, gathered.posts_of, formula, self._sizes(gathered))
        used = habits([post.hashtags for post in account.posts])
        return tuple(
            replace(item, habit=used.get(item.tag, 0.0), caution=self.caution.of(item.tag))
            for item in ranked
        )

    def photo_hashtags(
        self, images: Sequence[Image], account: Account, mode: Mode | None = None
    ) -> PhotoHashtags:
        """Scores of all candidates for several photos at once, best on average first."""
        mode = mode or self.settings.mode
        gathered = self._gather(account, (), mode)
        tags = tuple(gathered.posts_of)
        scores = score_photos(
            self._similarity(images, gathered),
            pool_of(gathered.evidence, gathered.posts_of, self._sizes(gathered)),
            tags,
            formula_of(mode, self.settings.denominator),
        )
        order = np.argsort(-scores.sum(axis=0), kind="stable")
        names = tuple(image.name for image in images)
        return PhotoHashtags(names, tuple(tags[i] for i in order), scores[:, order])

    def best_set(
        self, hashtags: Sequence[RankedHashtag], limit: int | None = None, mode: Mode | None = None
    ) -> HashtagSet:
        """The set worth most, of at most `limit` hashtags (default: what the platform takes).

        Faithful: the highest scores. Calibrated: scores less a price for doubt, plus what suits
        the photo and the account, less what two hashtags share (see `sets`).
        """
        limit = limit or self.max_hashtags
        if (mode or self.settings.mode) == "faithful":
            return HashtagSet(tuple(hashtags[:limit]))
        posts_of, similarity = _evidence_of(hashtags)
        value = worth(
            np.array([item.score for item in hashtags]),
            np.array([0.0 if item.draws is None else item.draws.std() for item in hashtags]),
            relevance(similarity, posts_of),
            np.array([item.habit for item in hashtags]),
            [item.caution for item in hashtags],
        )
        chosen = best_set(value, redundancy([item.tag for item in hashtags], posts_of), limit)
        return HashtagSet(tuple(hashtags[i] for i in sorted(chosen)))

    def changes(
        self, chosen: HashtagSet, hashtags: Sequence[RankedHashtag], mode: Mode | None = None
    ) -> tuple[Change, ...]:
        """What dropping each hashtag of a set does, and swapping it for the best one outside.

        The forecast's change, as an effect of the mode; drops in the set's order, then swaps,
        the most promising first. Those outside need evidence and must not be banned.
        """
        slope = self.engagement if (mode or self.settings.mode) == "calibrated" else None
        fit = [item for item in hashtags if item.support and item.caution != "banned"]
        outside = [item for item in fit if item not in chosen.hashtags]
        rival = max(outside, key=lambda item: (item.score, item.similarity), default=None)
        drops, swaps = [], []
        for item in chosen.hashtags:
            rest = [other for other in chosen.hashtags if other != item]
            drops.append(_change(chosen.hashtags, rest, item, None, slope))
            if rival is not None:
                swaps.append(_change(chosen.hashtags, [*rest, rival], item, rival, slope))
        return (*drops, *sorted(swaps, key=lambda change: -change.effect))

    def predict(
        self,
        account: Account,
        chosen: HashtagSet,
        image: Image | None = None,
        mode: Mode | None = None,
    ) -> Prediction:
        """Engagement of the next post with these hashtags and this photo. Raises NoHistory."""
        if (mode or self.settings.mode) == "faithful":
            last = self.settings.history_posts
            return predict_faithful(account.profile, account.posts, chosen, last)
        photo = self.photo_effect(account, image) if image is not None else 0.0
        return predict_calibrated(
            account.profile,
            account.posts,
            chosen,
            draws_of(chosen.hashtags),
            self.engagement,
            photo,
        )

    def photo_effect(self, account: Account, image: Image) -> float:
        """What the photo adds to log engagement, against the account's own posts; 0 if unknown.

        Learned for the default popularity model alone.
        """
        if self.popularity_name != DEFAULT_POPULARITY:
            return 0.0
        model = self._model.of_account(account.profile.handle)
        own = self._own_scores(account, model)
        if len(own) < MIN_PERCENTILE_POSTS:
            return 0.0
        score = float(self._judged_by(model).of_images([image])[image.sha256][0])
        beyond = np.clip(score - np.mean(own), -MAX_SCORE, MAX_SCORE)
        return float(self.engagement.photo * beyond)

    def hashtags_matter(self, account: Account) -> Matter:
        """Whether the account's choice of hashtags went with its engagement (see `permutation`)."""
        posts = grown_up(post for post in account.posts if not post.pinned)
        counted = [post for post in posts if post.engagement is not None]
        return hashtags_matter(
            np.log([(post.engagement or 0) + 0.5 for post in counted]),
            np.array([post.taken_at.timestamp() / 86400 for post in counted]),
            [post.hashtags for post in counted],
        )

    def record(self, prediction: Prediction, image: Image, chosen: HashtagSet) -> None:
        """Keep a prediction, so that it can be held against what happens."""
        self.store.put_prediction(
            image_sha256=image.sha256,
            tags=chosen.tags,
            models={
                "embedder": self.embedder.model_id,
                "popularity": self.popularity_id,
                "engagement": f"{prediction.mode} {self.engagement.model_id[:12]}".strip(),
            },
            prediction=prediction,
            made_at=datetime.now(UTC),
        )

    def _candidates(self, handle: str) -> dict[str, tuple[Post, ...]]:
        """Top posts by hashtag: the account's own hashtags first, then related ones."""
        limit, top = self.settings.candidates, self.settings.top_posts
        own = tuple(tag for tag, _ in self.store.hashtags_used(handle))
        seeds = (own or COMMON_HASHTAGS)[:limit]
        pages = self.store.tagged(seeds, top)
        if len(seeds) < limit:
            captions = self.store.hashtags_of([post.pk for page in pages.values() for post in page])
            related = related_hashtags(seeds, captions.values(), limit - len(seeds))
            pages |= self.store.tagged(related, top)
        return pages

    def _gather(self, account: Account, extra: Sequence[str], mode: Mode) -> Gathered:
        """Candidates with evidence, and all of `extra`, with their posts."""
        pages = self._candidates(account.profile.handle)
        pages |= self.store.tagged([t for t in extra if t not in pages], self.settings.top_posts)
        for tag in extra:
            pages.setdefault(tag, ())
        last = self.settings.history_posts
        found = gather(self.store, self._embeddings, pages, mode, self.engagement.curve, last)
        kept = {tag: rows for tag, rows in found.posts_of.items() if rows or tag in extra}
        return replace(found, posts_of=kept)

    def _similarity(self, images: Sequence[Image], gathered: Gathered) -> Float32:
        """(Q, N) of photos to the posts gathered."""
        if not gathered.evidence or not images:
            return np.zeros((len(images), len(gathered.evidence)), dtype=np.float32)
        vectors = self._embeddings.of_images(images)
        queries = np.stack([vectors[image.sha256] for image in images])
        return self.embedder.similarity(queries, gathered.vectors)

    def _sizes(self, gathered: Gathered) -> dict[str, int]:
        return self.store.hashtag_sizes(gathered.posts_of)

    def _own_scores(self, account: Account, model: PopularityModel) -> list[float]:
        shas = [post.image_sha256 for post in account.posts if post.image_sha256]
        return [float(row[0]) for row in self._judged_by(model).of_stored(shas).values()]

    def _judged_by(self, model: PopularityModel) -> Vectors:
        """What a model says of pictures; kept for each, since accounts may have their own."""
        if model.model_id not in self._popularity:
            self._popularity[model.model_id] = Vectors(
                self.store,
                f"judged by {model.model_id}",
                lambda pictures: model.judge(pictures).astype(np.float32),
                Look.of(model),
            )
        return self._popularity[model.model_id]


def _popularity(settings: Settings) -> tuple[PopularityModel, ModelError | None]:
    """The model that the settings name, or the default one and why it stands in."""
    try:
        return parts.load("popularity", settings.popularity, settings), None
    except ModelError as problem:
        if settings.popularity == DEFAULT_POPULARITY:
            raise
        return parts.load("popularity", DEFAULT_POPULARITY, settings), problem


def sources_of(account: Account, hashtags: Iterable[RankedHashtag]) -> frozenset[str]:
    """Where the data behind an answer came from: the account's own, and all evidence."""
    evidence = {post.source for item in hashtags for post in item.evidence}
    return frozenset({account.profile.source, *evidence})


def draws_of(hashtags: Sequence[RankedHashtag]) -> Float32:
    """(K, D) joint draws of hashtags' scores; (0, 0) for none."""
    drawn = [item.draws for item in hashtags if item.draws is not None]
    return np.stack(drawn) if drawn else np.empty((0, 0), dtype=np.float32)


def _change(
    before: Sequence[RankedHashtag],
    after: Sequence[RankedHashtag],
    drop: RankedHashtag,
    add: RankedHashtag | None,
    model: EngagementModel | None,
) -> Change:
    """`model` gives the slope by which scores count; without one they count in full."""
    slope = 1.0 if model is None else model.slope
    effect = slope * (HashtagSet(tuple(after)).score - HashtagSet(tuple(before)).score)
    drawn = draws_of(before).mean(axis=0)
    others = draws_of(after).mean(axis=0) if after else np.zeros_like(drawn)
    slopes = np.ones(len(drawn)) if model is None else model.slopes(len(drawn))
    low, high, helps = interval_of(slopes * (others - drawn))
    return Change(drop.tag, add.tag if add else None, effect, low, high, helps)


def _evidence_of(hashtags: Sequence[RankedHashtag]) -> tuple[csr_array, Float64]:
    """(T, N) memberships of the posts behind hashtags, and each post's similarity to the photo."""
    posts = {post.pk: post for item in hashtags for post in item.evidence}
    places = {pk: place for place, pk in enumerate(posts)}
    rows = [[places[post.pk] for post in item.evidence] for item in hashtags]
    similarity = np.array([post.similarity for post in posts.values()], dtype=np.float64)
    return membership(rows, len(posts)), similarity


def _reasons(effects: Float32, factors: Sequence[tuple[str, str]]) -> tuple[Reason, ...]:
    """The factors that add or take away most, strongest first; none that hardly matters."""
    strongest = sorted(range(len(factors)), key=lambda k: -abs(effects[k]))[:REASONS]
    return tuple(
        Reason(factors[k][0] if effects[k] > 0 else factors[k][1], float(effects[k]))
        for k in strongest
        if abs(effects[k]) >= MIN_EFFECT
    )


def _percentile(score: float, own: Sequence[float]) -> float | None:
    """Share of the account's own posts scored lower (ties count half), 0 to 100."""
    if len(own) < MIN_PERCENTILE_POSTS:
        return None
    below = sum(other < score for other in own) + sum(other == score for other in own) / 2
    return 100 * below / len(own)
