"""The siamese network of 2020: do two posts share a hashtag?

Three 5×5 convolutions (32, 64, 128) with 3×3 max-pooling turn a picture of
128×128 into 512 numbers; a small network over the absolute difference of two
such towers gives the probability. 784,449 parameters. Its card says how weak it is.

The protocol asks for unit rows while the 2020 head depends on a tower's length,
so a row is the tower in homogeneous coordinates: (t, 1) / |(t, 1)|, D = 513,
from which t is recovered without loss.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from PIL import Image as PILImage
from torch import Tensor, nn

from socialsense.arrays import Float32, FloatArray
from socialsense.cards import read_weights
from socialsense.errors import ModelError
from socialsense.settings import Settings

SIDE = 128
WIDTH = 512
BATCH = 64
PAIRS = 4096
"""Pairs that pass the head at a time: 8 MB of activations, which stay in cache."""


class SiameseNetwork(nn.Module):
    """The architecture of 2020; `forward` gives logits for pairs of pictures."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise((3, 32, 64, 128)):
            layers += [nn.Conv2d(inputs, outputs, 5), nn.ReLU(), nn.MaxPool2d(3)]
        self.tower = nn.Sequential(*layers, nn.Flatten())
        self.head = nn.Sequential(
            nn.Linear(WIDTH, WIDTH),
            nn.ReLU(),
            nn.Linear(WIDTH, WIDTH),
            nn.ReLU(),
            nn.Linear(WIDTH, 1),
        )

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """(N, 3, 128, 128) twice, values in [0, 1], to (N,) logits."""
        return self.compare(self.tower(a), self.tower(b))

    def compare(self, a: Tensor, b: Tensor) -> Tensor:
        """(…, 512) twice to (…) logits."""
        logits: Tensor = self.head((a - b).abs()).squeeze(-1)
        return logits


class SiameseEmbedder:
    """Towers are computed once a picture; a comparison costs the head alone."""

    def __init__(self, network: SiameseNetwork, model_id: str) -> None:
        self.network = network.eval()
        self.model_id = model_id

    @torch.inference_mode()
    def embed(self, images: Sequence[PILImage.Image]) -> Float32:
        """(N, 513) float32, unit rows."""
        rows = np.ones((len(images), WIDTH + 1), dtype=np.float32)
        for start in range(0, len(images), BATCH):
            batch = images[start : start + BATCH]
            rows[start : start + len(batch), :WIDTH] = self.network.tower(to_tensor(batch)).numpy()
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows

    @torch.inference_mode()
    def similarity(self, queries: FloatArray, references: FloatArray) -> Float32:
        """(Q, 513) and (N, 513) to (Q, N): probability that two posts share a hashtag."""
        lefts, rights = _towers(queries), _towers(references)
        out = torch.empty(len(lefts), len(rights))
        for row, left in enumerate(lefts):
            for start in range(0, len(rights), PAIRS):
                block = slice(start, start + PAIRS)
                out[row, block] = self.network.compare(left, rights[block]).sigmoid()
        return out.numpy()


def to_tensor(images: Sequence[PILImage.Image]) -> Tensor:
    """Pictures squashed to 128×128, as (N, 3, 128, 128) in [0, 1], like the 2020 code."""
    arrays = [
        np.asarray(image.convert("RGB").resize((SIDE, SIDE), PILImage.Resampling.BILINEAR))
        for image in images
    ]
    return torch.from_numpy(np.stack(arrays)).permute(0, 3, 1, 2).float() / 255


def _towers(rows: FloatArray) -> Tensor:
    return torch.from_numpy(np.asarray(rows[:, :WIDTH] / rows[:, WIDTH:], dtype=np.float32))


def load(settings: Settings) -> SiameseEmbedder:
    """Raises ModelError when the weights are missing, damaged or of another network."""
    card, tensors = read_weights(settings.models_dir, "embedders", "siamese")
    with torch.device("meta"):
        network = SiameseNetwork()
    try:
        state = {key: torch.from_numpy(value) for key, value in tensors.items()}
        network.load_state_dict(state, strict=True, assign=True)
    except RuntimeError as error:
        raise ModelError(
            "The weights of embedders/siamese belong to another network.",
            means=f"Their names or shapes do not fit: {str(error).splitlines()[-1].strip()}.",
            do="Restore them with `git checkout models`, or train again.",
        ) from error
    return SiameseEmbedder(network, f"siamese/{(card.weights_sha256 or '')[:12]}")
