import io
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from conftest import encoded
from PIL import Image as PILImage

from socialsense.errors import ImageError
from socialsense.images import (
    FORMATS,
    MAX_BYTES,
    MAX_PIXELS,
    WORKING_SIDE,
    encode_jpeg,
    open_image,
    read_image,
    sha256_of,
)
from tests.examples import quarters

Picture = Callable[..., bytes]
ORIENTATION, MAKE, GPS = 0x0112, 0x010F, 0x8825
WHITE = (255, 255, 255)


def pixel(data: bytes, at: tuple[int, int] = (0, 0)) -> tuple[int, ...]:
    return open_image(data, "photo").pixels.getpixel(at)


def close(found: tuple[int, ...], expected: tuple[int, ...], within: int = 3) -> bool:
    return all(abs(a - b) <= within for a, b in zip(found, expected, strict=True))


def corners(image: PILImage.Image) -> list[tuple[int, ...]]:
    right, bottom = image.width - 4, image.height - 4
    return [image.getpixel(at) for at in ((4, 4), (right, 4), (4, bottom), (right, bottom))]


class TestRefused:
    @pytest.mark.parametrize(
        "data",
        [
            b"not a picture",
            b"\x00" * 1000,
            b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
            b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF",
            b"<!doctype html><img src='x.jpg'>",
            b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
            b"PK\x03\x04",
        ],
        ids=["text", "zeros", "svg", "pdf", "html", "eps", "zip"],
    )
    def test_no_picture_whatever_its_name_says(self, data: bytes) -> None:
        with pytest.raises(ImageError, match=r"holiday\.jpg is not a picture"):
            open_image(data, "holiday.jpg")

    def test_empty(self) -> None:
        with pytest.raises(ImageError, match=r"holiday\.jpg is empty"):
            open_image(b"", "holiday.jpg")

    @pytest.mark.parametrize("kind", FORMATS)
    @pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
    def test_cut_off(self, kind: str, kept: float) -> None:
        noise = np.random.default_rng(0).integers(256, size=(60, 80, 3), dtype=np.uint8)
        whole = encoded(PILImage.fromarray(noise), kind)
        with pytest.raises(ImageError, match=r"holiday\.jpg is (damaged|not a picture)"):
            open_image(whole[: int(len(whole) * kept)], "holiday.jpg")

    @pytest.mark.parametrize("size", [(8001, 8000), (13_000, 13_000), (60_000, 60_000)])
    def test_decompression_bomb(self, size: tuple[int, int]) -> None:
        """A file of a few hundred bytes that says it is huge; nothing of it may be decoded."""
        data = bytearray(encoded(PILImage.new("1", (8, 8)), "PNG"))
        header = b"IHDR" + b"".join(side.to_bytes(4) for side in size) + data[24:29]
        data[12:33] = header + crc32(header).to_bytes(4)
        assert size[0] * size[1] > MAX_PIXELS
        with pytest.raises(ImageError, match=r"bomb\.png is too large to open .* pixels"):
            open_image(bytes(data), "bomb.png")

    def test_too_many_bytes(self, picture: Picture) -> None:
        with pytest.raises(ImageError, match=r"long\.jpg is too large .* 50 MB"):
            open_image(picture() + bytes(MAX_BYTES), "long.jpg")

    def test_too_many_bytes_in_a_file(self, picture: Picture, tmp_path: Path) -> None:
        path = tmp_path / "long.jpg"
        path.write_bytes(picture() + bytes(MAX_BYTES))
        with pytest.raises(ImageError, match=r"long\.jpg is too large"):
            read_image(path)

    @pytest.mark.parametrize("name", ["missing.jpg", ".", "nul\0.jpg"])
    def test_a_file_that_cannot_be_read(self, name: str, tmp_path: Path) -> None:
        with pytest.raises(ImageError, match="cannot be read") as caught:
            read_image(tmp_path / name)
        assert str(tmp_path / name) in caught.value.what


