"""Photos are alike when their posts are likely to share an informative hashtag.

An EfficientNet-Lite, pretrained on ImageNet, sees the photo. Two small heads, fitted to
the hashtags of Instagram posts, say where its hashtags point and which theme it has; how
often posts of two themes share a hashtag is known. The similarity is the probability
that two posts share a hashtag that says something: a logistic function of a product of
rows, fitted on photos the heads had not seen. The card says how good it is.

EfficientNet-Lite (Tan & Le 2019; Google 2020): inverted residual blocks of
convolutions and ReLU6, no squeeze-and-excitation, no swish. Batch normalisation is
folded into the convolutions. Padding is TensorFlow's SAME, as the published weights
expect: where it cannot be even, the odd pixel goes to the right and the bottom.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import torch
from PIL import Image as PILImage
from torch import Tensor, nn
from torch.nn import functional

from socialsense.arrays import Float32, FloatArray
from socialsense.cards import read_weights
from socialsense.errors import ModelError
from socialsense.inference import fastest
from socialsense.settings import Settings

BATCH = 16
CALIBRATION = "calibration"
"""Among the weights: slope and offset of the logistic function."""

Network = Callable[[Float32], Float32]
"""(N, 3, S, S) to (N, D) unit rows."""


Version = Literal["lite0", "lite1", "lite2"]
FEATURES = 1280
STEM = 32
BN_EPSILON = 1e-3
KERNEL_DIMENSIONS = 4
# expansion, channels, repeats, stride, kernel
STAGES = (
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a version differs from lite0, and the side of its pictures."""

    width: float
    depth: float
    side: int

    def channels(self, base: int) -> int:
        """Scaled by width to a multiple of 8, never losing more than a tenth."""
        scaled = base * self.width
        rounded = max(8, int(scaled + 4) // 8 * 8)
        return rounded + 8 if rounded < 0.9 * scaled else rounded


SHAPES: Mapping[str, Shape] = {
    "lite0": Shape(1.0, 1.0, 224),
    "lite1": Shape(1.0, 1.1, 240),
    "lite2": Shape(1.1, 1.2, 260),
}


class Conv(nn.Conv2d):
    """A convolution with SAME padding, and ReLU6 unless it ends a block.

    `side` is that of the input: only where a stride meets an even one is SAME lopsided.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 1,
        stride: int = 1,
        *,
        side: int = 1,
        groups: int = 1,
        active: bool = True,
    ) -> None:
        lopsided = stride > 1 and side % 2 == 0
        padding = 0 if lopsided else kernel // 2
        super().__init__(inputs, outputs, kernel, stride, padding, groups=groups)
        before, after = kernel // 2 - 1, kernel // 2
        self.extra = (before, after, before, after) if lopsided else None
        self.active = active

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, ⌈H / stride⌉, ⌈W / stride⌉)."""
        y = super().forward(x if self.extra is None else functional.pad(x, self.extra))
        return functional.relu6(y) if self.active else y


class Block(nn.Module):
    """Expand, filter each channel, project; add the input where shapes allow."""

    def __init__(
        self, inputs: int, outputs: int, expansion: int, stride: int, kernel: int, side: int
    ) -> None:
        super().__init__()
        inner = inputs * expansion
        self.expand = Conv(inputs, inner) if expansion > 1 else nn.Identity()
        self.depthwise = Conv(inner, inner, kernel, stride, side=side, groups=inner)
        self.project = Conv(inner, outputs, active=False)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H / stride, W / stride)."""
        y: Tensor = self.project(self.depthwise(self.expand(x)))
        return x + y if self.residual else y


class Lite(nn.Module):
    """The backbone: what every stage saw of a picture, without the place where it saw it.

    Pictures have one side, the version's own if none is given. The features are mean
    and standard deviation of each channel where a stage ends, of the last one mean and
    maximum, and at the end the square roots of the 1280 averages that ImageNet's classifier reads.
    """

    def __init__(self, version: Version, side: int | None = None) -> None:
        super().__init__()
        shape = SHAPES[version]
        side = side or shape.side
        self.stem = Conv(3, STEM, 3, 2, side=side)
        stages: list[nn.Sequential] = []
        inputs, side = STEM, (side + 1) // 2
        for number, (expansion, base, repeats, stride, kernel) in enumerate(STAGES):
            scaled = 0 < number < len(STAGES) - 1
            blocks: list[Block] = []
            for place in range(math.ceil(repeats * shape.depth) if scaled else repeats):
                step = stride if place == 0 else 1
                outputs = shape.channels(base)
                blocks.append(Block(inputs, outputs, expansion, step, kernel, side))
                inputs, side = outputs, -(-side // step)
            stages.append(nn.Sequential(*blocks))
        self.stages = nn.ModuleList(stages)
        self.head = Conv(inputs, FEATURES)
        self.width = 2 * sum(shape.channels(stage[1]) for stage in STAGES) + FEATURES

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, S, S), normalised as (pixel − 127) / 128, to (N, width)."""
        y = self.stem(x)
        seen: list[Tensor] = []
        for stage in self.stages:
            y = stage(y)
            average = y.mean(dim=(2, 3))
            if stage is self.stages[-1]:
                spread = y.amax(dim=(2, 3))
            else:
                spread = (y - average[:, :, None, None]).square().mean(dim=(2, 3)).sqrt()
            seen += [average, spread]
        return torch.cat([*seen, self.head(y).mean(dim=(2, 3)).sqrt()], dim=1)


