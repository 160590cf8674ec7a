"""Of two photos of one account, how often is the one with more likes scored higher?

Pairs as Ding, Ma & Wang (2019, §3) draw them, as far as small data allows. Leave one
account out: each account is judged by a model that never saw it; the figure is the mean
over accounts, its interval a bootstrap over accounts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from socialsense import parts
from socialsense.arrays import Float64
from socialsense.datasets import LikedPhoto, read_liked_photos
from socialsense.errors import InputError, ModelError
from socialsense.evaluate.estimate import Estimate
from socialsense.images import read_image
from socialsense.lite import FEATURES
from socialsense.settings import Settings
from socialsense.train.color import Pair, feature_table, fit_color, same_account_pairs
from socialsense.train.probe import left_out, look_at

DRAWS = 2000
SHUFFLES = 10
MIN_ACCOUNTS = 3


@dataclass(frozen=True, slots=True)
class PopularityReport:
    """Pairwise accuracy, macro over accounts, of models and of baselines.

    `shuffled`: the probe's whole procedure on likes shuffled within accounts, its mean and
    standard deviation: what chance gives.
    """

    accounts: int
    pairs: int
    models: Mapping[str, Estimate]
    baselines: Mapping[str, Estimate]
    shuffled: tuple[float, float]


def evaluate_popularity(data: Path, settings: Settings, seed: int = 0) -> PopularityReport:
    """All models and baselines on a folder of photos. Raises InputError, ImageError, ModelError."""
    photos = read_liked_photos(data)
    table, *_ = look_at(photos, settings)
    return measure(photos, table, settings, seed)


def measure(
    photos: Sequence[LikedPhoto], table: Float64, settings: Settings, seed: int = 0
) -> PopularityReport:
    """The same, of photos already looked at: (N, FEATURES + 8), as `look_at` gives it."""
    pairs = same_account_pairs(photos)
    accounts = sorted({pair.account for pair in pairs})
    if len(accounts) < MIN_ACCOUNTS:
        raise InputError(
            f"Photos of {len(accounts)} accounts are too few to measure on.",
            means="A model must be judged on accounts that it was not trained on.",
            do=f"Give photos with likes of at least {MIN_ACCOUNTS} accounts.",
        )
    likes, names = [photo.likes for photo in photos], [photo.account for photo in photos]
    rng = np.random.default_rng(seed)
    models = {
        "probe": left_out(table, likes, names),
        "color": _color_left_out(photos, pairs),
        **_intrinsic(photos, settings),
    }
    baselines = {
        "newer wins": np.array([photo.taken_at for photo in photos], dtype=np.float64),
        "brighter wins": table[:, FEATURES],
        "random": rng.random(len(photos)),
    }
    shuffled = []
    for _ in range(SHUFFLES):
        mixed = _mixed(likes, names, rng)
        scores = left_out(table, mixed, names)
        judged = [_with_likes(photo, count) for photo, count in zip(photos, mixed, strict=True)]
        shuffled.append(accuracy(scores, same_account_pairs(judged)).mean())
    return PopularityReport(
        len(accounts),
        len(pairs),
        {name: _estimate(scores, pairs, seed) for name, scores in models.items()},
        {name: _estimate(scores, pairs, seed) for name, scores in baselines.items()},
        (float(np.mean(shuffled)), float(np.std(shuffled))),
    )


def accuracy(scores: Float64, pairs: Sequence[Pair]) -> Float64:
    """(A,) share of each account's pairs in which the photo with more likes is scored higher.

    Ties count half; accounts in alphabetical order.
    """
    won: dict[str, list[float]] = {}
    for pair in pairs:
        more, fewer = scores[pair.more], scores[pair.fewer]
        won.setdefault(pair.account, []).append(float(more > fewer) + float(more == fewer) / 2)
    return np.array([np.mean(won[account]) for account in sorted(won)])


def _estimate(scores: Float64, pairs: Sequence[Pair], seed: int) -> Estimate:
    shares = accuracy(scores, pairs)
    rng = np.random.default_rng(seed)
    draws = shares[rng.integers(len(shares), size=(DRAWS, len(shares)))].mean(axis=1)
    return Estimate.of(float(shares.mean()), draws)


def _color_left_out(photos: Sequence[LikedPhoto], pairs: Sequence[Pair]) -> Float64:
    table = feature_table(photos)
    scores = np.zeros(len(photos))
    for account in {pair.account for pair in pairs}:
        model = fit_color(table, [pair for pair in pairs if pair.account != account])
        own = np.array([photo.account == account for photo in photos])
        scores[own] = (table[own] - model.mean) / model.scale @ model.weight
    return scores


def _intrinsic(photos: Sequence[LikedPhoto], settings: Settings) -> dict[str, Float64]:
    """The published model's scores, where its weights are there; it saw none of these photos."""
    try:
        model = parts.load("popularity", "intrinsic", settings)
    except ModelError:
        return {}
    scores = [model.judge([read_image(photo.path).pixels])[0, 0] for photo in photos]
    return {"intrinsic": np.array(scores)}


def _mixed(likes: Sequence[int], names: Sequence[str], rng: np.random.Generator) -> list[int]:
    """Likes shuffled among the photos of each account."""
    mixed = np.array(likes)
    owner = np.array(names)
    for name in np.unique(owner):
        own = owner == name
        mixed[own] = rng.permutation(mixed[own])
    return [int(count) for count in mixed]


def _with_likes(photo: LikedPhoto, likes: int) -> LikedPhoto:
    return LikedPhoto(photo.path, photo.account, photo.taken_at, likes)
