"""The hashtag embedder sees what is on a photo, and its similarity is a calibrated cosine."""

import csv
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from socialsense import parts
from socialsense.images import read_image
from socialsense.lite import SHAPES, Lite, fold, to_batch
from socialsense.settings import ROOT, Settings

DEMO = ROOT / "data" / "demo"


@pytest.fixture(scope="module")
def embedder():
    return parts.load("embedders", "hashtag", Settings())


def demo_photos(theme, word):
    """One window of each original photo of a theme."""
    with (DEMO / "ATTRIBUTION.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["theme"] == theme]
    files = [row["files"].split(";")[0] for row in rows if word in row["original"] and row["files"]]
    return [read_image(DEMO / file).pixels for file in files]


def test_two_windmills_are_more_similar_than_a_windmill_and_a_fish(embedder):
    windmills = embedder.embed(demo_photos("windmills", "windmill"))
    fish = embedder.embed(demo_photos("underwater", "fish"))
    alike = embedder.similarity(windmills, windmills)
    apart = embedder.similarity(windmills, fish)
    right = [
        alike[a, b] > apart[a, c]
        for a, b in combinations(range(len(windmills)), 2)
        for c in range(len(fish))
    ]
    assert len(right) >= 30
    assert np.mean(right) >= 0.9


def test_similarity_rises_with_the_cosine(embedder):
    angles = np.linspace(0, np.pi, 50)
    query = np.zeros((1, 8), np.float32)
    query[0, 0] = 1
    references = np.zeros((50, 8), np.float32)
    references[:, 0], references[:, 1] = np.cos(angles), np.sin(angles)
    table = embedder.similarity(query, references)
    assert table.dtype == np.float32
    assert (np.diff(table[0]) < 0).all()
    assert 0 <= table.min() < table.max() <= 1


def test_a_photo_is_most_similar_to_itself_and_hardly_minds_its_mirror_image(embedder):
    photos = demo_photos("windmills", "windmill")
    rows = embedder.embed(photos)
    mirrored = embedder.embed([p.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for p in photos])
    assert (embedder.similarity(rows, rows).argmax(axis=1) == np.arange(len(rows))).all()
    assert (rows * mirrored).sum(axis=1).min() > 0.9


def test_mode_does_not_matter(embedder):
    photo = demo_photos("windmills", "windmill")[0]
    grey = photo.convert("L")
    np.testing.assert_allclose(
        embedder.embed([grey]), embedder.embed([grey.convert("RGB")]), atol=1e-6
    )


def test_preprocessing_is_the_networks_own():
    white, black = to_batch([Image.new("RGB", (9, 5), c) for c in ("white", "black")], 7)
    assert white.shape == (3, 7, 7)
    assert white.dtype == np.float32
    assert (white == 1).all()
    assert (black == -127 / 128).all()
    assert to_batch([], 7).shape == (0, 3, 7, 7)


@pytest.mark.parametrize(("version", "blocks"), [("lite0", 16), ("lite1", 21), ("lite2", 21)])
def test_every_version_runs(version, blocks):
    import torch

    backbone = Lite(version, side=64).eval()
    with torch.inference_mode():
        seen = backbone(torch.zeros(2, 3, 64, 64))
    assert seen.shape == (2, backbone.width)
    assert sum(1 for stage in backbone.stages for _ in stage) == blocks
    assert SHAPES[version].side in (224, 240, 260)


def test_padding_is_that_of_tensorflow():
    """SAME: ⌈side / stride⌉ outputs, what is missing filled evenly, the odd pixel at the end."""
    import torch
    from torch.nn import functional

    from socialsense.lite import Conv

    for side, kernel, stride in [(8, 3, 2), (9, 3, 2), (8, 5, 2), (9, 5, 2), (8, 3, 1), (9, 5, 1)]:
        convolution = Conv(1, 1, kernel, stride, side=side, active=False)
        picture = torch.rand(1, 1, side, side)
        missing = max((-(-side // stride) - 1) * stride + kernel - side, 0)
        before, after = missing // 2, missing - missing // 2
        padded = functional.pad(picture, (before, after, before, after))
        expected = functional.conv2d(padded, convolution.weight, convolution.bias, stride)
        torch.testing.assert_close(convolution(picture), expected)


def test_folding_keeps_what_a_normalised_convolution_gives():
    import torch
    from torch import nn

    backbone = Lite("lite0", side=32)
    published = {}
    stem, norm = nn.Conv2d(3, 32, 3, 2, bias=False), nn.BatchNorm2d(32, eps=1e-3)
    norm.running_mean.normal_()
    norm.running_var.uniform_(0.5, 2)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    published["_conv_stem.weight"] = stem.weight
    published |= {f"_bn0.{name}": value for name, value in norm.state_dict().items()}
    picture = torch.randn(1, 3, 33, 33)
    folded = fold(published, backbone)
    expected = norm.eval()(stem(picture))
    got = nn.functional.conv2d(picture, folded["stem.weight"], folded["stem.bias"], 2)
    torch.testing.assert_close(got, expected, atol=1e-5, rtol=1e-4)
