"""The only door for pictures: from bytes nobody vouches for to an upright RGB image.

Limits come first, metadata stays outside, and whatever the decoder dislikes
becomes an ImageError that names the file.
"""

import hashlib
import io
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


def open_image(data: bytes, name: str) -> Image:
    """Decode one file, at most WORKING_SIDE px on its longest side.

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
            return Image(name, sha256_of(data), _decode(opened, name))
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
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError) as error:
        raise _refused(
            name,
            "is damaged or cut off",
            f"The decoder stopped: {error}.",
            "Export or download it again.",
        ) from error


def read_image(path: Path) -> Image:
    """`open_image` on a file. Raises ImageError, also when it cannot be read."""
    try:
        if path.stat().st_size > MAX_BYTES:
            data = path.open("rb").read(MAX_BYTES + 1)
        else:
            data = path.read_bytes()
    except OSError as error:
        raise _refused(
            str(path),
            "cannot be read",
            f"The system says: {error.strerror}.",
            "Check the path and its permissions.",
        ) from error
    return open_image(data, path.name)


def encode_jpeg(pixels: PILImage.Image, side: int = WORKING_SIDE, quality: int = 85) -> bytes:
    """A JPEG of at most `side` px, without metadata."""
    small = pixels.copy()
    small.thumbnail((side, side))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _decode(opened: PILImage.Image, name: str) -> PILImage.Image:
    pixels = opened.width * opened.height
    jpeg = opened.format in ("JPEG", "MPO")
    if pixels > (MAX_JPEG_PIXELS if jpeg else MAX_PIXELS):
        raise _too_many_pixels(name, opened.size)
    if jpeg:
        opened.draft("RGB", (2 * WORKING_SIDE, 2 * WORKING_SIDE))
    orientation = opened.getexif().get(0x0112, 1)
    rgb = _to_rgb(opened)
    rgb.thumbnail((WORKING_SIDE, WORKING_SIDE), reducing_gap=3)
    if orientation in _UPRIGHT:
        rgb = rgb.transpose(_UPRIGHT[orientation])
    return PILImage.fromarray(np.asarray(rgb))  # pixels alone: no metadata follows


def _to_rgb(image: PILImage.Image) -> PILImage.Image:
    if image.mode.startswith(("I", "F")):
        return _from_deep_grey(image)
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        white = PILImage.new("RGBA", rgba.size, "white")
        return PILImage.alpha_composite(white, rgba).convert("RGB")
    return image.convert("RGB")


def _from_deep_grey(image: PILImage.Image) -> PILImage.Image:
    """16 and 32-bit grey to RGB; Pillow's own conversion clips at 255."""
    grey = np.asarray(image, dtype=np.float32)
    top = 1.0 if image.mode == "F" and grey.max(initial=0.0) <= 1.0 else 65535.0
    return PILImage.fromarray((grey.clip(0, top) / top * 255).astype(np.uint8)).convert("RGB")


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
