"""Intrinsic image popularity: the published model of Ding, Ma & Wang.

"Intrinsic Image Popularity Assessment", ACM Multimedia 2019, arXiv 1907.01985: a
ResNet-50 with one output, trained by RankNet on pairs of Instagram posts of one account
and about the same time, so that what is left to tell them apart is the picture. The
weights are not shipped; the authors publish them, and `load` says where.

The network is written out here with torchvision's names, so that the published
checkpoint fits as it is: importing torchvision takes more than a second, as long as all
that `load` does. As in torchvision, the stride of a block is in its 3×3 convolution. The
authors squash a picture to a square and do not normalise it by ImageNet's colours;
neither may be changed without changing the scores.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from textwrap import shorten
from typing import Self

import numpy as np
import torch
from PIL import Image as PILImage
from safetensors.torch import load as load_safetensors
from scipy.special import ndtr
from torch import Tensor, nn

from socialsense.arrays import Float32, Float64
from socialsense.errors import ModelError
from socialsense.images import sha256_of
from socialsense.inference import fastest
from socialsense.settings import Settings

PUBLISHED = "https://github.com/dingkeyan93/Intrinsic-Image-Popularity"
PUBLISHED_FILE = "model/model-resnet50.pth"
LICENCE = "MIT, by its README"

SIDE = 224
BATCH = 16
MEAN, SPREAD = 2.96, 1.55
"""Of the scores on the paper's test set: mean and standard deviation."""
MAX_BYTES = 1_000_000_000
"""Ten times the published file; what is larger is something else."""

DEPTHS = (3, 4, 6, 3)
STEM = 64
EXPANSION = 4

Network = Callable[[Float32], Float32]
"""(N, 3, 224, 224) in [0, 1] to (N, 1)."""


class Block(nn.Module):
    """Narrow, filter, widen; then add the input, projected where shapes differ."""

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        outputs = EXPANSION * width
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample: nn.Module = nn.Identity()
        if inputs != outputs:
            project = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.downsample = nn.Sequential(project, nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, 4 · width, ⌈H / stride⌉, ⌈W / stride⌉)."""
        y = self.bn1(self.conv1(x)).relu()
        y = self.bn2(self.conv2(y)).relu()
        y = self.bn3(self.conv3(y)) + self.downsample(x)
        result: Tensor = y.relu()
        return result


class ResNet50(nn.Module):
    """He et al. (2016), "Deep residual learning for image recognition", with one output."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, STEM, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(STEM)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layer1, self.layer2, self.layer3, self.layer4 = map(_stage, range(len(DEPTHS)))
        self.fc = nn.Linear(EXPANSION * STEM * 2 ** (len(DEPTHS) - 1), 1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, 224, 224) in [0, 1] to (N, 1)."""
        y = self.maxpool(self.bn1(self.conv1(x)).relu())
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            y = stage(y)
        scores: Tensor = self.fc(y.mean(dim=(2, 3)))
        return scores


def _stage(number: int) -> nn.Sequential:
    """Blocks of one width; from the second stage on, the first of them halves the side."""
    width = STEM * 2**number
    first = Block(EXPANSION * width // 2 if number else STEM, width, 2 if number else 1)
    rest = (Block(EXPANSION * width, width, 1) for _ in range(DEPTHS[number] - 1))
    return nn.Sequential(first, *rest)


class IntrinsicPopularity:
    """`network` is whatever computes the scores. A score has no parts that could be named."""

    side = SIDE
    factors: Sequence[tuple[str, str]] = ()

    def __init__(self, network: Network, model_id: str) -> None:
        self.network = network
        self.model_id = model_id

    def prepare(self, image: PILImage.Image) -> PILImage.Image:
        """The small square the network sees; one already prepared stays as it is."""
        return squashed(image)

    def judge(self, images: Sequence[PILImage.Image]) -> Float64:
        """(N, 1): the scores."""
        scores = np.empty((len(images), 1), dtype=np.float64)
        for start in range(0, len(images), BATCH):
            block = slice(start, start + BATCH)
            scores[block] = self.network(to_batch(images[block]))
        return scores

    def of_account(self, _handle: str) -> Self:
        """This one for every account."""
        return self

    def percentile(self, scores: Float64) -> Float64:
        """Under a normal distribution with the mean and spread of the paper's test set."""
        return np.asarray(100 * ndtr((scores - MEAN) / SPREAD), dtype=np.float64)


def squashed(image: PILImage.Image) -> PILImage.Image:
    """224 × 224, whatever the shape was: torchvision's Resize((224, 224)) of a picture."""
    return image.convert("RGB").resize((SIDE, SIDE), PILImage.Resampling.BILINEAR)


