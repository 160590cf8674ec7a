"""Demo photos as a phone would save them: large, with grain, as JPEG."""

import io

import numpy as np
from PIL import Image as PILImage
from PIL import ImageOps

from socialsense.settings import ROOT


def photos(count: int, size: tuple[int, int], grain: float, quality: int) -> list[bytes]:
    """Files of `size` (width, height); `grain` is the noise's standard deviation, of 255."""
    files = []
    for number, path in enumerate(sorted((ROOT / "data/demo/photos").rglob("*.jpg"))[:count]):
        with PILImage.open(path) as photo:
            pixels = np.asarray(ImageOps.fit(photo.convert("RGB"), size), np.float32)
        noise = np.random.default_rng(number).normal(0, grain, pixels.shape[:2])[..., None]
        out = io.BytesIO()
        noisy = (pixels + noise).clip(0, 255).astype(np.uint8)
        PILImage.fromarray(noisy).save(out, "JPEG", quality=quality)
        files.append(out.getvalue())
    return files