_NAMES = {
    "_conv_stem": ("stem", "_bn0"),
    "_conv_head": ("head", "_bn1"),
    "_expand_conv": ("expand", "_bn0"),
    "_depthwise_conv": ("depthwise", "_bn1"),
    "_project_conv": ("project", "_bn2"),
}


def fold(published: Mapping[str, Tensor], backbone: Lite) -> dict[str, Tensor]:
    """The state of a backbone from a published one: convolutions take in their normalisation.

    The ImageNet classifier is left out. Raises KeyError where a name is unknown.
    """
    places = [
        f"stages.{i}.{j}"
        for i, s in enumerate(backbone.stages)
        for j in range(len(list(s.children())))
    ]
    state: dict[str, Tensor] = {}
    for name in (key for key in published if published[key].ndim == KERNEL_DIMENSIONS):
        *block, last, _ = name.split(".")
        ours, bn = _NAMES[last]
        path = ".".join([places[int(block[1])], ours]) if block else ours
        scale, shift, mean, variance = (
            published[".".join([*block, bn, part])]
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = scale / torch.sqrt(variance + BN_EPSILON)
        state[f"{path}.weight"] = published[name] * scale[:, None, None, None]
        state[f"{path}.bias"] = shift - mean * scale
    return state


class Head(nn.Module):
    """What the backbone saw to a unit row.

    A row is (g·d, p·C, r) / R. d: the unit direction in which the hashtags should point.
    p: the probability of each theme. C: rows whose products say how readily two themes
    share a hashtag. g: how much directions count beside themes. r makes the row as long
    as the longest one can be, R, so that rows have unit length and products of all but
    their last column are what the similarity is made of.
    """

    def __init__(self, width: int, dimensions: int, themes: int) -> None:
        super().__init__()
        self.direction = nn.Linear(width, dimensions)
        self.theme = nn.Linear(width, themes)
        self.company: Tensor
        self.gain: Tensor
        self.register_buffer("company", torch.zeros(themes, themes))
        self.register_buffer("gain", torch.ones(1))
        self.width = dimensions + themes + 1

    def forward(self, seen: Tensor) -> Tensor:
        """What the backbone saw, (N, its width), to (N, width) unit rows."""
        directions = self.gain * functional.normalize(self.direction(seen), dim=1)
        themes = self.theme(seen).softmax(dim=1) @ self.company
        told = torch.cat([directions, themes], dim=1) / self.radius()
        rest = (1 - told.square().sum(dim=1, keepdim=True)).clamp_min(0).sqrt()
        return torch.cat([told, rest], dim=1)

    def radius(self) -> Tensor:
        """The length that (g·d, p·C) cannot exceed, since p lies between its corners."""
        return (self.gain.square() + self.company.square().sum(dim=1).amax()).sqrt()


class HashtagNetwork(nn.Module):
    """Backbone and head."""

    def __init__(self, version: Version, dimensions: int, themes: int) -> None:
        super().__init__()
        self.backbone = Lite(version)
        self.head = Head(self.backbone.width, dimensions, themes)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, S, S), as `to_batch` gives them, to (N, D) unit rows."""
        rows: Tensor = self.head(self.backbone(x))
        return rows


class HashtagEmbedder:
    """`network` is whatever computes the rows; `similarity` needs the rows alone."""

    def __init__(
        self,
        network: Network,
        *,
        side: int,
        dimensions: int,
        slope: float,
        offset: float,
        model_id: str,
    ) -> None:
        self.network = network
        self.side = side
        self.dimensions = dimensions
        self.slope = slope
        self.offset = offset
        self.model_id = model_id

    def prepare(self, image: PILImage.Image) -> PILImage.Image:
        """The small square the network sees; one already prepared stays as it is."""
        return squashed(image, self.side)

    def embed(self, images: Sequence[PILImage.Image]) -> Float32:
        """(N, D) float32, unit rows."""
        rows = np.empty((len(images), self.dimensions), dtype=np.float32)
        for start in range(0, len(images), BATCH):
            block = slice(start, start + BATCH)
            rows[block] = self.network(to_batch(images[block], self.side))
        return rows

    def similarity(self, queries: FloatArray, references: FloatArray) -> Float32:
        """(Q, D) and (N, D) to (Q, N): probability of sharing an informative hashtag."""
        told = np.array(queries, dtype=np.float32)
        told[:, -1] = 0  # the last column gives rows their length and says nothing
        table = np.asarray(told @ references.T, dtype=np.float32)
        table *= -self.slope  # in place throughout: a million references are one array
        table -= self.offset
        np.exp(table, out=table)
        table += 1
        return cast("Float32", np.reciprocal(table, out=table))


def squashed(image: PILImage.Image, side: int) -> PILImage.Image:
    """A picture as a square, whatever its shape was."""
    return image.convert("RGB").resize((side, side), PILImage.Resampling.BICUBIC)


def to_batch(images: Sequence[PILImage.Image], side: int) -> Float32:
    """Pictures squashed to a square, normalised as the backbone expects: (N, 3, side, side)."""
    batch = np.empty((len(images), 3, side, side), dtype=np.float32)
    for row, image in zip(batch, images, strict=True):
        row[:] = np.asarray(squashed(image, side)).transpose(2, 0, 1)
    batch -= 127
    batch /= 128
    return batch


def load(settings: Settings) -> HashtagEmbedder:
    """Raises ModelError when the weights are missing, damaged or of another network."""
    card, tensors = read_weights(settings.models_dir, "embedders", "hashtag")
    try:
        version, dimensions, themes = (
            card.details["backbone"],
            card.details["dimensions"],
            len(card.details["themes"]),
        )
        slope, offset = (float(value) for value in tensors.pop(CALIBRATION))
        with torch.device("meta"):
            network = HashtagNetwork(version, dimensions, themes)
        state = {key: torch.from_numpy(value).float() for key, value in tensors.items()}
        network.load_state_dict(state, strict=True, assign=True)
    except (RuntimeError, KeyError, ValueError, TypeError) as error:
        raise ModelError(
            "The weights of embedders/hashtag belong to another network.",
            means=f"Their names or shapes do not fit: {str(error).splitlines()[-1].strip()}.",
            do="Restore them with `git checkout models`, or train again.",
        ) from error
    side = SHAPES[version].side
    return HashtagEmbedder(
        fastest(network, (3, side, side)),
        side=side,
        dimensions=network.head.width,
        slope=slope,
        offset=offset,
        model_id=f"hashtag/{(card.weights_sha256 or '')[:12]}",
    )
