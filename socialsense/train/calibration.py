"""What pairs of posts a head had not seen say of it: its accuracy, and its calibration."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from socialsense.arrays import Float64, FloatArray
from socialsense.datasets import TaggedPhoto
from socialsense.evaluate.metrics import roc_auc
from socialsense.evaluate.overlap import hashtag_table, weighted_overlap
from socialsense.evaluate.similarity import OVERLAP


@dataclass(frozen=True, slots=True)
class Pairs:
    """Products of rows their head had not seen, and how far the posts' hashtags overlap."""

    product: Float64
    overlap: Float64

    @property
    def tell(self) -> bool:
        """Whether some pairs share an informative hashtag and others do not."""
        share = self.overlap > 0
        return bool(share.any() and not share.all())

    def figures(self) -> tuple[float, float]:
        """Areas under the ROC curve: "share an informative hashtag", "overlap > 0.1".

        The first for both where no pair overlaps so far; needs pairs that `tell`.
        """
        once = np.ones((1, len(self.product)))
        far = self.overlap > OVERLAP
        labels = (self.overlap > 0, far if far.any() else self.overlap > 0)
        share, overlap = (float(roc_auc(self.product, label, once)[0]) for label in labels)
        return share, overlap


def pairs_of(photos: Sequence[TaggedPhoto], rows: FloatArray) -> Pairs:
    """All pairs across groups of photos and what a head told of them, in the same order."""
    overlap = weighted_overlap(*hashtag_table([photo.hashtags for photo in photos]))
    groups = np.array([photo.group for photo in photos])
    left, right = np.nonzero(np.triu(groups[:, None] != groups, 1))
    products = np.asarray(rows @ rows.T, dtype=np.float64)
    return Pairs(products[left, right], overlap[left, right])


def calibrate(pairs: Pairs) -> tuple[float, float]:
    """Slope and offset of the logistic regression of "share" on the product, at its own rate."""
    share = pairs.overlap > 0
    x = np.stack([pairs.product, np.ones_like(pairs.product)], axis=1)

    def loss(line: Float64) -> tuple[float, Float64]:
        logit = x @ line
        slope = x.T @ (expit(logit) - share) + line  # + line: a weak prior keeps it finite
        return float(np.sum(np.logaddexp(0, logit) - share * logit) + line @ line / 2), slope

    slope, offset = minimize(loss, np.zeros(2), jac=True, method="L-BFGS-B").x
    return float(slope), float(offset)
