"""What was computed of a picture is never computed again."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import numpy as np
import pytest

from socialsense.decode import Look
from socialsense.images import open_image
from socialsense.store import Store
from socialsense.vectors import Vectors


class Counting:
    """Mean colours; remembers how many pictures it was asked for, and their sizes."""

    def __init__(self, seconds=0.0):
        self.sizes = []
        self.seconds = seconds

    def __call__(self, pictures):
        sleep(self.seconds)
        self.sizes += [picture.size for picture in pictures]
        return np.array([np.asarray(p, np.float32).mean((0, 1)) for p in pictures])


@pytest.fixture
def store(tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/s.db", tmp_path / "images") as opened:
        yield opened


def stored(store, picture, count):
    return [store.put_image(picture((n, 0, 0), format="PNG")) for n in range(count)]


def test_stored_pictures_are_computed_once(store, picture):
    shas, compute = stored(store, picture, 70), Counting()
    vectors = Vectors(store, "m", compute)
    first = vectors.of_stored([*shas, *shas[:9]])
    assert list(first) == shas
    assert [round(float(first[sha][0])) for sha in shas] == list(range(70))
    again = Vectors(store, "m", compute).of_stored(shas)
    assert len(compute.sizes) == 70
    for sha in shas:
        np.testing.assert_array_equal(first[sha], again[sha])


def test_uploads_share_what_is_stored(store, picture):
    data = picture("red")
    sha, compute = store.put_image(data), Counting()
    vectors = Vectors(store, "m", compute)
    vectors.of_stored([sha])
    image = open_image(data, "upload.jpg")
    assert set(vectors.of_images([image, image])) == {sha}
    assert len(compute.sizes) == 1


def test_another_model_computes_its_own(store, picture):
    shas, compute = stored(store, picture, 3), Counting()
    for model in ("one", "two"):
        Vectors(store, model, compute).of_stored(shas)
    assert len(compute.sizes) == 6


def test_missing_and_damaged_pictures_are_left_out(store, picture):
    good = stored(store, picture, 5)
    damaged = store.put_image(picture("red")[:100])
    found = Vectors(store, "m", Counting()).of_stored([*good[:2], damaged, "0" * 64, *good[2:]])
    assert list(found) == good


def test_nothing_asked_computes_nothing(store):
    compute = Counting()
    vectors = Vectors(store, "m", compute)
    assert vectors.of_stored([]) == vectors.of_images([]) == {}
    assert compute.sizes == []


def test_whoever_comes_meanwhile_waits_and_computes_nothing(store, picture):
    shas, compute = stored(store, picture, 40), Counting(seconds=0.05)
    vectors = Vectors(store, "m", compute)
    with ThreadPoolExecutor(4) as sessions:
        answers = list(sessions.map(vectors.of_stored, [shas] * 4))
    assert len(compute.sizes) == 40
    assert all(set(answer) == set(shas) for answer in answers)


def test_what_was_computed_before_an_error_is_kept(store, picture):
    shas = stored(store, picture, 70)
    compute = Counting()

    def failing(pictures):
        if compute.sizes:
            raise RuntimeError("out of memory")
        return compute(pictures)

    with pytest.raises(RuntimeError):
        Vectors(store, "m", failing).of_stored(shas)
    done = len(compute.sizes)
    assert done > 0
    assert len(Vectors(store, "m", compute).of_stored(shas)) == 70
    assert len(compute.sizes) == 70


def test_stored_pictures_are_opened_as_the_model_looks_at_them(store, picture):
    sha = store.put_image(picture("red", (1080, 1350)))
    whole, small, ready = Counting(), Counting(), Counting()
    Vectors(store, "a", whole).of_stored([sha])
    Vectors(store, "b", small, Look(side=224)).of_stored([sha])
    Vectors(store, "c", ready, Look(224, lambda image: image.resize((9, 9)))).of_stored([sha])
    assert (whole.sizes, small.sizes, ready.sizes) == ([(864, 1080)], [(540, 675)], [(9, 9)])
