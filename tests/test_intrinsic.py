"""The published intrinsic popularity model: the same network, the same picture, no bad file."""

import os
import pickle
from collections import OrderedDict

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from socialsense import parts
from socialsense.decode import Look
from socialsense.errors import ModelError
from socialsense.images import sha256_of
from socialsense.inference import Eager
from socialsense.popularity import intrinsic
from socialsense.settings import Settings
from socialsense.vision import transforms


def load(path, **settings):
    return parts.load("popularity", "intrinsic", Settings(intrinsic_weights=path, **settings))


def refused(path, **settings):
    """The words with which a checkpoint is refused."""
    with pytest.raises(ModelError) as caught:
        load(path, **settings)
    return str(caught.value)


def pictures():
    rng = np.random.default_rng(5)
    noise = [
        Image.fromarray(rng.integers(0, 256, (*size, 3), dtype=np.uint8))
        for size in ((300, 500), (900, 224), (224, 224), (40, 30), (1, 3))
    ]
    ramp = Image.linear_gradient("L").resize((640, 480))
    return [*noise, ramp, noise[0].convert("RGBA"), Image.new("RGB", (500, 400), "teal")]


@pytest.fixture(scope="module")
def state(intrinsic_weights):
    return torch.load(intrinsic_weights, weights_only=True)


@pytest.fixture(scope="module")
def scores(state):
    """What torchvision makes of the weights, from picture to score as the authors' code does."""
    from torchvision.models import resnet50

    network = resnet50(num_classes=1).eval()
    network.load_state_dict(state)
    seen = transforms.Compose(
        [
            transforms.Resize([224, 224]),
            transforms.ToImage(),
            transforms.ToDtype(torch.float32, True),
        ]
    )
    with torch.inference_mode():
        return np.array([network(seen(p.convert("RGB"))[None]).item() for p in pictures()])


def test_names_and_shapes_are_torchvisions():
    from torchvision.models import resnet50

    with torch.device("meta"):
        ours, theirs = intrinsic.ResNet50(), resnet50(num_classes=1)

    def shapes(network):
        return [(name, tensor.shape, tensor.dtype) for name, tensor in network.state_dict().items()]

    assert shapes(ours) == shapes(theirs)


def test_a_picture_scores_what_it_does_in_the_authors_way(state, scores):
    network = intrinsic.ResNet50()
    network.load_state_dict(state)
    model = intrinsic.IntrinsicPopularity(Eager(network.eval(), threads=1), "intrinsic/test")
    judged = model.judge(pictures())
    assert judged.dtype == np.float64
    np.testing.assert_allclose(judged[:, 0], scores, atol=1e-5)
    assert np.ptp(scores) > 1e-2  # else every preprocessing would pass


def test_the_fast_way_scores_alike(intrinsic_weights, scores):
    model = load(intrinsic_weights)
    np.testing.assert_allclose(model.judge(pictures())[:, 0], scores, atol=1e-3)
    assert model.model_id == f"intrinsic/{sha256_of(intrinsic_weights.read_bytes())[:12]}"


def test_a_prepared_picture_is_left_as_it_is(intrinsic_weights):
    model = load(intrinsic_weights)
    look = Look.of(model)
    assert look.side == 224
    once = [look.prepare(picture) for picture in pictures()]
    assert {picture.size for picture in once} == {(224, 224)}
    for picture in once:
        assert look.prepare(picture).tobytes() == picture.tobytes()
    np.testing.assert_array_equal(model.judge(once), model.judge(pictures()))


def test_percentiles_are_those_of_the_papers_test_set(intrinsic_weights):
    below = load(intrinsic_weights).percentile(np.array([2.96 - 1.55, 2.96, 5.0]))
    assert below == pytest.approx([15.87, 50, 90.59], abs=0.01)


def in_safetensors(state, path):
    save_file(state, path)


def wrapped(state, path):
    torch.save({f"module.{key}": value for key, value in state.items()}, path)


def of_2019(state, path):
    """As torch saved before 1.6, and with less counted than today."""
    old = OrderedDict((k, v) for k, v in state.items() if not k.endswith("num_batches_tracked"))
    torch.save(old, path, _use_new_zipfile_serialization=False)


@pytest.mark.parametrize(
    ("write", "suffix"),
    [(in_safetensors, ".safetensors"), (wrapped, ".pth"), (of_2019, ".pth")],
)
def test_every_way_to_save_the_weights_gives_the_same_scores(
    write, suffix, state, scores, intrinsic_weights, tmp_path
):
    path = tmp_path / f"weights{suffix}"
    write(state, path)
    images = pictures()[:3]
    expected = load(intrinsic_weights).judge(images)
    np.testing.assert_array_equal(load(path).judge(images), expected)


