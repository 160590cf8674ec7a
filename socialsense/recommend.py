"""The way of one request: photos in order, hashtags for one of them, the engagement to expect.

A recommendation reads only the store: same store, same photos, same answer. What it
computes about a picture is kept there, under the picture's SHA-256, for next time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Self

import numpy as np

from socialsense import parts
from socialsense.accounts import Account, find_account
from socialsense.answers import (
    Change,
    HashtagSet,
    Matter,
    PhotoHashtags,
    Prediction,
    RankedHashtag,
    RankedImage,
)
from socialsense.arrays import Float32
from socialsense.caution import load_caution
from socialsense.choosing import changes, choose, draws_of
from socialsense.decode import Look
from socialsense.engagement import (
    EngagementModel,
    grown_up,
    load_engagement,
    log_rates,
    predict_calibrated,
    predict_faithful,
)
from socialsense.errors import ModelError, SocialsenseError
from socialsense.evidence import Gathered, candidate_pages, gather
from socialsense.hashtags import (
    formula_of,
    pool_of,
    rank_by_evidence,
    score_photos,
)
from socialsense.histories import days_of
from socialsense.permutation import hashtags_matter
from socialsense.photo_scores import effect_of, in_order
from socialsense.platforms import hashtag_limit
from socialsense.sets import habits
from socialsense.settings import DEFAULT_POPULARITY, Settings
from socialsense.store import Store
from socialsense.types import Denominator, Embedder, Image, Mode, PopularityModel
from socialsense.usual import usual_level
from socialsense.vectors import Vectors


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
        return find_account(self.store, handle)

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
        return in_order(images, judged, model, own)

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
        return choose(hashtags, limit)

    def changes(
        self, chosen: HashtagSet, hashtags: Sequence[RankedHashtag], mode: Mode | None = None
    ) -> tuple[Change, ...]:
        """What dropping or swapping one hashtag of a set does to the forecast."""
        calibrated = (mode or self.settings.mode) == "calibrated"
        return changes(chosen, hashtags, self.engagement if calibrated else None)

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
        followers = account.profile.followers
        if self.popularity_name != DEFAULT_POPULARITY or not followers:
            return 0.0
        model = self._model.of_account(account.profile.handle)
        posts = [p for p in grown_up(account.posts) if p.image_sha256 and p.likes is not None]
        judged = self._judged_by(model).of_stored(post.image_sha256 or "" for post in posts)
        posts = [post for post in posts if post.image_sha256 in judged]
        y = log_rates(posts, followers)
        return effect_of(
            float(self._judged_by(model).of_images([image])[image.sha256][0]),
            np.array([judged[post.image_sha256 or ""][0] for post in posts], dtype=np.float64),
            np.array(y),
            usual_level(y, self.engagement.curve(followers)).sd,
            self.engagement.photo,
        )

    def hashtags_matter(self, account: Account) -> Matter:
        """Whether the account's choice of hashtags went with its engagement (see `permutation`)."""
        posts = grown_up(post for post in account.posts if not post.pinned)
        counted = [post for post in posts if post.engagement is not None]
        return hashtags_matter(
            np.log([(post.engagement or 0) + 0.5 for post in counted]),
            np.array([days_of(post.taken_at) for post in counted]),
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

    def _gather(self, account: Account, extra: Sequence[str], mode: Mode) -> Gathered:
        """Candidates with evidence, and all of `extra`, with their posts."""
        top = self.settings.top_posts
        handle, limit = account.profile.handle, self.settings.candidates
        pages = candidate_pages(self.store, handle, limit, top, extra)
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
