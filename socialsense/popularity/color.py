"""The colour baseline: attention from eight simple photographic features.

A linear ranking model trained on pairs of photos of one account. Its card says how
weak it is; it stands in until a stronger model is trained.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image as PILImage
from scipy.special import ndtr

from socialsense.arrays import Float32, Float64
from socialsense.cards import read_weights
from socialsense.errors import ModelError
from socialsense.settings import Settings

SIDE = 256
FEATURES = (
    "brightness", "contrast", "saturation", "colourfulness", "warmth", "sharpness",
    "centre contrast", "portrait shape",
)  # fmt: skip

WORDS = (
    ("bright", "dark"),
    ("strong contrast", "soft contrast"),
    ("saturated colours", "muted colours"),
    ("colourful", "few colours"),
    ("warm colours", "cool colours"),
    ("fine detail", "little detail"),
    ("bright centre", "dark centre"),
    ("tall", "wide"),
)
"""Where a feature is above its mean, and where it is below."""


def features(image: PILImage.Image) -> Float64:
    """(8,) in the order of FEATURES, from a picture reduced to at most 256 px.

    Colourfulness is M³ of Hasler & Süsstrunk (2003), "Measuring colourfulness in
    natural images", eq. 7, over 255.
    """
    small = image.convert("RGB")
    small.thumbnail((SIDE, SIDE), PILImage.Resampling.BILINEAR)
    red, green, blue = np.moveaxis(np.asarray(small, dtype=np.float64) / 255, 2, 0)
    grey = 0.299 * red + 0.587 * green + 0.114 * blue
    top, bottom = (part((red, green, blue), axis=0) for part in (np.max, np.min))
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    height, width = grey.shape
    centre = grey[height // 4 : height - height // 4, width // 4 : width - width // 4]
    return np.array(
        [
            grey.mean(),
            grey.std(),
            np.mean((top - bottom) / np.maximum(top, 1e-6)),
            np.hypot(red_green.std(), yellow_blue.std())
            + 0.3 * np.hypot(red_green.mean(), yellow_blue.mean()),
            np.mean(red - blue),
            np.log(1e-6 + _second_difference(grey)),
            centre.mean() - grey.mean(),
            np.log(height / width),
        ]
    )


def _second_difference(grey: Float64) -> float:
    """Mean square of the discrete Laplacian: fine detail."""
    if min(grey.shape) < 3:
        return 0.0
    inner = grey[1:-1, 1:-1]
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float(np.mean((around - 4 * inner) ** 2))


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
