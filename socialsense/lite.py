"""EfficientNet-Lite: the backbone that sees the photo, and how it wants photos prepared.

Inverted residual blocks of convolutions and ReLU6, without squeeze-and-excitation or
swish (Tan & Le 2019; Google 2020). Batch normalisation is folded into the convolutions.
Padding is TensorFlow's SAME, as the published weights expect: where it cannot be even,
the odd pixel goes to the right and the bottom.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from PIL import Image as PILImage
from torch import Tensor, nn
from torch.nn import functional

from socialsense.arrays import Float32

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
