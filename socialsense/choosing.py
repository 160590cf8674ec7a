"""Choosing a set of ranked hashtags: the one worth most, and what a change of it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from socialsense.answers import Change, HashtagSet, RankedHashtag
from socialsense.arrays import Float32, Float64
from socialsense.engagement import EngagementModel, interval_of
from socialsense.sets import best_set, redundancy, relevance, worth
from socialsense.votes import membership

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def choose(hashtags: Sequence[RankedHashtag], limit: int) -> HashtagSet:
    """The set of at most `limit` worth most (see `sets`), in the order given."""
    posts_of, similarity = _posts_behind(hashtags)
    value = worth(
        np.array([item.score for item in hashtags]),
        np.array([0.0 if item.draws is None else float(item.draws.std()) for item in hashtags]),
        relevance(similarity, posts_of),
        np.array([item.habit for item in hashtags]),
        [item.caution for item in hashtags],
    )
    chosen = best_set(value, redundancy([item.tag for item in hashtags], posts_of), limit)
    return HashtagSet(tuple(hashtags[place] for place in sorted(chosen)))


def changes(
    chosen: HashtagSet, hashtags: Sequence[RankedHashtag], model: EngagementModel | None
) -> tuple[Change, ...]:
    """What dropping each hashtag of a set does, and swapping it for the best one outside.

    Drops in the set's order, then swaps, the most promising first. Those outside need evidence
    and must not be banned. `model` gives the slope by which scores count; without one they
    count in full.
    """
    fit = [item for item in hashtags if item.support and item.caution != "banned"]
    outside = [item for item in fit if item not in chosen.hashtags]
    rival = max(outside, key=lambda item: (item.score, item.similarity), default=None)
    drops, swaps = [], []
    for item in chosen.hashtags:
        rest = [other for other in chosen.hashtags if other != item]
        drops.append(_change(chosen.hashtags, rest, item, None, model))
        if rival is not None:
            swaps.append(_change(chosen.hashtags, [*rest, rival], item, rival, model))
    return (*drops, *sorted(swaps, key=lambda change: -change.effect))


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
    slope = 1.0 if model is None else model.slope
    effect = slope * (HashtagSet(tuple(after)).score - HashtagSet(tuple(before)).score)
    drawn = draws_of(before).mean(axis=0)
    others = draws_of(after).mean(axis=0) if after else np.zeros_like(drawn)
    slopes = np.ones(len(drawn)) if model is None else model.slopes(len(drawn))
    low, high, helps = interval_of(slopes * (others - drawn))
    return Change(drop.tag, add.tag if add else None, effect, low, high, helps)


def _posts_behind(hashtags: Sequence[RankedHashtag]) -> tuple[csr_array, Float64]:
    """(T, N) memberships of the posts behind hashtags, and each post's similarity to the photo."""
    posts = {post.pk: post for item in hashtags for post in item.evidence}
    places = {pk: place for place, pk in enumerate(posts)}
    rows = [[places[post.pk] for post in item.evidence] for item in hashtags]
    similarity = np.array([post.similarity for post in posts.values()], dtype=np.float64)
    return membership(rows, len(posts)), similarity
