"""Measures of a score against labels, for many weightings of the same pairs at once.

`draws` is (B, N): row 0 weighs the sample as it is, the others are bootstrap draws.
Each measure gives (B,). Ties count as scikit-learn counts them.
"""

import numpy as np

from socialsense.arrays import Float64

Labels = np.ndarray[tuple[int], np.dtype[np.bool_]]


def roc_auc(score: Float64, label: Labels, draws: Float64) -> Float64:
    """Area under the ROC curve; ties count half."""
    hits, misses = _by_distinct_score(score, label, draws)
    below = np.cumsum(misses, axis=1) - misses / 2
    return np.asarray(
        (hits * below).sum(axis=1) / (hits.sum(axis=1) * misses.sum(axis=1)), dtype=np.float64
    )


def average_precision(score: Float64, label: Labels, draws: Float64) -> Float64:
    """Σ (recall step) · precision, from the highest score down; chance gives the base rate."""
    hits, misses = (part[:, ::-1] for part in _by_distinct_score(score, label, draws))
    found = np.cumsum(hits, axis=1)
    seen = found + np.cumsum(misses, axis=1)
    precision = np.divide(found, seen, out=np.zeros_like(found), where=seen > 0)
    return np.asarray((hits * precision).sum(axis=1) / hits.sum(axis=1), dtype=np.float64)


def calibration_error(score: Float64, label: Labels, draws: Float64, bins: int = 15) -> Float64:
    """Mean |score − share of true labels| over bins of equal mass (ECE)."""
    edges = np.unique(np.quantile(score, np.linspace(0, 1, bins + 1)[1:-1]))
    place = np.searchsorted(edges, score, side="right")
    gaps = np.zeros(len(draws))
    for part in range(len(edges) + 1):
        inside = place == part
        gaps += np.abs(draws[:, inside] @ (score[inside] - label[inside]))
    return np.asarray(gaps / draws.sum(axis=1), dtype=np.float64)


def ndcg_at(k: int, score: Float64, gain: Float64, allowed: np.ndarray) -> Float64:
    """(Q, N) scores, gains ≥ 0 and which pairs count, to (Q,): nDCG@k; NaN without any gain.

    Järvelin & Kekäläinen (2002) with linear gain. Give ties a random order beforehand.
    """
    discount = 1 / np.log2(np.arange(2, k + 2))
    ranked = np.where(allowed, score, -np.inf)
    best = np.argsort(-ranked, axis=1, kind="stable")[:, :k]
    counted = np.where(allowed, gain, 0.0)
    reached = np.take_along_axis(counted, best, axis=1) @ discount[: best.shape[1]]
    ideal = -np.sort(-counted, axis=1)[:, :k] @ discount[: best.shape[1]]
    quotient: Float64 = np.divide(reached, ideal, out=np.full(len(score), np.nan), where=ideal > 0)
    return quotient


def _by_distinct_score(score: Float64, label: Labels, draws: Float64) -> tuple[Float64, Float64]:
    """(B, distinct scores): weight of true and of false labels, by rising score."""
    _, place = np.unique(score, return_inverse=True)
    size = int(place.max()) + 1
    hits, misses = (
        np.array([np.bincount(place, weight * side, size) for weight in draws], dtype=np.float64)
        for side in (label, ~label)
    )
    return hits, misses
