"""Simple photographic features: what a person sees at a glance, without knowing what is shown."""

import numpy as np
from PIL import Image as PILImage

from socialsense.arrays import Float64

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
