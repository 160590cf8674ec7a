"""The colour baseline: attention from eight simple photographic features.

A linear ranking model trained on pairs of photos of one account. Its card says how
weak it is; it stands in until a stronger model is trained.
"""

from collections.abc import Sequence
from typing import Self

import numpy as np
from PIL import Image as PILImage
from scipy.special import ndtr

from socialsense.arrays import Float32, Float64
from socialsense.cards import read_weights
from socialsense.errors import ModelError
from socialsense.photographic import FEATURES, WORDS, features
from socialsense.settings import Settings


class ColorPopularity:
    """score = Σ weight · (feature − mean) / sd."""

    def __init__(self, mean: Float32, scale: Float32, weight: Float32, model_id: str) -> None:
        self.mean = mean
        self.scale = scale
        self.weight = weight
        self.model_id = model_id
        self.factors = [
            pair if w > 0 else pair[::-1] for pair, w in zip(WORDS, weight, strict=True)
        ]

    def judge(self, images: Sequence[PILImage.Image]) -> Float64:
        """(N, 9): the score, then what each of FEATURES adds to it."""
        table = np.array([features(image) for image in images]).reshape(-1, len(FEATURES))
        parts = (table - self.mean) / self.scale * self.weight
        return np.column_stack([parts.sum(axis=1), parts]).astype(np.float64)

    def of_account(self, _handle: str) -> Self:
        """This one for every account."""
        return self

    def percentile(self, scores: Float64) -> Float64:
        """Under a normal distribution: of the photos it was trained on, features being standard."""
        spread = max(float(np.linalg.norm(self.weight)), 1e-9)
        return np.asarray(100 * ndtr(scores / spread), dtype=np.float64)


def load(settings: Settings) -> ColorPopularity:
    """Raises ModelError when the weights are missing, damaged or of another model."""
    card, tensors = read_weights(settings.models_dir, "popularity", "color")
    try:
        mean, scale, weight = (tensors[name] for name in ("mean", "scale", "weight"))
    except KeyError as missing:
        raise ModelError(
            "The weights of popularity/color belong to another model.",
            means=f"They have no tensor {missing}.",
            do="Restore them with `git checkout models`, or train again.",
        ) from None
    return ColorPopularity(mean, scale, weight, f"color/{(card.weights_sha256 or '')[:12]}")
