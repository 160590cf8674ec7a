"""Rates, an account's usual rate, and the engagement expected of the next post.

Rates are engagement / followers. This is the formula of 2020 ("faithful"):
predicted rate = usual rate + mean score of the chosen hashtags.
"""

from collections.abc import Iterable, Sequence
from math import floor

import numpy as np

from socialsense.arrays import Float64
from socialsense.errors import NoHistory
from socialsense.types import HashtagSet, Post, Prediction, Profile

COVERAGE = 0.8


def engagement_rate(post: Post, followers: int | None) -> float | None:
    """Engagement of a post per follower; None when likes are hidden or there are no followers."""
    if post.engagement is None or not followers:
        return None
    return post.engagement / followers


def countable_posts(posts: Iterable[Post], last: int) -> tuple[Post, ...]:
    """The latest posts that say what is usual: neither pinned nor with hidden likes.

    Pinned posts are an account's best, so they would raise its usual rate.
    """
    kept = [post for post in posts if not post.pinned and post.likes is not None]
    return tuple(sorted(kept, key=lambda post: post.taken_at, reverse=True)[:last])


def usual_rate(posts: Iterable[Post], followers: int | None, last: int = 10) -> float | None:
    """Mean engagement rate of the last countable posts; None when it cannot be known."""
    counted = [post.engagement or 0 for post in countable_posts(posts, last)]
    if not counted or not followers:
        return None
    return sum(counted) / len(counted) / followers


def predict_engagement(
    profile: Profile, posts: Sequence[Post], hashtags: HashtagSet, last: int = 10
) -> Prediction:
    """Engagement of the next post with these hashtags. Raises NoHistory.

    The interval runs between order statistics of the account's past rates, moved
    by the set's score: if the next post is like the past ones, it falls between the
    k-th lowest and k-th highest of n with probability 1 − 2k/(n + 1).
    """
    usual = usual_rate(posts, profile.followers, last)
    if usual is None or not profile.followers:
        raise _no_history(profile)
    followers = profile.followers
    rates = [engagement_rate(post, followers) or 0.0 for post in countable_posts(posts, last)]
    expected = max(0.0, usual + hashtags.score)
    low, high, coverage = _order_interval(np.sort(rates))
    moved = [None if end is None else max(0.0, end + hashtags.score) for end in (low, high)]
    return Prediction(
        handle=profile.handle,
        followers=followers,
        usual_rate=usual,
        set_score=hashtags.score,
        rate=expected,
        low=None if moved[0] is None else moved[0] * followers,
        median=expected * followers,
        high=None if moved[1] is None else moved[1] * followers,
        coverage=coverage,
        history=len(rates),
    )


def _order_interval(rates: Float64) -> tuple[float | None, float | None, float]:
    """Ends of the narrowest symmetric interval that covers at least COVERAGE, and its coverage."""
    n = len(rates)
    k = floor((1 - COVERAGE) / 2 * (n + 1) + 1e-9)
    if k < 1:
        return None, None, COVERAGE
    return float(rates[k - 1]), float(rates[n - k]), 1 - 2 * k / (n + 1)


def _no_history(profile: Profile) -> NoHistory:
    if not profile.followers:
        return NoHistory(
            f"@{profile.handle} has no followers yet, so far as is known.",
            means="Engagement is counted per follower, so there is no rate to predict from.",
            do="Photos and hashtags are ranked all the same; come back with the first followers.",
        )
    return NoHistory(
        f"@{profile.handle} has no post whose likes are known.",
        means="Its usual engagement is unknown: there are no posts, or their likes are hidden.",
        do="Photos and hashtags are ranked all the same; "
        "show likes on some posts to get a prediction.",
    )
