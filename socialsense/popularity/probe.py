"""The default: attention from what a photo shows and from how it looks, learned within accounts.

A linear ranking model (RankNet) on what the backbone of the hashtag embedder sees, beside
eight simple photographic features. Its card says how far it carries to accounts it has
not seen, and that those it was trained on are celebrities.
"""

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image as PILImage
from scipy.special import ndtr

from socialsense.arrays import Float32, Float64
from socialsense.cards import read_weights
from socialsense.errors import ModelError
from socialsense.images import sha256_of
from socialsense.inference import Network, cores, fastest
from socialsense.lite import FEATURES, SHAPES, Lite, to_batch
from socialsense.photographic import WORDS, features
from socialsense.settings import Settings
from socialsense.types import Card

BATCH = 16
BACKBONE = "backbone."
"""How the backbone's tensors are named among the hashtag embedder's."""
log = logging.getLogger(__name__)
SHOWN = ("a subject that is liked", "a subject that is liked less")


class ProbePopularity:
    """`network` gives what the backbone sees; the last FEATURES columns are used.

    A score is Σ weight · (feature − mean): over what the photo shows, then over each of the
    photographic features. `spread`: standard deviation of scores in training. `backbone`:
    SHA-256 of the network's tensors. `own`: folder of models trained on one account's posts.
    """

    def __init__(
        self,
        network: Network,
        side: int,
        *,
        mean: Float32,
        weight: Float32,
        spread: float,
        model_id: str,
        backbone: str,
        own: Path | None = None,
    ) -> None:
        self.backbone = backbone
        self.own = own
        self.network = network
        self.side = side
        self.mean = mean
        self.weight = weight
        self.spread = spread
        self.model_id = model_id
        looks = weight[FEATURES:]
        self.factors: Sequence[tuple[str, str]] = [
            SHOWN,
            *(pair if w > 0 else pair[::-1] for pair, w in zip(WORDS, looks, strict=True)),
        ]

    def prepare(self, image: PILImage.Image) -> PILImage.Image:
        """Small, in its own shape, which is one of the features; one so small stays as it is."""
        return reduced(image, self.side)

    def judge(self, images: Sequence[PILImage.Image]) -> Float64:
        """(N, 10): the score, then what its subject and each photographic feature add to it."""
        table = self.look(images)
        parts = (table - self.mean) * self.weight
        shown = parts[:, :FEATURES].sum(axis=1, keepdims=True)
        made_of = np.hstack([shown, parts[:, FEATURES:]])
        return np.hstack([made_of.sum(axis=1, keepdims=True), made_of])

    def look(self, images: Sequence[PILImage.Image]) -> Float64:
        """(N, FEATURES + 8): what the backbone sees, and the photographic features."""
        with ThreadPoolExecutor(cores()) as pool:  # Pillow leaves Python's lock while it resizes
            small = list(pool.map(self.prepare, images))
        return look(self.network, self.side, small)

    def of_account(self, handle: str) -> "ProbePopularity":
        """The one trained on the account's posts, where there is one for this backbone."""
        if self.own is None or not (self.own / "popularity" / handle / "card.json").is_file():
            return self
        try:
            card, tensors = read_weights(self.own, "popularity", handle)
            if card.details.get("backbone_sha256") == self.backbone:
                return assembled(card, tensors, self.network, self.side)
        except ModelError as error:
            log.warning("The own ranking of an account cannot be used: %s", error)
        return self  # the shipped one knows more than nothing

    def percentile(self, scores: Float64) -> Float64:
        """Among the photos it was trained on, whose scores are taken as normal."""
        return np.asarray(100 * ndtr(scores / self.spread), dtype=np.float64)


def reduced(image: PILImage.Image, side: int) -> PILImage.Image:
    """Twice `side` at most on its longer side."""
    small = image.convert("RGB")
    small.thumbnail((2 * side, 2 * side), PILImage.Resampling.BICUBIC)
    return small


def look(network: Network, side: int, images: Sequence[PILImage.Image]) -> Float64:
    """(N, FEATURES + 8): what the backbone sees, and the photographic features."""
    table = np.empty((len(images), FEATURES + len(WORDS)))
    for start in range(0, len(images), BATCH):
        block = slice(start, start + BATCH)
        table[block, :FEATURES] = network(to_batch(images[block], side))[:, -FEATURES:]
    for row, image in zip(table, images, strict=True):
        row[FEATURES:] = features(image)
    return table


def load_backbone(settings: Settings) -> tuple[Network, int, str, str]:
    """The hashtag embedder's backbone, its side, its version, and the SHA-256 of its tensors.

    Raises ModelError.
    """
    card, tensors = read_weights(settings.models_dir, "embedders", "hashtag")
    own = {k.removeprefix(BACKBONE): v for k, v in tensors.items() if k.startswith(BACKBONE)}
    version = card.details.get("backbone", "")
    try:
        with torch.device("meta"):
            backbone = Lite(version)
        state = {name: torch.from_numpy(value).float() for name, value in own.items()}
        backbone.load_state_dict(state, strict=True, assign=True)
    except (RuntimeError, KeyError) as error:
        raise _foreign(str(error)) from error
    side = SHAPES[version].side
    return fastest(backbone, (3, side, side)), side, version, digest(own)


def digest(tensors: Mapping[str, Float32]) -> str:
    """SHA-256 of tensors, by name."""
    return sha256_of(b"".join(tensors[name].tobytes() for name in sorted(tensors)))


def load(settings: Settings) -> ProbePopularity:
    """Raises ModelError when weights are missing, damaged, or made for another backbone."""
    card, tensors = read_weights(settings.models_dir, "popularity", "probe")
    network, side, _, backbone = load_backbone(settings)
    if card.details.get("backbone_sha256") != backbone:
        raise _foreign("they were made for another backbone than the hashtag embedder has now")
    return assembled(card, tensors, network, side, settings.own_models_dir)


def assembled(
    card: Card,
    tensors: Mapping[str, Float32],
    network: Network,
    side: int,
    own: Path | None = None,
) -> ProbePopularity:
    """The model from its parts. Raises ModelError when they do not fit."""
    mean, weight, spread = fitting(tensors)
    return ProbePopularity(
        network,
        side,
        mean=mean,
        weight=weight,
        spread=spread,
        model_id=f"probe/{(card.weights_sha256 or '')[:12]}",
        backbone=card.details["backbone_sha256"],
        own=own,
    )


def fitting(tensors: Mapping[str, Float32]) -> tuple[Float32, Float32, float]:
    """Mean, weight and spread. Raises ModelError when one is missing or of another shape."""
    try:
        mean, weight, (spread,) = (tensors[name] for name in ("mean", "weight", "spread"))
    except (KeyError, ValueError) as error:
        raise _foreign(f"a tensor is missing or of another shape: {error}") from error
    if mean.shape != weight.shape or weight.shape != (FEATURES + len(WORDS),):
        raise _foreign(f"their shapes are {mean.shape} and {weight.shape}")
    return mean, weight, float(spread)


def _foreign(why: str) -> ModelError:
    return ModelError(
        "The weights of popularity/probe belong to another model.",
        means=f"They do not fit: {why.splitlines()[-1].strip()}.",
        do="Restore them with `git checkout models`, or train again.",
    )
