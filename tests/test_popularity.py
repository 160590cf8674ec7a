"""One contract for every popularity model, and the colour baseline's features."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from socialsense import parts
from socialsense.photographic import FEATURES, features
from socialsense.settings import Settings


@pytest.fixture(scope="module", params=parts.names("popularity"))
def model(request, intrinsic_weights):
    settings = Settings(intrinsic_weights=intrinsic_weights)
    return parts.load("popularity", request.param, settings)


def noise(width=80, height=60, seed=0):
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))


def test_one_finite_score_a_picture_and_what_it_is_made_of(model):
    images = [noise(), Image.new("RGB", (1, 1)), Image.new("RGB", (900, 2)), noise(seed=1)]
    judged = model.judge(images)
    assert judged.shape == (4, 1 + len(model.factors))
    assert np.isfinite(judged).all()
    assert model.judge([]).shape == (0, 1 + len(model.factors))
    np.testing.assert_allclose(judged[3], model.judge(images[3:])[0], atol=1e-6)
    if model.factors:
        np.testing.assert_allclose(judged[:, 1:].sum(axis=1), judged[:, 0], atol=1e-5)
    assert all(adds and takes and adds != takes for adds, takes in model.factors)


def test_percentiles_rise_with_the_score(model):
    percentiles = model.percentile(np.linspace(-20, 20, 9))
    assert (np.diff(percentiles) >= 0).all()
    assert 0 <= percentiles[0] < percentiles[-1] <= 100


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
