"""Which stored post followed a prediction, so that what happened can be held against it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from math import inf

import numpy as np

from socialsense.answers import Outcome
from socialsense.decode import Look
from socialsense.store import RecordedPrediction, Store, Tracked
from socialsense.types import Embedder, Post
from socialsense.vectors import Vectors

WINDOW = timedelta(days=90)
"""A post follows a prediction within this time."""
MATURE = timedelta(days=7)
"""Age from which a post's counts say how it did."""
SAME_PHOTO = {"hashtag": 0.975, "color": 0.975, "siamese": 0.999}
"""Least cosine of two vectors that show one photo, by embedder; others know a file alone.

Measured on the demo: of 96 photos saved again as JPEG (quality 60 to 85, also at 1080 and 640
pixels) every one is recognised; cut by up to a tenth of a side, 97 to 100 % (`siamese` 65 to
96 %); cut to a square, 67 to 89 %. Of 61,438 pairs of photos that are not cut from one original
none is taken for the same: the nearest have 0.974, 0.956 and 0.99896. Different cuts of one
original count as one photo in 67, 49 and 15 % of cases.
"""

Alike = dict[tuple[str, str], float]
"""Pairs of pictures that show one photo, and how alike they are; infinity for one file."""


def match_outcomes(store: Store, embedder: Embedder) -> int:
    """Keep the outcomes of predictions whose posts are stored; gives how many are new or newer.

    The post has the account and the photo of the prediction and was posted up to WINDOW after
    it; its counts were read once it was MATURE. It speaks for one prediction: the one whose
    photo is nearest, then the one with the most hashtags in common, then the latest. What a
    person told takes the post's place: such a prediction comes first and keeps its outcome.
    Asked again with nothing new stored it writes nothing.
    """
    accounts: dict[str, list[Tracked]] = {}
    for item in store.outcomes():
        accounts.setdefault(item.recorded.handle, []).append(item)
    found = [
        outcome
        for handle, items in accounts.items()
        for outcome in _of_account(store, embedder, items, store.posts(handle))
    ]
    if found:
        with store.transaction():
            for outcome in found:
                store.put_outcome(outcome)
    return len(found)


def _of_account(
    store: Store, embedder: Embedder, items: Sequence[Tracked], posts: Sequence[Post]
) -> list[Outcome]:
    """What is new about one account's predictions."""
    known = {t.outcome.pk: t.outcome for t in items if t.outcome and t.outcome.pk}
    told = {t.recorded.id for t in items if t.outcome and not t.outcome.pk}
    waiting = [t.recorded for t in items if not t.outcome or t.recorded.id in told]
    free = [post for post in posts if post.pk not in known and post.kind != "video"]
    pairs = [
        (known[post.pk].prediction_id, post)
        for post in posts
        if post.pk in known and post.fetched_at > known[post.pk].seen_at
    ]
    followed = _followed(store, embedder, waiting, free, told)
    pairs += [(recorded.id, post) for recorded, post in followed if recorded.id not in told]
    found = (_outcome(store, prediction_id, post) for prediction_id, post in pairs)
    return [o for o in found if o and (o.pk not in known or o.seen_at > known[o.pk].seen_at)]


def _outcome(store: Store, prediction_id: str, post: Post) -> Outcome | None:
    """What a post got, once its likes were read when it was mature."""
    if post.likes is None or post.fetched_at < post.taken_at + MATURE:
        return None
    # Likes may have been hidden since: the counts are as old as the last look that saw them.
    seen = [o.observed_at for o in store.observations(post.pk) if o.likes is not None]
    if seen[-1] < post.taken_at + MATURE:
        return None
    return Outcome(prediction_id, post.pk, post.taken_at, post.likes, post.comments, seen[-1])


def _followed(
    store: Store,
    embedder: Embedder,
    waiting: Sequence[RecordedPrediction],
    posts: Iterable[Post],
    told: Collection[str],
) -> list[tuple[RecordedPrediction, Post]]:
    """Predictions and the posts that followed them, the earliest post choosing first.

    Counts that are not mature yet choose as well: later ones must not change the choice.
    """
    near = [p for p in posts if p.image_sha256 and any(_in_time(r, p) for r in waiting)]
    pictures = {post.image_sha256 for post in near if post.image_sha256}
    alike = _same_photos(store, embedder, {r.image_sha256 for r in waiting}, pictures)
    left = list(waiting)
    followed = []
    for post in sorted(near, key=lambda post: (post.taken_at, post.pk)):
        picture, tags = post.image_sha256 or "", set(post.hashtags)
        fitting = [
            (alike[r.image_sha256, picture], r.id in told, len(tags & {*r.tags}), r.made_at, r.id)
            for r in left
            if (r.image_sha256, picture) in alike and _in_time(r, post)
        ]
        if fitting:
            best = next(r for r in left if r.id == max(fitting)[-1])
            left.remove(best)
            followed.append((best, post))
    return followed


def _in_time(recorded: RecordedPrediction, post: Post) -> bool:
    return recorded.made_at < post.taken_at <= recorded.made_at + WINDOW


def _same_photos(
    store: Store, embedder: Embedder, uploads: Collection[str], pictures: Collection[str]
) -> Alike:
    """Of uploads and posts' pictures, by SHA-256; the latter are looked at where necessary."""
    same = {(sha, sha): inf for sha in pictures if sha in uploads}
    rest = sorted(sha for sha in pictures if sha not in uploads)
    least = SAME_PHOTO.get(embedder.model_id.partition("/")[0])
    known = store.embeddings(embedder.model_id, uploads) if rest and least else {}
    if not known or not least:
        return same
    vectors = Vectors(store, embedder.model_id, embedder.embed, Look.of(embedder))
    seen = vectors.of_stored(rest)
    if not seen:
        return same
    cosines = np.stack(list(known.values())) @ np.stack(list(seen.values())).T
    names = (list(known), list(seen))
    for row, column in np.argwhere(cosines >= least):
        same[names[0][row], names[1][column]] = float(cosines[row, column])
    return same
