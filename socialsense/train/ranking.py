"""A linear ranking model from likes within accounts (RankNet).

Every two photos of one account are a pair; a pair counts by how far apart their likes are,
in logarithms, so that noise between near equals counts for little. Accounts differ in size
and time, photos of one account much less: only differences within accounts are learned from.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from socialsense.arrays import Float64

TOTAL = 100.0
"""Weight of all pairs together, so that the penalty does not depend on how many there are."""


def rank_weights(
    table: Float64, likes: Sequence[int], accounts: Sequence[str], strength: float
) -> Float64:
    """(N, F) features, N likes and accounts to (F,) weights.

    logistic(Σ weight · difference) is how likely the first of two photos is to have more
    likes. `strength`: inverse of the L2 penalty (scikit-learn's C).
    """
    from sklearn.linear_model import LogisticRegression

    first, second, gap = pairs_within(likes, accounts)
    differences = table[first] - table[second]
    weight = gap / gap.sum() * TOTAL
    model = LogisticRegression(C=strength, fit_intercept=False, max_iter=500)
    model.fit(
        np.concatenate([differences, -differences]),
        np.repeat([1, 0], len(gap)),
        sample_weight=np.tile(weight, 2),
    )
    return np.asarray(model.coef_[0], dtype=np.float64)


def pairs_within(
    likes: Sequence[int], accounts: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, Float64]:
    """Photos with more likes, those with fewer, and log(more) − log(fewer) > 0; no ties."""
    logs = np.log(np.maximum(np.asarray(likes, dtype=np.float64), 1))
    found = [
        (i, j) if logs[i] > logs[j] else (j, i)
        for i, j in combinations(range(len(logs)), 2)
        if accounts[i] == accounts[j] and logs[i] != logs[j]
    ]
    first, second = np.array(found, dtype=int).reshape(-1, 2).T
    return first, second, np.asarray(logs[first] - logs[second], dtype=np.float64)


def win_scale(scores: Float64, first: np.ndarray, second: np.ndarray) -> float:
    """What to multiply scores with, such that logistic(difference) is how often the first wins.

    By maximum likelihood on pairs the scores were not fitted to; at least 0.
    """
    from scipy.optimize import minimize_scalar

    difference = scores[first] - scores[second]
    found = minimize_scalar(
        lambda scale: float(np.logaddexp(0, -scale * difference).mean()),
        bounds=(0.0, 100.0),
        method="bounded",
    )
    return float(found.x)
