"""The compiled network answers as eager torch does, alone, in batches and for many at once."""

import json
import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn

from socialsense import inference, precision
from socialsense.inference import Eager, cores, fastest
from socialsense.precision import Gate, rank_agreement

SIDE = 64
WIDTH = 16


class Small(nn.Module):
    """A little of what backbones are made of."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU6(),
            nn.Conv2d(8, 8, 3, padding=1, groups=8),
            nn.Hardswish(),
            nn.Conv2d(8, WIDTH, 1),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )

    def forward(self, x):
        return self.layers(x)


def warmed(network):
    """With running statistics that suit its weights, so that its answers have a usual size."""
    network.train()
    with torch.inference_mode():
        for _ in range(3):
            network(torch.randn(16, 3, SIDE, SIDE))
    return network.eval()


@pytest.fixture(scope="module")
def module():
    torch.manual_seed(0)
    return warmed(Small())


@pytest.fixture(scope="module")
def network(module):
    return fastest(module, (3, SIDE, SIDE), threads=2)


def pictures(count, seed=0):
    return np.random.default_rng(seed).standard_normal((count, 3, SIDE, SIDE), dtype=np.float32)


def distance(one, other):
    return np.abs(one - other).max() / np.abs(other).max()


@pytest.mark.parametrize("count", [1, 3, 64])
def test_answers_as_eager_torch(module, network, count):
    batch = pictures(count)
    rows = network(batch)
    assert rows.dtype == np.float32
    assert rows.shape == (count, WIDTH)
    assert distance(rows, Eager(module)(batch)) < 1e-4


def test_no_pictures(module, network):
    for run in (network, Eager(module)):
        assert run(pictures(0)).shape == (0, WIDTH)


@pytest.mark.parametrize("name", ["resnet18", "efficientnet_b0", "mobilenet_v3_small"])
def test_backbones_answer_as_eager_torch(name):
    from socialsense import vision  # noqa: F401 (makes torchvision importable)

    from torchvision import models  # isort: skip

    torch.manual_seed(1)
    backbone = warmed(getattr(models, name)())
    batch = pictures(3)
    assert distance(fastest(backbone, (3, SIDE, SIDE))(batch), Eager(backbone)(batch)) < 1e-4


def test_a_picture_answers_the_same_whatever_stands_beside_it(network):
    batch = pictures(9)
    alone = np.concatenate([network(batch[row : row + 1]) for row in range(9)])
    np.testing.assert_array_equal(network(batch), alone)


def test_a_lone_picture_gets_all_threads_from_the_second_on(module):
    network = fastest(module, (3, SIDE, SIDE), threads=2)
    batch = pictures(4)
    first = network(batch[:1])
    assert network._lone is None  # the first answer of a process must not wait for a compilation
    rest = [network(batch[row : row + 1]) for row in range(1, 4)]
    assert network._lone is not None
    np.testing.assert_array_equal(np.concatenate([first, *rest]), network(batch))


def test_many_threads_share_one_network(network):
    batches = [pictures(1 + n % 5, seed=n) for n in range(40)]
    expected = [network(batch) for batch in batches]
    with ThreadPoolExecutor(8) as people:
        for rows, alone in zip(people.map(network, batches), expected, strict=True):
            np.testing.assert_array_equal(rows, alone)


def test_strided_and_double_pictures_are_taken(network):
    batch = pictures(2)
    sideways = np.moveaxis(np.moveaxis(batch, 1, 3).copy(), 3, 1)
    np.testing.assert_array_equal(network(sideways.astype(np.float64)), network(batch))


def test_pictures_of_another_size_are_refused(network):
    with pytest.raises(ValueError, match="not"):
        network(np.zeros((1, 3, SIDE, SIDE + 1), np.float32))


def test_a_module_in_training_is_put_in_evaluation():
    module = Small().train()
    network = fastest(module, (3, SIDE, SIDE))
    assert not module.training
    assert distance(network(pictures(4)), Eager(module)(pictures(4))) < 1e-4


def test_without_openvino_torch_answers_and_says_so(module, monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "openvino", None)
    with caplog.at_level(logging.WARNING):
        network = fastest(module, (3, SIDE, SIDE))
    assert network.runtime == "torch"
    assert "torch does" in caplog.text
    assert network(pictures(2)).shape == (2, WIDTH)


def test_what_openvino_cannot_convert_torch_runs(caplog):
    class Odd(nn.Module):
        def forward(self, x):
            return torch.special.bessel_j0(x).mean((2, 3))

    network = fastest(Odd(), (3, SIDE, SIDE))
    assert network.runtime == "torch"
    assert "Odd" in caplog.text
    assert network(pictures(2)).shape == (2, 3)


def test_eager_leaves_the_number_of_threads_as_it_was(module):
    before = torch.get_num_threads()
    Eager(module, before + 1)(pictures(1))
    assert torch.get_num_threads() == before


def test_cores_can_be_lowered(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert cores() == 1
    for nonsense in ("", "0", "many", "4,2"):
        monkeypatch.setenv("OMP_NUM_THREADS", nonsense)
        assert cores() >= 1


def test_the_import_is_light_and_nobody_is_called():
    """No torch until it is needed, no telemetry at all."""
    code = (
        "import sys, socialsense.inference as i;"
        "assert not {'torch', 'openvino', 'scipy'} & set(sys.modules);"
        "i._openvino();"
        "loaded = {n for n, m in sys.modules.items() if m and n.startswith('openvino_telemetry')};"
        "assert not loaded, loaded;"
        "assert 'openvino.tools.ovc.telemetry_stub' in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


@pytest.mark.parametrize(
    ("noise", "passes"), [(0.0, True), (1e-4, True), (0.5, False)]
)  # fmt: skip
def test_the_gate_measures_once_and_remembers(tmp_path, noise, passes):
    rows = np.random.default_rng(0).standard_normal((20, 8)).astype(np.float32)
    calls = []

    def rough():
        calls.append("rough")
        wobble = np.random.default_rng(1).standard_normal(rows.shape).astype(np.float32)
        return lambda batch: rows + noise * wobble

    gate = Gate("weights", tmp_path / "new" / "precision.json", lambda: pictures(20))
    for _ in range(2):
        assert gate.passes("processor", lambda batch: rows, rough) == passes
    assert calls == ["rough"]
    assert gate.passes("another processor", lambda batch: rows, rough) == passes
    assert calls == ["rough"] * 2
    known = json.loads(gate.memory.read_text("utf-8"))
    assert len(known) == 2
    assert (known["weights · processor"] >= precision.MIN_AGREEMENT) == passes


@pytest.mark.parametrize("content", ["", "[]", '{"a": "b"}', '{"a": null}', "\x00"])
def test_a_damaged_memory_is_measured_again(tmp_path, content):
    rows = np.random.default_rng(0).standard_normal((9, 1)).astype(np.float32)
    gate = Gate("weights", tmp_path / "precision.json", lambda: pictures(9))
    gate.memory.write_text(content)
    assert gate.passes("processor", lambda batch: rows, lambda: lambda batch: rows)
    assert json.loads(gate.memory.read_text("utf-8")) == {"weights · processor": 1.0}


def test_a_memory_that_cannot_be_written_only_warns(tmp_path, caplog):
    rows = np.eye(5, dtype=np.float32)[:, :1] + np.arange(5, dtype=np.float32)[:, None]
    (tmp_path / "file").write_text("")
    gate = Gate("weights", tmp_path / "file" / "precision.json", lambda: pictures(5))
    assert gate.passes("processor", lambda batch: rows, lambda: lambda batch: rows)
    assert "could not be kept" in caplog.text


def test_rank_agreement_is_spearmans():
    scores = np.array([[1.0], [2.0], [3.0], [4.0]], np.float32)
    assert rank_agreement(scores, scores**3) == pytest.approx(1)
    assert rank_agreement(scores, -scores) == pytest.approx(-1)
    assert rank_agreement(scores[:1], scores[:1]) == 0
    assert rank_agreement(np.ones_like(scores), scores) == 0


def test_the_gate_decides_how_the_network_computes(module, tmp_path):
    """Whatever this processor can do: a gate that fails gives float32, exactly."""
    core = inference._openvino().Core()
    able = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    alike = np.zeros((4, 3, SIDE, SIDE), np.float32)  # no order in them, so no agreement
    shut = fastest(
        module, (3, SIDE, SIDE), gate=Gate("a", tmp_path / "precision.json", lambda: alike)
    )
    plain = fastest(module, (3, SIDE, SIDE))
    assert "f32" in shut.runtime
    np.testing.assert_array_equal(shut(pictures(2)), plain(pictures(2)))
    assert (tmp_path / "precision.json").exists() == able
