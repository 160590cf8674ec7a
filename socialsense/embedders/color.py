"""The colour baseline: pictures are alike when they share their colours. No weights.

A vector is the square root of a colour histogram over three bands of the picture
(top, middle, bottom), so the product of two vectors is the Bhattacharyya
coefficient of their histograms: 1 for equal colours, 0 for none in common.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image as PILImage

from socialsense.arrays import Float32, FloatArray
from socialsense.settings import Settings

SIDE = 48
LEVELS = 5
BANDS = 3


class ColorEmbedder:
    """Histograms of LEVELS³ colours in BANDS bands; D = 375."""

    model_id = "color/2"

    def embed(self, images: Sequence[PILImage.Image]) -> Float32:
        """(N, D) float32, unit rows."""
        rows = [_histogram(image) for image in images]
        return np.array(rows, dtype=np.float32).reshape(len(rows), BANDS * LEVELS**3)

    def similarity(self, queries: FloatArray, references: FloatArray) -> Float32:
        """(Q, D) and (N, D) to (Q, N): the Bhattacharyya coefficient, in [0, 1]."""
        product = np.asarray(queries @ references.T, dtype=np.float32)
        return np.clip(product, 0.0, 1.0, out=product)


def _histogram(image: PILImage.Image) -> Float32:
    pixels = np.asarray(image.convert("RGB").resize((SIDE, SIDE), PILImage.Resampling.BOX))
    levels = pixels.astype(np.int64) * LEVELS // 256
    color = (levels[..., 0] * LEVELS + levels[..., 1]) * LEVELS + levels[..., 2]
    band = np.arange(SIDE)[:, None] * BANDS // SIDE
    counts = np.bincount((band * LEVELS**3 + color).ravel(), minlength=BANDS * LEVELS**3)
    root: Float32 = np.sqrt(counts / counts.sum()).astype(np.float32)
    return root


def load(settings: Settings) -> ColorEmbedder:  # noqa: ARG001 (every part takes settings)
    """The baseline needs nothing from the settings."""
    return ColorEmbedder()
