"""How well does similarity tell which posts share an informative hashtag?

Held-out photos that carry their full list; pairs across groups only. What
counts as sharing stands in `overlap`; frequencies are those of the evaluated posts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from socialsense.arrays import Float32, Float64, FloatArray
from socialsense.datasets import Sample, Split, TaggedPhoto
from socialsense.errors import InputError
from socialsense.evaluate.estimate import Estimate
from socialsense.evaluate.metrics import average_precision, calibration_error, ndcg_at, roc_auc
from socialsense.evaluate.overlap import hashtag_table, weighted_overlap
from socialsense.images import read_image
from socialsense.types import Embedder

MIN_TAGS = 3
OVERLAP = 0.1
NEAREST = 10
PHOTOS = 600
"""Measured at most: their pairs and the bootstrap draws of them take half a gigabyte."""
DRAWS = 300


@dataclass(frozen=True, slots=True)
class SimilarityScores:
    """One embedder's figures, each with its 95 % bootstrap interval over groups.

    `share`, `overlap`: area under the ROC curve for "share an informative hashtag" and
    for weighted overlap > 0.1. `precision`: average precision for "share".
    `nearest`: nDCG@10 with weighted Jaccard as gain. `calibration`: error of the
    similarity as the probability of sharing. `spread`: its 5, 50 and 95 % quantiles.
    """

    share: Estimate
    overlap: Estimate
    precision: Estimate
    nearest: Estimate
    calibration: Estimate
    spread: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class SimilarityReport:
    """All embedders on the same pairs, with how often the labels are true by chance."""

    photos: int
    pairs: int
    base_rate: float
    overlap_base_rate: float
    embedders: Mapping[str, SimilarityScores]


class Constant:
    """The baseline that calls every pair alike: what a measure gives for nothing."""

    model_id = "constant"

    def embed(self, images: Sequence[object]) -> Float32:
        """(N, 1) ones."""
        return np.ones((len(images), 1), dtype=np.float32)

    def similarity(self, queries: FloatArray, references: FloatArray) -> Float32:
        """0.5 throughout."""
        return np.full((len(queries), len(references)), 0.5, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Every two photos of different groups, their weighted overlap, and bootstrap weights."""

    left: np.ndarray
    right: np.ndarray
    overlap: Float64
    weights: Float64
    allowed: np.ndarray
    gain: Float64
    photo_weights: Float64


def evaluate_similarity(
    tagged: Iterable[TaggedPhoto],
    embedders: Mapping[str, Embedder],
    split: Split = "test",
    seed: int = 0,
) -> SimilarityReport:
    """Measure embedders and the constant on photos of one split, PHOTOS at most.

    Raises InputError.
    """
    photos = _measurable(tagged, split)
    used, idf = hashtag_table([photo.hashtags for photo in photos])
    if not idf.size:
        raise InputError(
            f"Too few photos to measure on ({len(photos)} in the {split} split).",
            means="No hashtag is shared by two of them without being everywhere.",
            do="Give a folder with more photos that carry their full list of hashtags.",
        )
    pixels = [read_image(photo.path).pixels for photo in photos]
    pairs = _pairs(photos, weighted_overlap(used, idf), np.random.default_rng(seed))
    scores = {}
    for name, embedder in {"constant": Constant(), **embedders}.items():
        rows = embedder.embed(pixels)
        table = embedder.similarity(rows, rows).astype(np.float64)
        scores[name] = _score(table, pairs, np.random.default_rng(seed))
    return SimilarityReport(
        photos=len(photos),
        pairs=len(pairs.left),
        base_rate=float(np.mean(pairs.overlap > 0)),
        overlap_base_rate=float(np.mean(pairs.overlap > OVERLAP)),
        embedders=scores,
    )


def _score(table: Float64, pairs: _Pairs, rng: np.random.Generator) -> SimilarityScores:
    score = table[pairs.left, pairs.right]
    share, overlap = pairs.overlap > 0, pairs.overlap > OVERLAP
    quantiles = np.quantile(score, (0.05, 0.5, 0.95))
    shuffled = table + rng.random(table.shape) * 1e-9  # ties in random order
    found = ndcg_at(NEAREST, shuffled, pairs.gain, pairs.allowed)
    asked = ~np.isnan(found)
    weights = pairs.photo_weights[:, asked]
    return SimilarityScores(
        share=_estimate(roc_auc(score, share, pairs.weights)),
        overlap=_estimate(roc_auc(score, overlap, pairs.weights)),
        precision=_estimate(average_precision(score, share, pairs.weights)),
        nearest=_estimate(weights @ found[asked] / weights.sum(axis=1)),
        calibration=_estimate(calibration_error(score, share, pairs.weights)),
        spread=(float(quantiles[0]), float(quantiles[1]), float(quantiles[2])),
    )


def _estimate(draws: Float64) -> Estimate:
    return Estimate.of(draws[0], draws[1:])


def _measurable(photos: Iterable[TaggedPhoto], split: Split) -> list[TaggedPhoto]:
    """Photos of a split that carry their full list of at least MIN_TAGS hashtags."""
    sample = Sample(PHOTOS)
    for photo in photos:
        if photo.split == split and photo.complete and len(photo.hashtags) >= MIN_TAGS:
            sample.add(photo)
    return sample.photos()


def _pairs(photos: Sequence[TaggedPhoto], gain: Float64, rng: np.random.Generator) -> _Pairs:
    groups = np.array([photo.group for photo in photos])
    allowed = groups[:, None] != groups[None, :]
    left, right = np.nonzero(np.triu(allowed, 1))
    names, member = np.unique(groups, return_inverse=True)
    times = np.ones((DRAWS + 1, len(names)))
    times[1:] = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=DRAWS)
    by_photo = times[:, member]
    return _Pairs(
        left=left,
        right=right,
        overlap=gain[left, right],
        weights=by_photo[:, left] * by_photo[:, right],
        allowed=allowed,
        gain=gain,
        photo_weights=by_photo,
    )
