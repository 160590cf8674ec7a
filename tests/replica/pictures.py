"""A picture for every post, drawn from its number, behind addresses that expire."""

from __future__ import annotations

import hashlib
import hmac
import io
import time
from colorsys import hsv_to_rgb
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from PIL import Image, ImageDraw

SIZE = (288, 360)
SQUARE = 240
LIFETIME = 4 * 86_400
RATIO_WIDTHS = (1080, 720, 640, 480, 320, 240)
SQUARE_WIDTHS = (640, 480, 320, 240, 150)


@lru_cache(maxsize=256)
def draw(pk: int, theme: int = 0, *, square: bool = False) -> bytes:
    """A small JPEG: a sky of the theme's colour with a few shapes; the same for the same post."""
    random = Random(pk)
    hue = (theme * 0.137) % 1
    tiny = Image.new("RGB", (4, 5))
    tiny.putdata([_colour(random, hue) for _ in range(20)])
    picture = tiny.resize(SIZE, Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    for _ in range(random.randint(2, 6)):
        x, y, r = random.randint(0, 288), random.randint(0, 360), random.randint(15, 80)
        shape = pen.ellipse if random.random() < 0.5 else pen.rectangle
        shape((x - r, y - r, x + r, y + r), fill=_colour(random, hue + 0.4))
    if square:
        picture = picture.crop((0, 36, 288, 324)).resize((SQUARE, SQUARE))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=80)
    return file.getvalue()


def _colour(random: Random, hue: float) -> tuple[int, int, int]:
    near = (hue + random.uniform(-0.06, 0.06)) % 1
    red, green, blue = hsv_to_rgb(near, random.uniform(0.3, 0.9), random.uniform(0.3, 1))
    return int(red * 255), int(green * 255), int(blue * 255)


@dataclass
class Links:
    """Signed addresses under `base`, good for `lifetime` seconds (negative: already expired)."""

    base: str = ""
    lifetime: float = LIFETIME
    secret: bytes = b"replica"

    def url(self, pk: int, width: int = 1080, height: int = 1350, kind: str = "15") -> str:
        """An address of the picture of post or account `pk`; kind 15 is a post, 19 a face."""
        shape = f"s{width}x{height}" if width == height else f"p{width}x{height}"
        return self._sign(f"/v/t51.82787-{kind}/{pk}_n.jpg", f"dst-jpg_e35_{shape}_tt6")

    def video(self, pk: int) -> str:
        return self._sign(f"/v/t51.82787-15/{pk}_n.mp4", "dst-mp4")

    def candidates(self, pk: int, *, tall: bool = False) -> list[dict[str, object]]:
        """Full-ratio sizes first, then square crops, as the web client is given them."""
        ratio = 16 / 9 if tall else 5 / 4
        sizes = [(w, round(w * ratio)) for w in RATIO_WIDTHS] + [(w, w) for w in SQUARE_WIDTHS]
        return [{"url": self.url(pk, w, h), "height": h, "width": w} for w, h in sizes]

    def valid(self, path: str, oh: str, oe: str) -> bool:
        """Whether the signature is ours and its time has not come."""
        try:
            expires = int(oe, 16)
        except ValueError:
            return False
        return hmac.compare_digest(oh, self._signature(path, oe)) and expires > time.time()

    def _sign(self, path: str, stp: str) -> str:
        # Whole hours, so that an address stays the same while it lives.
        hour = 3600 if self.lifetime > 3600 else 1
        oe = f"{int((time.time() + self.lifetime) // hour * hour):X}"
        oh = self._signature(path, oe)
        return f"{self.base}{path}?stp={stp}&_nc_cat=1&ccb=7-5&oh={oh}&oe={oe}"

    def _signature(self, path: str, oe: str) -> str:
        return "00_" + hashlib.blake2s(f"{path}{oe}".encode(), key=self.secret).hexdigest()[:20]