def test_weights_are_looked_for_among_the_models(tmp_path):
    folder = tmp_path / "popularity" / "intrinsic"
    folder.mkdir(parents=True)
    settings = Settings(models_dir=tmp_path)
    published, converted = folder / "model-resnet50.pth", folder / "model-resnet50.safetensors"
    assert intrinsic.checkpoint(settings) == published
    converted.touch()
    assert intrinsic.checkpoint(settings) == converted
    published.touch()
    assert intrinsic.checkpoint(settings) == published


def test_missing_weights_say_where_they_are_published(tmp_path):
    said = refused(None, models_dir=tmp_path)
    place = tmp_path / "popularity" / "intrinsic" / "model-resnet50.pth"
    for expected in (
        "missing",
        "github.com/dingkeyan93/Intrinsic-Image-Popularity",
        "MIT",
        "model/model-resnet50.pth",
        str(place),
        "SOCIALSENSE_INTRINSIC_WEIGHTS",
    ):
        assert expected in said


def test_the_hash_is_checked_in_either_case(intrinsic_weights):
    sha256 = sha256_of(intrinsic_weights.read_bytes())
    assert load(intrinsic_weights, intrinsic_sha256=sha256.upper())
    assert load(intrinsic_weights, intrinsic_sha256=sha256)


class Trap:
    """Leaves a file behind when it is unpickled by whoever trusts it."""

    def __init__(self, trace):
        self.trace = str(trace)

    def __reduce__(self):
        return os.mkdir, (self.trace,)


def test_a_file_of_another_hash_is_not_even_parsed(tmp_path):
    path = tmp_path / "w.pth"
    path.write_bytes(pickle.dumps(Trap(tmp_path / "trace")))
    said = refused(path, intrinsic_sha256="ab" * 32)
    assert "ab" * 6 + "…" in said
    assert sha256_of(path.read_bytes())[:12] in said
    assert "code" not in said


def pickled(protocol):
    return lambda value, path: path.write_bytes(pickle.dumps(value, protocol))


@pytest.mark.parametrize(
    ("save", "expected"),
    [
        (torch.save, "none of it was run"),
        (pickled(2), "none of it was run"),
        (pickled(5), "no checkpoint of torch"),
    ],
)
def test_code_in_a_checkpoint_is_never_run(save, expected, tmp_path):
    trace, path = tmp_path / "trace", tmp_path / "w.pth"
    save({"fc.weight": Trap(trace)}, path)
    assert expected in refused(path)
    assert not trace.exists()
    pickle.loads(pickle.dumps(Trap(trace)))
    assert trace.exists()  # it is a trap


def test_a_whole_module_is_not_run_either(tmp_path):
    path = tmp_path / "w.pth"
    torch.save(torch.nn.Linear(2, 1), path)
    said = refused(path)
    assert "none of it was run" in said
    assert "model.state_dict()" in said


@pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
@pytest.mark.parametrize("content", [b"", b"no weights", b"PK\x03\x04", b"\x80\x02."])
def test_a_file_of_something_else_is_damaged(name, content, tmp_path):
    path = tmp_path / name
    path.write_bytes(content)
    assert "damaged" in refused(path)


@pytest.mark.parametrize("write", [torch.save, of_2019, in_safetensors])
def test_a_truncated_file_is_damaged(write, state, tmp_path):
    path = tmp_path / ("w.safetensors" if write is in_safetensors else "w.pth")
    write({key: state[key] for key in ("conv1.weight", "layer4.0.conv1.weight")}, path)
    os.truncate(path, path.stat().st_size // 2)
    assert "cut off" in refused(path)


def test_a_folder_or_a_huge_file_is_not_read(tmp_path):
    assert "a folder or a device" in refused(tmp_path)
    huge = tmp_path / "w.pth"
    huge.touch()
    os.truncate(huge, 1_000_000_001)  # takes no room
    assert "1.0 GB large" in refused(huge)


def classes(state):
    return state | {"fc.weight": torch.zeros(1000, 2048), "fc.bias": torch.zeros(1000)}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (classes, "size mismatch for fc"),
        (lambda state: {k: v for k, v in state.items() if k != "fc.bias"}, "fc.bias"),
        (lambda state: state | {"extra": torch.zeros(1)}, "extra"),
        (lambda state: {"state_dict": state, "epoch": 3}, "not all it holds are tensors"),
        (lambda state: state["fc.bias"], "it is a Tensor"),
        (lambda state: {}, "Missing key"),
        (lambda state: {3: torch.zeros(1)}, "not all it holds are tensors"),
    ],
)
def test_weights_of_another_network_do_not_fit(change, expected, state, tmp_path):
    path = tmp_path / "w.pth"
    torch.save(change(state), path)
    said = refused(path)
    assert "belong to another network" in said
    assert expected in said
    assert len(said) < 800
