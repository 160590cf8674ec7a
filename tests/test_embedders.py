"""One contract for every embedder, and what is known of each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from socialsense import parts
from socialsense.settings import Settings

RED, BLUE = (220, 30, 30), (30, 30, 220)


@pytest.fixture(scope="module", params=parts.names("embedders"))
def embedder(request):
    return parts.load("embedders", request.param, Settings())


def pictures(count, seed=0):
    rng = np.random.default_rng(seed)
    return [
        Image.fromarray(rng.integers(0, 256, (rng.integers(20, 90), 60, 3), dtype=np.uint8))
        for _ in range(count)
    ]


def test_rows_are_unit_float32(embedder):
    rows = embedder.embed(pictures(5))
    assert rows.dtype == np.float32
    assert rows.shape[0] == 5
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_no_pictures_give_no_rows(embedder):
    width = embedder.embed(pictures(1)).shape[1]
    assert embedder.embed([]).shape == (0, width)
    rows = embedder.embed(pictures(2))
    assert embedder.similarity(rows[:0], rows).shape == (0, 2)
    assert embedder.similarity(rows, rows[:0]).shape == (2, 0)


def test_a_picture_embeds_alike_alone_and_in_a_batch(embedder):
    images = pictures(70)
    together = embedder.embed(images)
    alone = np.concatenate([embedder.embed([image]) for image in images[::23]])
    np.testing.assert_allclose(together[::23], alone, atol=1e-5)


def test_similarity_is_a_table_of_probabilities(embedder):
    a, b = embedder.embed(pictures(3)), embedder.embed(pictures(4, seed=1))
    table = embedder.similarity(a, b)
    assert table.shape == (3, 4)
    assert table.dtype == np.float32
    assert ((table >= 0) & (table <= 1)).all()
    np.testing.assert_allclose(table.T, embedder.similarity(b, a), atol=1e-5)


def test_similarity_of_many_equals_similarity_one_by_one(embedder):
    a, b = embedder.embed(pictures(1)), embedder.embed(pictures(6, seed=1))
    many = np.repeat(b, 1000, axis=0)
    np.testing.assert_allclose(
        embedder.similarity(a, many)[0].reshape(6, 1000),
        np.repeat(embedder.similarity(a, b)[0][:, None], 1000, axis=1),
        atol=1e-5,
    )


def test_a_new_embedder_has_the_same_identity(embedder):
    name = embedder.model_id.split("/")[0]
    assert parts.load("embedders", name, Settings()).model_id == embedder.model_id


def test_colour_tells_red_from_blue():
    color = parts.load("embedders", "color", Settings())
    red, dark_red, blue = color.embed(
        [Image.new("RGB", (40, 30), c) for c in (RED, (215, 35, 25), BLUE)]
    )
    near, far = color.similarity(red[None], np.stack([dark_red, blue]))[0]
    assert near > 0.9
    assert far == 0


@given(st.binary(min_size=48 * 3, max_size=48 * 3))
def test_a_picture_is_most_like_itself_in_colour(data):
    color = parts.load("embedders", "color", Settings())
    image = Image.frombytes("RGB", (8, 6), data)
    row = color.embed([image])
    assert color.similarity(row, row)[0, 0] == pytest.approx(1, abs=1e-5)


def test_siamese_is_the_network_of_2020():
    from torch import nn

    from socialsense.embedders.siamese import SiameseNetwork

    network = SiameseNetwork()
    assert sum(p.numel() for p in network.parameters()) == 784_449
    convolutions = [m for m in network.tower if isinstance(m, nn.Conv2d)]
    assert [(c.out_channels, c.kernel_size) for c in convolutions] == [
        (32, (5, 5)),
        (64, (5, 5)),
        (128, (5, 5)),
    ]
    linear = [m for m in network.head if isinstance(m, nn.Linear)]
    assert [layer.out_features for layer in linear] == [512, 512, 1]


def test_siamese_similarity_is_the_networks_own_answer():
    """Towers kept as unit rows give what the whole network gives for the pair."""
    import torch

    from socialsense.embedders.siamese import to_tensor

    siamese = parts.load("embedders", "siamese", Settings())
    left, right = pictures(4), pictures(4, seed=2)
    with torch.inference_mode():
        expected = siamese.network(to_tensor(left), to_tensor(right)).sigmoid().numpy()
    table = siamese.similarity(siamese.embed(left), siamese.embed(right))
    np.testing.assert_allclose(np.diag(table), expected, atol=1e-5)
