"""One contract for every popularity model, and the colour baseline's features."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from socialsense import parts
from socialsense.popularity.color import FEATURES, features
from socialsense.settings import Settings


@pytest.fixture(scope="module", params=parts.names("popularity"))
def model(request):
    return parts.load("popularity", request.param, Settings())


def noise(width=80, height=60, seed=0):
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))


def test_one_finite_score_a_picture(model):
    images = [noise(), Image.new("RGB", (1, 1)), Image.new("RGB", (900, 2)), noise(seed=1)]
    scores = model.score(images)
    assert scores.shape == (4,)
    assert np.isfinite(scores).all()
    assert model.score([]).shape == (0,)
    np.testing.assert_allclose(scores[3], model.score(images[3:])[0])


def by_name(image):
    return dict(zip(FEATURES, features(image), strict=True))


def test_features_say_what_they_are_named():
    bright, dark = Image.new("RGB", (9, 9), "white"), Image.new("RGB", (9, 9), "black")
    assert by_name(bright)["brightness"] == pytest.approx(1)
    assert by_name(dark)["brightness"] == pytest.approx(0)
    red, grey = Image.new("RGB", (9, 9), "red"), Image.new("RGB", (9, 9), "grey")
    assert by_name(red)["saturation"] > by_name(grey)["saturation"]
    assert by_name(red)["warmth"] > 0 > by_name(Image.new("RGB", (9, 9), "blue"))["warmth"]
    sharp = noise()
    blurred = sharp.filter(ImageFilter.GaussianBlur(3))
    assert by_name(sharp)["sharpness"] > by_name(blurred)["sharpness"]
    assert by_name(sharp)["contrast"] > by_name(blurred)["contrast"]
    assert by_name(sharp)["colourfulness"] > by_name(grey)["colourfulness"]
    assert by_name(noise(60, 90))["portrait shape"] > 0 > by_name(noise(90, 60))["portrait shape"]
