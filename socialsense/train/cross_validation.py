"""Folds of groups, and what pairs a model had not seen say of it: accuracy and calibration."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from socialsense.arrays import Float64
from socialsense.datasets import TaggedPhoto
from socialsense.evaluate.metrics import calibration_error, roc_auc
from socialsense.evaluate.overlap import hashtag_table, weighted_overlap
from socialsense.evaluate.similarity import MIN_TAGS, OVERLAP

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Pairs:
    """Cosines of pairs of posts their head had not seen, and how far their hashtags overlap."""

    cosine: Float64
    overlap: Float64

    def figures(self) -> tuple[float, float]:
        """Areas under the ROC curve: "share an informative hashtag", "overlap > 0.1"."""
        once = np.ones((1, len(self.cosine)))
        labels = (self.overlap > 0, self.overlap > OVERLAP)
        share, overlap = (float(roc_auc(self.cosine, label, once)[0]) for label in labels)
        return share, overlap


def folds(photos: Sequence[TaggedPhoto], seed: int) -> Iterator[np.ndarray]:
    """FOLDS masks; photos of one group stay together."""
    groups, member = np.unique([photo.group for photo in photos], return_inverse=True)
    fold_of = np.random.default_rng(seed).permutation(len(groups)) % FOLDS
    for number in range(FOLDS):
        yield fold_of[member] == number


def pairs_of(photos: Sequence[TaggedPhoto], rows: Float64) -> Pairs:
    """All pairs across groups of the photos with at least MIN_TAGS hashtags."""
    kept = [row for row, photo in enumerate(photos) if len(photo.hashtags) >= MIN_TAGS]
    chosen = [photos[row] for row in kept]
    overlap = weighted_overlap(*hashtag_table([photo.hashtags for photo in chosen]))
    groups = np.array([photo.group for photo in chosen])
    left, right = np.nonzero(np.triu(groups[:, None] != groups, 1))
    return Pairs((rows[kept] @ rows[kept].T)[left, right], overlap[left, right])


def mean_figures(pairs: Sequence[Pairs]) -> tuple[float, float]:
    """Both areas under the ROC curve, averaged over the folds."""
    share, overlap = np.mean([fold.figures() for fold in pairs], axis=0)
    return float(share), float(overlap)


def calibrate(pairs: Sequence[Pairs]) -> tuple[float, float]:
    """Slope and offset of the logistic regression of "share" on the cosine, at the natural rate."""
    cosine = np.concatenate([fold.cosine for fold in pairs])
    share = np.concatenate([fold.overlap > 0 for fold in pairs])
    x = np.stack([cosine, np.ones_like(cosine)], axis=1)

    def loss(line: Float64) -> tuple[float, Float64]:
        logit = x @ line
        slope = x.T @ (expit(logit) - share) + line  # + line: a weak prior keeps it finite
        return float(np.sum(np.logaddexp(0, logit) - share * logit) + line @ line / 2), slope

    slope, offset = minimize(loss, np.zeros(2), jac=True, method="L-BFGS-B").x
    return float(slope), float(offset)


def calibration_of(pairs: Sequence[Pairs], slope: float, offset: float) -> float:
    """Expected calibration error over all folds."""
    cosine = np.concatenate([fold.cosine for fold in pairs])
    share = np.concatenate([fold.overlap > 0 for fold in pairs])
    chance = expit(slope * cosine + offset)
    return float(calibration_error(chance, share, np.ones((1, len(share))))[0])
