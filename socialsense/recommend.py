"""The way of one request: photos in order, hashtags for one of them, the engagement to expect.

A recommendation reads only the store: same store, same photos, same answer. What it
computes about a picture is kept there, under the picture's SHA-256, for next time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import numpy as np
from scipy.special import expit

from socialsense import parts
from socialsense.arrays import Float32
from socialsense.decode import Look
from socialsense.engagement import engagement_rate, predict_engagement, usual_rate
from socialsense.errors import ModelError, PrivateAccount, SocialsenseError, UnknownAccount
from socialsense.hashtags import COMMON_HASHTAGS, rank_by_evidence, related_hashtags
from socialsense.platforms import hashtag_limit
from socialsense.settings import DEFAULT_POPULARITY, Settings
from socialsense.store import Store
from socialsense.types import (
    Denominator,
    Embedder,
    Evidence,
    HashtagSet,
    Image,
    PopularityModel,
    Post,
    Prediction,
    Profile,
    RankedHashtag,
    RankedImage,
    Reason,
)
from socialsense.vectors import Vectors

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
        popularity_problem: SocialsenseError | None = None,
    ) -> None:
        self.store = store
        self.embedder = embedder
        self.settings = settings
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
    ) -> tuple[RankedHashtag, ...]:
        """The candidates for a photo and `extra` hashtags, best first.

        `denominator` of the average: that of the settings unless given.

        Candidates without usable evidence are left out; extra ones without any
        close the list, with score 0 and support 0.
        """
        pages = self._candidates(account.profile.handle)
        pages |= self.store.tagged([t for t in extra if t not in pages], self.settings.top_posts)
        posts = {post.pk: post for page in pages.values() for post in page}
        evidence = self._evidence(image, tuple(posts.values()))
        columns = {item.pk: column for column, item in enumerate(evidence)}
        found = {
            tag: [columns[post.pk] for post in page if post.pk in columns]
            for tag, page in pages.items()
        }
        supported = {tag: rows for tag, rows in found.items() if rows}
        ranked = rank_by_evidence(evidence, supported, denominator or self.settings.denominator)
        unknown = [tag for tag in dict.fromkeys(extra) if tag not in supported]
        return ranked + tuple(RankedHashtag(tag, 0.0, None, None, 0.0, 0.0, 0) for tag in unknown)

    def best_set(self, hashtags: Sequence[RankedHashtag]) -> HashtagSet:
        """The highest scores, as many as the platform takes."""
        return HashtagSet(tuple(hashtags[: self.max_hashtags]))

    def predict(self, account: Account, chosen: HashtagSet) -> Prediction:
        """Engagement of the next post with these hashtags. Raises NoHistory."""
        return predict_engagement(
            account.profile, account.posts, chosen, self.settings.history_posts
        )

    def record(self, prediction: Prediction, image: Image, chosen: HashtagSet) -> None:
        """Keep a prediction, so that it can be held against what happens."""
        self.store.put_prediction(
            image_sha256=image.sha256,
            tags=chosen.tags,
            models={"embedder": self.embedder.model_id, "popularity": self.popularity_id},
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

    def _evidence(self, image: Image, posts: Sequence[Post]) -> tuple[Evidence, ...]:
        """Posts that have a known picture, and an owner whose usual rate is known."""
        usual = self._usual_rates({post.handle for post in posts if post.handle})
        usable = [post for post in posts if post.handle in usual and post.likes is not None]
        vectors = self._embeddings.of_stored(p.image_sha256 for p in usable if p.image_sha256)
        usable = [post for post in usable if post.image_sha256 in vectors]
        if not usable:
            return ()
        query = self._embeddings.of_images([image])[image.sha256]
        references = np.stack([vectors[post.image_sha256 or ""] for post in usable])
        similarity = self.embedder.similarity(query[None, :], references)[0]
        return tuple(
            _evidence_of(post, *usual[post.handle or ""], float(weight))
            for post, weight in zip(usable, similarity, strict=True)
        )

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

    def _usual_rates(self, handles: Iterable[str]) -> dict[str, tuple[int, float]]:
        """Followers and usual rate of each account where both are known."""
        known = {}
        profiles = self.store.profiles_of(handles)
        recent = self.store.countable_posts(list(profiles), self.settings.history_posts)
        for handle, profile in profiles.items():
            rate = usual_rate(
                recent.get(handle, ()), profile.followers, self.settings.history_posts
            )
            if rate is not None and profile.followers:
                known[handle] = (profile.followers, rate)
        return known


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


def _evidence_of(post: Post, followers: int, usual: float, similarity: float) -> Evidence:
    rate = engagement_rate(post, followers) or 0.0
    return Evidence(
        pk=post.pk,
        followers=followers,
        similarity=similarity,
        rate=rate,
        usual_rate=usual,
        lift=rate - usual,
        image_sha256=post.image_sha256 or "",
        source=post.source,
    )


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
