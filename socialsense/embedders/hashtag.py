"""Photos are alike when their posts are likely to share an informative hashtag.

An EfficientNet-Lite, pretrained on ImageNet, sees the photo. Two small heads, fitted to
the hashtags of Instagram posts, say where its hashtags point and which theme it has; how
often posts of two themes share a hashtag is known. The similarity is the probability
that two posts share a hashtag that says something: a logistic function of a product of
rows, fitted on photos the heads had not seen. The card says how good it is.
"""

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np
import torch
from PIL import Image as PILImage
from torch import Tensor, nn
from torch.nn import functional

from socialsense.arrays import Float32, FloatArray
from socialsense.cards import read_weights
from socialsense.errors import ModelError
from socialsense.inference import fastest
from socialsense.lite import SHAPES, Lite, Version, squashed, to_batch
from socialsense.settings import Settings

BATCH = 16
CALIBRATION = "calibration"
"""Among the weights: slope and offset of the logistic function."""

Network = Callable[[Float32], Float32]
"""(N, 3, S, S) to (N, D) unit rows."""


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
        directions = functional.normalize(self.direction(seen), dim=1)
        told = self.told(directions, self.theme(seen))
        rest = (1 - told.square().sum(dim=1, keepdim=True)).clamp_min(0).sqrt()
        return torch.cat([told, rest], dim=1)

    def told(self, directions: Tensor, themes: Tensor) -> Tensor:
        """(N, dimensions) unit rows and (N, themes) logits to (N, width − 1): (g·d, p·C) / R."""
        both = [self.gain * directions, themes.softmax(dim=1) @ self.company]
        return torch.cat(both, dim=1) / self.radius()

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
