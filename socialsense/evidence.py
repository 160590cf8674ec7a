"""Top posts as evidence: whose, how far beyond their account's usual, how similar to a photo.

Only posts count that have a stored picture, visible likes and an owner of whom enough is
known. Under one hashtag a picture of one account counts once, however often it was posted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log
from typing import TYPE_CHECKING

import numpy as np

from socialsense.answers import Evidence
from socialsense.arrays import Float32, FloatArray
from socialsense.engagement import engagement_rate, grown_up, log_rates, usual_rate
from socialsense.hashtags import COMMON_HASHTAGS, related_hashtags
from socialsense.types import DEMO, Mode, Post, Profile
from socialsense.usual import MAX_POSTS, MIN_OTHERS, Curve, near, usual_level

if TYPE_CHECKING:
    from socialsense.store import Store
    from socialsense.vectors import Vectors


@dataclass(frozen=True, slots=True)
class Gathered:
    """Posts behind hashtags, not yet compared with a photo.

    `evidence` (N) has similarity 0; `vectors` (N, D) are their pictures'; `posts_of` names each
    hashtag's posts by place.
    """

    evidence: tuple[Evidence, ...]
    vectors: Float32
    posts_of: Mapping[str, Sequence[int]]

    def seen_from(self, similarity: FloatArray) -> tuple[Evidence, ...]:
        """The same with the similarity (N,) of each to a photo."""
        return tuple(
            replace(item, similarity=float(weight))
            for item, weight in zip(self.evidence, similarity, strict=True)
        )


def seed_tags(store: Store, handle: str, limit: int) -> tuple[str, ...]:
    """Up to `limit` hashtags of the account's own, most used first; common ones without any."""
    own = tuple(tag for tag, _ in store.hashtags_used(handle))
    return (own or COMMON_HASHTAGS)[:limit]


def candidate_tags(store: Store, handle: str, limit: int, top: int) -> tuple[str, ...]:
    """Up to `limit` hashtags: those of `seed_tags`, then related ones.

    Related are those in captions of the first `top` posts of the seeds' pages.
    """
    seeds = seed_tags(store, handle, limit)
    if len(seeds) == limit:
        return seeds
    pages = store.tagged(seeds, top, demo=_in_demo(store, handle))
    captions = store.hashtags_of([post.pk for page in pages.values() for post in page])
    return seeds + related_hashtags(seeds, captions.values(), limit - len(seeds))


def candidate_pages(
    store: Store, handle: str, limit: int, top: int, extra: Sequence[str] = ()
) -> dict[str, tuple[Post, ...]]:
    """Top posts of the candidate hashtags, and of `extra` ones, that have any."""
    tags = candidate_tags(store, handle, limit, top)
    return store.tagged((*tags, *extra), top, demo=_in_demo(store, handle))


def _in_demo(store: Store, handle: str) -> bool:
    """Whether an account is the demo's: then its evidence is, and else none of it."""
    profile = store.profile(handle)
    return profile is not None and profile.source == DEMO


def gather(
    store: Store,
    embeddings: Vectors,
    pages: Mapping[str, Sequence[Post]],
    mode: Mode,
    curve: Curve,
    history: int,
) -> Gathered:
    """The usable posts of hashtags' pages; `history`: posts of the mean rate of 2020."""
    posts = list({post.pk: post for page in pages.values() for post in page}.values())
    found = _with_lifts(store, posts, mode, curve, history)
    pictures = embeddings.of_stored(posts[place].image_sha256 or "" for place in found)
    evidence = tuple(item for item in found.values() if item.image_sha256 in pictures)
    places = {item.pk: place for place, item in enumerate(evidence)}
    vectors = [pictures[item.image_sha256] for item in evidence]
    return Gathered(
        evidence,
        np.stack(vectors) if vectors else np.empty((0, 0), dtype=np.float32),
        {
            tag: _once(evidence, [places[post.pk] for post in page if post.pk in places])
            for tag, page in pages.items()
        },
    )


def _once(evidence: Sequence[Evidence], places: Sequence[int]) -> list[int]:
    """Without an account's second post of one picture."""
    first: dict[tuple[int, str], int] = {}
    for place in places:
        first.setdefault((evidence[place].owner, evidence[place].image_sha256), place)
    return list(first.values())


def _with_lifts(
    store: Store, posts: Sequence[Post], mode: Mode, curve: Curve, history: int
) -> dict[int, Evidence]:
    """By place in `posts`, those whose lift is known."""
    profiles = store.profiles_of({post.handle for post in posts if post.handle})
    last = history if mode == "faithful" else MAX_POSTS + 1
    recent = store.countable_posts(list(profiles), last)
    owners: dict[str, int] = {}
    found = {}
    for place, post in enumerate(posts):
        profile = profiles.get(post.handle or "")
        if profile is None or post.image_sha256 is None:
            continue
        usual = _usual(post, profile, recent.get(profile.handle, ()), mode, curve, history)
        rate = engagement_rate(post, profile.followers)
        if usual is None or rate is None:
            continue
        usual_rate_, behind, lift = usual
        found[place] = Evidence(
            pk=post.pk,
            owner=owners.setdefault(profile.handle, len(owners)),
            followers=profile.followers or 0,
            owner_posts=behind,
            similarity=0.0,
            rate=rate,
            usual_rate=usual_rate_,
            lift=lift,
            image_sha256=post.image_sha256,
            source=post.source,
        )
    return found


def _usual(
    post: Post, profile: Profile, recent: Sequence[Post], mode: Mode, curve: Curve, history: int
) -> tuple[float, int, float] | None:
    """The owner's usual rate, posts behind it, and the post's lift; None where unknown.

    Calibrated: from the owner's other posts, those nearest in time counting most; a picture
    posted again is no other post.
    """
    followers = profile.followers
    if not followers or post.engagement is None:
        return None
    if mode == "faithful":
        mean = usual_rate(recent, followers, history)
        if mean is None:
            return None
        return mean, len(recent), post.engagement / followers - mean
    others = near(post, _other_pictures(post, grown_up(recent)))
    if len(others) < MIN_OTHERS or not grown_up([post]):
        return None
    level = usual_level(log_rates(others, followers), curve(followers))
    return exp(level.mean), level.posts, log((post.engagement + 0.5) / followers) - level.mean


def _other_pictures(post: Post, recent: Sequence[Post]) -> list[Post]:
    """Posts of other pictures, each picture once; those without one all count."""
    seen = {post.image_sha256}
    kept = []
    for other in recent:
        if other.image_sha256 is None or other.image_sha256 not in seen:
            kept.append(other)
            seen.add(other.image_sha256)
    return kept
