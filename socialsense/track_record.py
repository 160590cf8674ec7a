"""How predictions have fared: their ranges, their bias, their order; and what may replace them.

Errors are differences of log(engagement + ½), so that twice too much and half too little
weigh the same and none at all is a number. Posts of one account err together, so an interval
counts accounts where it is wider so than counting posts.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import combinations
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from socialsense.answers import MIN_OUTCOMES, Outcome, Record
from socialsense.arrays import Float64
from socialsense.errors import InputError
from socialsense.store import Tracked

Integers = NDArray[np.intp]
LEVEL = 0.8
ROUNDING = 1e-9
"""Gains up to this are no gain."""
MAX_COUNT = 10**10
"""More likes or comments than there are people are a slip."""


def told(prediction_id: str, likes: int | None, comments: int | None, now: datetime) -> Outcome:
    """What a person says a post got. Raises InputError outside 0 to MAX_COUNT."""
    if likes is None or not all(0 <= n <= MAX_COUNT for n in (likes, comments or 0)):
        raise InputError(
            "These counts cannot be kept.",
            means=f"Likes must be known; likes and comments lie between 0 and {MAX_COUNT:,}.",
            do="Give the number of likes that stands under the post; comments may be left out.",
        )
    return Outcome(prediction_id, None, None, likes, comments, now)


def summary(tracked: Iterable[Tracked], level: float = LEVEL) -> Record:
    """The record so far; `level` is the confidence of its intervals, between 0 and 1."""
    items = list(tracked)
    known = [(t.recorded.prediction, t.outcome.engagement) for t in items if t.outcome]
    ranges = [
        (p.coverage, p.low <= got <= p.high)
        for p, got in known
        if p.low is not None and p.high is not None
    ]
    inside = sum(hit for _, hit in ranges)
    share = wilson(inside, len(ranges), level) if ranges else (None, None)
    ratios = np.array([log_of(got) - log_of(p.median) for p, got in known])
    bias = clustered_mean(ratios, [p.handle for p, _ in known], level)
    pairs, rank_hits = _ranks([(p.handle, p.median, got) for p, got in known])
    return Record(
        predictions=len(items),
        outcomes=len(known),
        ranges=len(ranges),
        inside=inside,
        expected_inside=sum((coverage for coverage, _ in ranges), 0.0),
        inside_low=share[0],
        inside_high=share[1],
        bias=float(np.exp(ratios.mean())) if known else None,
        bias_low=float(np.exp(bias[0])) if bias else None,
        bias_high=float(np.exp(bias[1])) if bias else None,
        error=float(np.exp(np.median(np.abs(ratios)))) if known else None,
        pairs=pairs,
        rank_hits=rank_hits,
        level=level,
        enough=len(known) >= MIN_OUTCOMES,
    )


def does_better(
    candidate_logs: Float64, present_logs: Float64, actual_logs: Float64, accounts: Sequence[str]
) -> bool:
    """Whether a changed model may replace the present one: its errors are clearly smaller.

    All (N,), in order: what either predicts and what happened, each as `log_of`, and whose post
    it was. The gain is |present − actual| − |candidate − actual|, post by post; its mean must lie
    above 0 with its whole LEVEL interval. A mean above 0 alone would let every second candidate
    in by luck; ties and fewer than MIN_OUTCOMES posts keep the present model.
    """
    gain = np.abs(present_logs - actual_logs) - np.abs(candidate_logs - actual_logs)
    interval = clustered_mean(gain, accounts, LEVEL)
    return interval is not None and interval[0] > ROUNDING


def log_of(engagement: float) -> float:
    """log(engagement + ½), the scale on which errors are measured."""
    return float(np.log(engagement + 0.5))


def clustered_mean(
    values: Float64, accounts: Sequence[str], level: float
) -> tuple[float, float] | None:
    """Ends of the interval of (N,) values' mean; None with fewer than MIN_OUTCOMES.

    Student's t, with posts as clusters or with accounts, whichever is wider: the variance of
    Liang & Zeger (1986), for posts the usual one, and one degree of freedom less than clusters.
    """
    if len(values) < MIN_OUTCOMES:
        return None
    from scipy.special import stdtrit

    def half(cluster: Integers) -> float:
        sums = np.bincount(cluster, values - values.mean())
        error = np.sqrt((sums**2).sum() * len(sums) / (len(sums) - 1)) / len(values)
        return float(stdtrit(len(sums) - 1, (1 + level) / 2) * error)

    posts, account = np.arange(len(values)), np.unique(accounts, return_inverse=True)[1]
    mean = float(values.mean())
    wider = max(half(cluster) for cluster in (posts, account) if cluster.any())
    return mean - wider, mean + wider


def wilson(hits: int, trials: int, level: float) -> tuple[float, float]:
    """Wilson's score interval (1927) of a share; `trials` ≥ 1."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, room = hits / trials, z * z / trials
    middle = (share + room / 2) / (1 + room)
    half = z * (share * (1 - share) / trials + room / trials / 4) ** 0.5 / (1 + room)
    return max(0.0, middle - half), min(1.0, middle + half)


def _ranks(known: Sequence[tuple[str, float, int]]) -> tuple[int, int]:
    """Pairs of one account that differ in what was predicted and in what happened; hits."""
    signs = [
        (median_a - median_b) * (got_a - got_b)
        for (a, median_a, got_a), (b, median_b, got_b) in combinations(known, 2)
        if a == b
    ]
    return sum(sign != 0 for sign in signs), sum(sign > 0 for sign in signs)