def to_batch(images: Sequence[PILImage.Image]) -> Float32:
    """Pictures squashed to a square: (N, 3, 224, 224) in [0, 1]."""
    batch = np.empty((len(images), 3, SIDE, SIDE), dtype=np.float32)
    for row, image in zip(batch, images, strict=True):
        row[:] = np.asarray(squashed(image)).transpose(2, 0, 1)
    batch /= 255
    return batch


def checkpoint(settings: Settings) -> Path:
    """Where the weights lie, or should: what the settings name, else in the models' folder."""
    if settings.intrinsic_weights:
        return settings.intrinsic_weights
    published = settings.models_dir / "popularity" / "intrinsic" / Path(PUBLISHED_FILE).name
    converted = published.with_suffix(".safetensors")
    return converted if converted.exists() and not published.exists() else published


def load(settings: Settings) -> IntrinsicPopularity:
    """Raises ModelError when the checkpoint is missing, damaged, not the one asked for, or unfit.

    Code in a checkpoint is never run; where the settings give its SHA-256, a file of
    another is not even parsed.
    """
    path = checkpoint(settings)
    network, sha256 = _read(path, settings.intrinsic_sha256)
    return IntrinsicPopularity(fastest(network, (3, SIDE, SIDE)), f"intrinsic/{sha256[:12]}")


def _read(path: Path, expected: str | None) -> tuple[ResNet50, str]:
    """The network with the file's weights, and the file's SHA-256."""
    data = _bytes(path)
    sha256 = sha256_of(data)
    if expected and sha256 != expected:
        raise ModelError(
            "The weights of popularity/intrinsic are not those that were asked for.",
            means=f"{path} has SHA-256 {sha256[:12]}…, not {expected[:12]}…; "
            "nothing of it was loaded.",
            do="Download the file again, or correct SOCIALSENSE_INTRINSIC_SHA256.",
        )
    return _filled(_parsed(data, path), path), sha256


def _bytes(path: Path) -> bytes:
    try:
        if not path.exists():
            raise ModelError(
                "The weights of popularity/intrinsic are missing.",
                means=f"They are not shipped with Socialsense, and {path} does not exist.",
                do=_where_from(path),
            )
        size = path.stat().st_size
        if not path.is_file() or size > MAX_BYTES:
            fault = f"{size / 1e9:.1f} GB large" if path.is_file() else "a folder or a device"
            raise ModelError(
                "The weights of popularity/intrinsic cannot be these.",
                means=f"{path} is {fault}; the published file has 0.1 GB.",
                do=_where_from(path),
            )
        return path.read_bytes()
    except OSError as error:
        raise ModelError(
            "The weights of popularity/intrinsic cannot be read.",
            means=f"{path} is closed to this user or damaged ({error.strerror}).",
            do="Check its permissions and the disk.",
        ) from error


def _parsed(data: bytes, path: Path) -> object:
    """What the file holds, if that is tensors and plain values alone."""
    try:
        if path.suffix == ".safetensors":
            return load_safetensors(data)
        return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except Exception as error:
        if "global" in str(error).lower():  # torch's word for a function or class in a pickle
            raise ModelError(
                "The weights of popularity/intrinsic hold more than weights.",
                means=f"{path} names code to be run when it is read; none of it was run.",
                do="Save the state dict alone, with torch.save(model.state_dict(), …), if you "
                f"trust whoever made the file. {_where_from(path)}",
            ) from error
        raise ModelError(
            "The weights of popularity/intrinsic are damaged.",
            means=f"{path} is cut off, or no checkpoint of torch or safetensors: {_short(error)}",
            do=_where_from(path),
        ) from error


def _filled(found: object, path: Path) -> ResNet50:
    with torch.device("meta"):
        network = ResNet50()
    try:
        network.load_state_dict(_named(found), strict=True, assign=True)
    except (RuntimeError, TypeError) as error:
        raise ModelError(
            "The weights of popularity/intrinsic belong to another network.",
            means=f"{path} does not fit a ResNet-50 with one output: {_short(error)}",
            do=_where_from(path),
        ) from error
    return network


def _named(found: object) -> dict[str, Tensor]:
    """Tensors by torchvision's names, in float32. Raises TypeError where there are none."""
    if not isinstance(found, Mapping):
        raise TypeError(f"it is a {type(found).__name__}, not a state dict.")
    if not all(isinstance(key, str) and torch.is_tensor(found[key]) for key in found):
        raise TypeError("it is not a state dict: not all it holds are tensors with a name.")
    wrapped = all(key.startswith("module.") for key in found)  # saved through DataParallel
    return {key.removeprefix("module.") if wrapped else key: found[key].float() for key in found}


def _short(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return shorten(lines[min(1, len(lines) - 1)], 160, placeholder=" …")


def _where_from(path: Path) -> str:
    return (
        f"The authors publish it at {PUBLISHED} as {PUBLISHED_FILE} ({LICENCE}): save it as "
        f"{path}, or name its place in SOCIALSENSE_INTRINSIC_WEIGHTS."
    )
