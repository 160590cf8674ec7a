"""Of two photos of one account, how often is the one with more likes scored higher?

Leave one account out: each account is judged by a model that never saw it; the
figure is the mean over accounts, its interval a bootstrap over accounts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from socialsense.arrays import Float64
from socialsense.datasets import read_liked_photos
from socialsense.errors import InputError
from socialsense.evaluate.estimate import Estimate
from socialsense.train.color import Pair, feature_table, fit_color, same_account_pairs

DRAWS = 2000


@dataclass(frozen=True, slots=True)
class PopularityReport:
    """Pairwise accuracy, macro over accounts, and the baselines."""

    accounts: int
    pairs: int
    accuracy: Estimate
    newer_wins: float
    shuffled: float
    """The same procedure on shuffled likes: what chance gives."""


def evaluate_color(data: Path, seed: int = 0) -> PopularityReport:
    """The colour baseline, leave-one-account-out. Raises InputError."""
    photos = read_liked_photos(data)
    pairs = same_account_pairs(photos)
    accounts = sorted({pair.account for pair in pairs})
    if len(accounts) < 3:
        raise InputError(
            f"Photos of {len(accounts)} accounts are too few to measure on.",
            means="A model must be judged on accounts that it was not trained on.",
            do="Give photos with likes of at least three accounts.",
        )
    rng = np.random.default_rng(seed)
    table = feature_table(photos)
    correct = _leave_one_out(table, pairs, accounts)
    draws = correct[rng.integers(len(correct), size=(DRAWS, len(correct)))].mean(axis=1)
    newer = [
        np.mean([photos[p.more].taken_at > photos[p.fewer].taken_at for p in _of(pairs, account)])
        for account in accounts
    ]
    return PopularityReport(
        len(accounts),
        len(pairs),
        Estimate.of(correct.mean(), draws),
        float(np.mean(newer)),
        float(_leave_one_out(table, _shuffled(pairs, rng), accounts).mean()),
    )


def _leave_one_out(table: Float64, pairs: Sequence[Pair], accounts: Sequence[str]) -> Float64:
    """(A,) share of each account's pairs that a model of the other accounts gets right."""
    shares = []
    for account in accounts:
        model = fit_color(table, [pair for pair in pairs if pair.account != account])
        score = (table - model.mean) / model.scale @ model.weight
        shares.append(np.mean([score[p.more] > score[p.fewer] for p in _of(pairs, account)]))
    return np.array(shares)


def _of(pairs: Sequence[Pair], account: str) -> list[Pair]:
    return [pair for pair in pairs if pair.account == account]


def _shuffled(pairs: Sequence[Pair], rng: np.random.Generator) -> list[Pair]:
    """Each pair with its sides in random order."""
    flips = rng.random(len(pairs)) < 0.5
    return [
        Pair(p.fewer, p.more, p.account) if flip else p
        for p, flip in zip(pairs, flips, strict=True)
    ]
