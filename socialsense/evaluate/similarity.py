"""How well does similarity tell which posts share an informative hashtag?

Held-out photos that carry their full list; pairs across groups only. Hashtags in
more than COMMON of the posts say nothing, those used once cannot be shared: both
are left out. Document frequencies are those of the evaluated posts.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from socialsense.arrays import Float64
from socialsense.datasets import Split, TaggedPhoto, read_tagged_photos
from socialsense.errors import InputError
from socialsense.evaluate.estimate import Estimate
from socialsense.images import read_image
from socialsense.types import Embedder

COMMON = 0.05
MIN_TAGS = 3
OVERLAP = 0.1
DRAWS = 300


@dataclass(frozen=True, slots=True)
class SimilarityReport:
    """Area under the ROC curve for two labels, by embedder, on the same pairs."""

    photos: int
    pairs: int
    base_rate: float
    overlap_base_rate: float
    share: Mapping[str, Estimate]
    overlap: Mapping[str, Estimate]
    spread: Mapping[str, tuple[float, float, float]]
    """5 %, 50 % and 95 % quantiles of the similarity: is it nearly constant?"""


def evaluate_similarity(
    data: Path, embedders: Mapping[str, Embedder], split: Split = "test", seed: int = 0
) -> SimilarityReport:
    """Measure embedders on the photos of one split. Raises InputError."""
    photos, tags = _informative(read_tagged_photos(data), split)
    pixels = [read_image(photo.path).pixels for photo in photos]
    groups = np.array([photo.group for photo in photos])
    left, right = np.triu_indices(len(photos), 1)
    across = groups[left] != groups[right]
    left, right = left[across], right[across]
    overlap = _weighted_jaccard(tags)[left, right]
    draws = _group_draws(groups, left, right, np.random.default_rng(seed))
    similarity = {}
    for name, embedder in embedders.items():
        rows = embedder.embed(pixels)
        similarity[name] = embedder.similarity(rows, rows)[left, right].astype(np.float64)
    return SimilarityReport(
        photos=len(photos),
        pairs=len(left),
        base_rate=float(np.mean(overlap > 0)),
        overlap_base_rate=float(np.mean(overlap > OVERLAP)),
        share={name: _auc(s, overlap > 0, draws) for name, s in similarity.items()},
        overlap={name: _auc(s, overlap > OVERLAP, draws) for name, s in similarity.items()},
        spread={
            name: (float(q[0]), float(q[1]), float(q[2]))
            for name, q in ((n, np.quantile(s, (0.05, 0.5, 0.95))) for n, s in similarity.items())
        },
    )


def _informative(
    photos: Iterable[TaggedPhoto], split: Split
) -> tuple[list[TaggedPhoto], list[frozenset[str]]]:
    """Photos of a split with at least MIN_TAGS hashtags, and those of their tags that inform."""
    kept = [p for p in photos if p.split == split and p.complete and len(p.hashtags) >= MIN_TAGS]
    used = Counter(tag for photo in kept for tag in photo.hashtags)
    informs = {tag for tag, count in used.items() if 1 < count <= COMMON * len(kept)}
    if not informs:
        raise InputError(
            f"Too few photos to measure on ({len(kept)} in the {split} split).",
            means="No hashtag is shared by two of them without being everywhere.",
            do="Give a folder with more photos that carry their full list of hashtags.",
        )
    return kept, [photo.hashtags & informs for photo in kept]


def _weighted_jaccard(tags: Sequence[frozenset[str]]) -> Float64:
    """(N, N): Σ idf of shared hashtags / Σ idf of all, idf = log(N / (1 + df))."""
    vocabulary = {tag: column for column, tag in enumerate(sorted(frozenset().union(*tags)))}
    used = np.zeros((len(tags), len(vocabulary)))
    for row, own in enumerate(tags):
        used[row, [vocabulary[tag] for tag in own]] = 1.0
    idf = np.log(len(tags) / (1 + used.sum(axis=0)))
    shared = (used * idf) @ used.T
    size = used @ idf
    union = size[:, None] + size[None, :] - shared
    overlap: Float64 = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return overlap


def _group_draws(
    groups: np.ndarray, left: np.ndarray, right: np.ndarray, rng: np.random.Generator
) -> Float64:
    """(DRAWS + 1, pairs) weights: the sample itself, then bootstrap draws of whole groups."""
    names, member = np.unique(groups, return_inverse=True)
    times = np.ones((DRAWS + 1, len(names)))
    times[1:] = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=DRAWS)
    by_photo = times[:, member]
    return np.asarray(by_photo[:, left] * by_photo[:, right], dtype=np.float64)


def _auc(score: Float64, label: np.ndarray, draws: Float64) -> Estimate:
    """Weighted area under the ROC curve, ties counting half, for every row of weights."""
    _, place = np.unique(score, return_inverse=True)
    size = int(place.max()) + 1
    areas = []
    for weight in draws:
        hit = np.bincount(place, weight * label, size)
        miss = np.bincount(place, weight * ~label, size)
        below = np.cumsum(miss) - miss / 2
        areas.append(hit @ below / (hit.sum() * miss.sum()))
    return Estimate.of(areas[0], np.array(areas[1:]))