class TestOpened:
    @pytest.mark.parametrize("kind", FORMATS)
    def test_every_format(self, kind: str, picture: Picture) -> None:
        data = picture((200, 60, 20), format=kind)
        assert close(pixel(data), (200, 60, 20), within=4)

    def test_the_identity_is_that_of_the_file(self, picture: Picture, tmp_path: Path) -> None:
        path = tmp_path / "photo.jpg"
        path.write_bytes(picture())
        opened = read_image(path)
        assert opened.sha256 == sha256_of(picture()) == sha256(picture()).hexdigest()
        assert (opened.name, opened.pixels.mode, opened.pixels.size) == (
            "photo.jpg",
            "RGB",
            (32, 24),
        )

    @pytest.mark.parametrize("orientation", range(9))
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
    def test_comes_upright(self, orientation: int, kind: str) -> None:
        """What a camera held in each of the eight ways writes; 0 is what some write for 1."""
        turn = PILImage.Transpose
        held = {
            2: turn.FLIP_LEFT_RIGHT,
            3: turn.ROTATE_180,
            4: turn.FLIP_TOP_BOTTOM,
            5: turn.TRANSPOSE,
            6: turn.ROTATE_90,
            7: turn.TRANSVERSE,
            8: turn.ROTATE_270,
        }
        seen = quarters()
        sensor = seen.transpose(held[orientation]) if orientation in held else seen
        exif = PILImage.Exif()
        exif[ORIENTATION] = orientation
        upright = open_image(encoded(sensor, kind, exif=exif, quality=95), "photo").pixels
        assert upright.size == seen.size
        for found, expected in zip(corners(upright), corners(seen), strict=True):
            assert close(found, expected, within=12)

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
    def test_metadata_stays_outside(self, kind: str) -> None:
        exif = PILImage.Exif()
        exif[MAKE] = "A camera"
        exif.get_ifd(GPS)[1] = "N"
        data = encoded(quarters(), kind, exif=exif, comment="at home", dpi=(300, 300))
        with PILImage.open(io.BytesIO(data)) as raw:
            assert raw.getexif()[MAKE] == "A camera"
        opened = open_image(data, "photo").pixels
        assert opened.info == {}
        assert not opened.getexif()
        again = encode_jpeg(opened)
        assert b"Exif" not in again
        assert b"camera" not in again

    def test_damaged_metadata_does_not_spoil_a_picture(self) -> None:
        data = encoded(quarters(), "WEBP", exif=b"Exif\0\0no header of a TIFF")
        assert open_image(data, "photo").pixels.size == (64, 32)

    @pytest.mark.parametrize(
        ("ink", "expected"),
        [
            ((0, 255, 255, 0), (255, 0, 0)),
            ((255, 0, 255, 0), (0, 255, 0)),
            ((0, 0, 0, 0), WHITE),
            ((0, 0, 0, 255), (0, 0, 0)),
        ],
    )
    @pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
    def test_cmyk(
        self, kind: str, ink: tuple[int, ...], expected: tuple[int, ...], picture: Picture
    ) -> None:
        assert close(pixel(picture(ink, format=kind, mode="CMYK")), expected)

    @pytest.mark.parametrize("kind", ["PNG", "TIFF"])
    @pytest.mark.parametrize("level", [0, 0x4000, 0x8000, 0xFFFF])
    def test_16_bit_grey_keeps_its_level(self, kind: str, level: int) -> None:
        deep = PILImage.fromarray(np.full((24, 32), level, dtype=np.uint16))
        assert close(pixel(encoded(deep, kind)), (level >> 8,) * 3, within=1)

    def test_float_grey(self) -> None:
        grey = np.full((24, 32), 0.5, dtype=np.float32)
        grey[0, 0] = np.nan
        data = encoded(PILImage.fromarray(grey), "TIFF")
        assert pixel(data, (9, 9)) == (127, 127, 127)
        assert pixel(data) == (0, 0, 0)

    @pytest.mark.parametrize("mode", ["1", "L", "P"])
    def test_few_colours(self, mode: str) -> None:
        image = quarters().convert(mode)
        data = encoded(image, "PNG")
        expected = image.convert("RGB")
        assert corners(open_image(data, "photo").pixels) == corners(expected)

    @pytest.mark.parametrize(
        ("mode", "color", "expected"),
        [
            ("RGBA", (255, 0, 0, 0), WHITE),
            ("RGBA", (255, 0, 0, 255), (255, 0, 0)),
            ("RGBA", (255, 0, 0, 128), (255, 127, 127)),
            ("LA", (0, 0), WHITE),
            ("LA", (90, 255), (90, 90, 90)),
        ],
    )
    def test_transparency_is_on_white(
        self, mode: str, color: tuple[int, ...], expected: tuple[int, ...], picture: Picture
    ) -> None:
        assert pixel(picture(color, format="PNG", mode=mode)) == expected

    @pytest.mark.parametrize("kind", ["PNG", "GIF"])
    def test_a_transparent_palette_entry_is_white(self, kind: str) -> None:
        image = quarters().convert("P", palette=PILImage.Palette.ADAPTIVE)
        data = encoded(image, kind, transparency=image.getpixel((0, 0)))
        assert pixel(data) == WHITE
        assert close(pixel(data, (60, 4)), (0, 128, 0))

    @pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF", "MPO"])
    def test_the_first_frame_of_several(self, kind: str) -> None:
        first, second = PILImage.new("RGB", (32, 24), "red"), PILImage.new("RGB", (32, 24), "blue")
        data = encoded(first, kind, save_all=True, append_images=[second])
        assert close(pixel(data), (255, 0, 0), within=4)

    @pytest.mark.parametrize(
        ("size", "expected"),
        [
            ((1, 1), (1, 1)),
            ((1, 5000), (1, WORKING_SIDE)),
            ((5000, 1), (WORKING_SIDE, 1)),
            ((2160, 1080), (WORKING_SIDE, 540)),
            ((WORKING_SIDE, 7), (WORKING_SIDE, 7)),
        ],
    )
    @pytest.mark.parametrize("kind", ["JPEG", "PNG"])
    def test_sizes(
        self, kind: str, size: tuple[int, int], expected: tuple[int, int], picture: Picture
    ) -> None:
        assert open_image(picture(size=size, format=kind), "photo").pixels.size == expected

    @pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")
    @pytest.mark.parametrize("size", [(11_600, 8_700), (65_000, 1_600)])
    def test_a_hundred_megapixels_take_little_memory(
        self, size: tuple[int, int], picture: Picture, tmp_path: Path
    ) -> None:
        """Measured in a process of its own: decoded whole, either takes 400 MB."""
        path = tmp_path / "large.jpg"
        path.write_bytes(picture("orange", size))
        code = """if True:
            import sys
            from pathlib import Path
            from socialsense.images import read_image

            def peak():  # of this program alone, where ru_maxrss remembers its parent
                status = Path("/proc/self/status").read_text()
                return int(status.partition("VmHWM:")[2].split()[0])

            before = peak()
            color = read_image(Path(sys.argv[1])).pixels.getpixel((0, 0))
            print(*color, peak() - before)
        """
        command = [sys.executable, "-c", code, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        *color, kilobytes = map(int, done.stdout.split())
        assert close(tuple(color), (255, 165, 0))
        assert kilobytes < 150_000


class TestEncodeJpeg:
    def test_fits_the_side_and_leaves_the_original_alone(self) -> None:
        original = PILImage.new("RGB", (300, 200), "red")
        with PILImage.open(io.BytesIO(encode_jpeg(original, side=30))) as small:
            assert (small.format, small.size) == ("JPEG", (30, 20))
        assert original.size == (300, 200)

    def test_never_enlarges(self) -> None:
        with PILImage.open(io.BytesIO(encode_jpeg(PILImage.new("RGB", (3, 2))))) as same:
            assert same.size == (3, 2)
