"""The only door for pictures: from bytes nobody vouches for to an upright RGB image.

Limits come first, metadata stays outside, and whatever the decoder dislikes
becomes an ImageError that names the file.
"""

import hashlib
import io
from math import ceil
from pathlib import Path

import numpy as np
from PIL import Image as PILImage
from PIL import UnidentifiedImageError

from socialsense.errors import ImageError
from socialsense.types import Image

MAX_BYTES = 50_000_000
MAX_PIXELS = 64_000_000
MAX_JPEG_PIXELS = 160_000_000
"""JPEG decodes at a reduced scale, so larger ones fit in memory."""
WORKING_SIDE = 1080
"""Longest side kept: what Instagram itself shows."""
PILImage.MAX_IMAGE_PIXELS = MAX_JPEG_PIXELS  # Pillow's own alarm rings at the same height
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")

_TURN = PILImage.Transpose
_UPRIGHT = {  # EXIF orientation to the turn that undoes it
    2: _TURN.FLIP_LEFT_RIGHT,
    3: _TURN.ROTATE_180,
    4: _TURN.FLIP_TOP_BOTTOM,
    5: _TURN.TRANSPOSE,
    6: _TURN.ROTATE_270,
    7: _TURN.TRANSVERSE,
    8: _TURN.ROTATE_90,
}


def sha256_of(data: bytes) -> str:
    """Hex SHA-256, the identity of a picture everywhere."""
    return hashlib.sha256(data).hexdigest()


def open_image(data: bytes, name: str, side: int | None = None) -> Image:
    """Decode one file, at most WORKING_SIDE px on its longest side.

    `side`: for a network that looks at `side` × `side` pixels alone. A JPEG is then
    decoded at a reduced scale that leaves twice as many, which takes half the time.

    Handles EXIF rotation, CMYK, 16-bit, palette, transparency (on white) and the
    first frame of an animation. Raises ImageError.
    """
    if not data:
        raise _refused(name, "is empty (0 bytes)", "Nothing was saved in it.", "Export it again.")
    if len(data) > MAX_BYTES:
        raise _refused(
            name,
            f"is too large ({len(data) / 1e6:.0f} MB)",
            f"Files up to {MAX_BYTES / 1e6:.0f} MB are read.",
            "Save it smaller, for instance as a JPEG.",
        )
    try:
        with PILImage.open(io.BytesIO(data), formats=FORMATS) as opened:
            return Image(name, sha256_of(data), _decode(opened, name, side))
    except ImageError:
        raise
    except UnidentifiedImageError:
        raise _refused(
            name,
            "is not a picture that can be read",
            "Its content is none of " + ", ".join(FORMATS) + ", whatever its name says.",
            "Choose a photo, or export it as JPEG.",
        ) from None
    except (PILImage.DecompressionBombError, PILImage.DecompressionBombWarning):
        raise _too_many_pixels(name, None) from None
    except Exception as error:
        raise _refused(
            name,
            "is damaged or cut off",
            f"The decoder stopped: {error}.",
            "Export or download it again.",
        ) from error


def read_image(path: Path) -> Image:
    """`open_image` on a file. Raises ImageError, also when it cannot be read."""
    return open_image(read_file(path), path.name)


def read_file(path: Path) -> bytes:
    """What a picture's file holds, as far as pictures may be large. Raises ImageError."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _refused(
            str(path),
            "cannot be read",
            f"The system says: {getattr(error, 'strerror', error)}.",
            "Check the path and its permissions.",
        ) from error


def encode_jpeg(pixels: PILImage.Image, side: int = WORKING_SIDE, quality: int = 85) -> bytes:
    """A JPEG of at most `side` px, without metadata."""
    small = pixels.copy()
    small.thumbnail((side, side))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _decode(opened: PILImage.Image, name: str, side: int | None) -> PILImage.Image:
    pixels = opened.width * opened.height
    jpeg = opened.format in ("JPEG", "MPO")
    if pixels > (MAX_JPEG_PIXELS if jpeg else MAX_PIXELS):
        raise _too_many_pixels(name, opened.size)
    if jpeg:  # decoded at 1/2, 1/4 or 1/8 where that is still twice the size kept
        kept = 2 * WORKING_SIDE / max(opened.size)
        factor = min(kept, 2 * side / min(opened.size)) if side else kept
        opened.draft("RGB", (ceil(opened.width * factor), ceil(opened.height * factor)))
    opened.load()  # first: it turns a TIFF upright and takes its orientation away
    turn = _turn(opened)
    rgb = _small_rgb(opened)
    if turn is not None:
        rgb = rgb.transpose(turn)
    return PILImage.fromarray(np.asarray(rgb))  # pixels alone: no metadata follows


def _turn(opened: PILImage.Image) -> PILImage.Transpose | None:
    try:
        return _UPRIGHT.get(opened.getexif().get(0x0112, 1))
    except Exception:  # noqa: BLE001 (damaged metadata does not spoil a picture)
        return None


def _small_rgb(image: PILImage.Image) -> PILImage.Image:
    """At most WORKING_SIDE, on white. Shrinks before it composes: large pictures are common."""
    if image.mode.startswith(("I", "F")):
        return _from_deep_grey(image)
    mode = "RGBA" if image.has_transparency_data else "RGB"
    small = _shrunk(image if image.mode == mode else image.convert(mode))
    if mode == "RGB":
        return small
    white = PILImage.new("RGBA", small.size, "white")
    return PILImage.alpha_composite(white, small).convert("RGB")


def _from_deep_grey(image: PILImage.Image) -> PILImage.Image:
    """16 and 32-bit grey to RGB; Pillow's own conversion clips at 255."""
    grey = np.nan_to_num(np.array(image, dtype=np.float32), copy=False)
    top = 1.0 if image.mode == "F" and grey.max() <= 1.0 else 65535.0
    small = np.asarray(_shrunk(PILImage.fromarray(grey.clip(0, top, out=grey)))).clip(0, top)
    return PILImage.fromarray((small / top * 255).astype(np.uint8)).convert("RGB")


def _shrunk(image: PILImage.Image) -> PILImage.Image:
    image.thumbnail((WORKING_SIDE, WORKING_SIDE), reducing_gap=3)
    return image


def _too_many_pixels(name: str, size: tuple[int, int] | None) -> ImageError:
    shown = f"{size[0]} × {size[1]} pixels" if size else "far too many pixels"
    return _refused(
        name,
        f"is too large to open ({shown})",
        f"Up to {MAX_JPEG_PIXELS // 10**6} megapixels are read as JPEG, "
        f"{MAX_PIXELS // 10**6} otherwise.",
        f"Save it smaller; {WORKING_SIDE} pixels on the long side are enough.",
    )


def _refused(name: str, what: str, means: str, do: str) -> ImageError:
    return ImageError(f"{name} {what}.", means=means, do=do)
