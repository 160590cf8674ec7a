"""Pictures opened ahead: in order, a few at a time, and a bad one spoils nothing."""

import io
import threading
import time

import numpy as np
import pytest
from PIL import Image as PILImage

from socialsense import decode
from socialsense.decode import Look, batches, embed_files, opened
from socialsense.errors import ImageError
from socialsense.images import open_image
from socialsense.types import Image


class Mean:
    """The mean colour, as an embedder."""

    model_id = "mean"

    def embed(self, images):
        rows = [np.asarray(image, np.float32).mean((0, 1)) for image in images]
        return np.array(rows, np.float32).reshape(len(rows), 3)


def shaded(picture, count):
    """Files that can be told apart by their colour."""
    return [picture((3 * n, 0, 0), format="PNG") for n in range(count)]


def jpeg(size, seed=0):
    """Soft shapes, as photos have, with a seed of their own."""
    small = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    out = io.BytesIO()
    PILImage.fromarray(small).resize(size, PILImage.Resampling.BICUBIC).save(out, "JPEG")
    return out.getvalue()


def test_order_is_kept_however_long_each_takes(picture):
    def slow(data, seconds):
        time.sleep(seconds)
        return data

    files = [
        (str(n), lambda data=data, n=n: slow(data, 0.02 * (n % 3 == 0)))
        for n, data in enumerate(shaded(picture, 20))
    ]
    items = list(opened(files, threads=4))
    assert [item.name for item in items] == [str(n) for n in range(20)]
    assert [item.pixels.getpixel((0, 0))[0] for item in items] == [3 * n for n in range(20)]


def test_an_error_stands_in_its_pictures_place(picture):
    files = [b"", picture("red"), b"no picture", picture("blue")[:200], picture("green")]
    items = list(opened((str(n), file) for n, file in enumerate(files)))
    assert [type(item) for item in items] == [ImageError, Image, ImageError, ImageError, Image]
    assert "2" in str(items[2])


def test_what_is_missing_is_an_error_too(picture):
    missing, there = opened([("gone", lambda: None), ("here", lambda: picture("red"))])
    assert isinstance(missing, ImageError)
    assert there.name == "here"


def test_a_fault_of_the_program_is_raised():
    def broken():
        raise RuntimeError("the disk is on fire")

    with pytest.raises(RuntimeError, match="on fire"):
        list(opened([("a", broken)]))


def test_only_so_many_wait(picture, monkeypatch):
    """Whoever reads slowly finds that not everything was opened meanwhile."""
    monkeypatch.setattr(decode, "AHEAD", 5)
    data, asked = picture("red"), []
    files = ((str(n), lambda n=n: asked.append(n) or data) for n in range(100))
    stream = opened(files, threads=2)
    next(stream)
    time.sleep(0.1)
    assert len(asked) <= 6
    stream.close()
    assert len(asked) <= 6
    assert not [t for t in threading.enumerate() if t.name.startswith("decode")]


def test_a_smaller_look_sees_nearly_the_same():
    """Half the size at most where twice the side is left, and no visible difference."""
    data = jpeg((1080, 1350))
    full, small = open_image(data, "a").pixels, open_image(data, "a", side=224).pixels
    assert small.size == (540, 675)
    assert open_image(data, "a", side=300).pixels.size == full.size == (864, 1080)
    views = [
        np.asarray(pixels.resize((224, 224), PILImage.Resampling.BILINEAR), np.float32)
        for pixels in (full, small)
    ]
    assert np.abs(views[0] - views[1]).mean() < 2


@pytest.mark.parametrize("size", [(3000, 600), (600, 3000), (1500, 1500), (100, 80)])
def test_a_look_leaves_twice_its_side_or_what_everyone_gets(size):
    pixels = open_image(jpeg(size), "a", side=150).pixels
    whole = open_image(jpeg(size), "a").pixels
    assert min(pixels.size) >= min(300, min(whole.size))
    assert max(pixels.size) <= max(whole.size)
    assert pixels.width / pixels.height == pytest.approx(size[0] / size[1], rel=0.02)


def test_the_look_of_a_model_stands_in_its_attributes(picture):
    class Prepared(Mean):
        side = 16

        @staticmethod
        def prepare(image):
            return image.resize((4, 4))

    assert Look.of(Mean()) == Look()
    look = Look.of(Prepared())
    assert look.open("a", picture("red")).pixels.size == (4, 4)
    assert isinstance(look.open("a", b""), ImageError)


@pytest.mark.parametrize("count", [0, 1, decode.BATCH, 2 * decode.BATCH + 3])
def test_files_are_embedded_in_order(picture, count):
    rows, errors = embed_files(Mean(), shaded(picture, count))
    assert rows.shape == (count, 3)
    assert rows.dtype == np.float32
    assert errors == {}
    np.testing.assert_array_equal(rows[:, 0], [3 * n for n in range(count)])


def test_files_that_cannot_be_read_leave_their_row_empty(picture):
    count = decode.BATCH + 8
    files = shaded(picture, count)
    bad = {0, 5, decode.BATCH, count - 1}
    for place in bad:
        files[place] = files[place][:40]
    rows, errors = embed_files(Mean(), files)
    assert set(errors) == bad
    assert f"picture {decode.BATCH + 1}" in str(errors[decode.BATCH])
    assert set(np.flatnonzero(np.isnan(rows).all(1))) == bad
    assert not np.isnan(np.delete(rows, sorted(bad), axis=0)).any()


def test_nothing_readable_gives_empty_rows():
    rows, errors = embed_files(Mean(), [b"", b"x"])
    assert rows.shape == (2, 3)
    assert np.isnan(rows).all()
    assert set(errors) == {0, 1}


def test_batches():
    assert list(batches(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(batches([], 2)) == []
