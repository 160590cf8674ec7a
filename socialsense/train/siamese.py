"""Train the siamese network of 2020 on photos and their hashtags, as its authors did.

Pairs: 28 % at random, 72 % neighbours at most 3 apart in crawl order; label 1 where
the two share a hashtag. Photos are split by group; the epoch with the lowest
validation loss is kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from socialsense.datasets import Split, TaggedPhoto, read_tagged_photos
from socialsense.embedders.siamese import SiameseNetwork, to_tensor
from socialsense.images import read_image
from socialsense.vision import transforms

RANDOM_SHARE = 0.28
NEIGHBOURS = 3
AUGMENT = transforms.Compose(
    [
        transforms.RandomHorizontalFlip(),
        transforms.RandomResizedCrop(128, scale=(0.6, 1.0), antialias=True),
    ]
)


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one pass over the pairs gave."""

    number: int
    train_loss: float
    validation_loss: float
    best: bool


def train_siamese(
    data: Path,
    *,
    epochs: int = 12,
    pairs: int = 4096,
    batch: int = 64,
    learning_rate: float = 3e-4,
    patience: int = 4,
    seed: int = 2020,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> SiameseNetwork:
    """The network of the epoch with the lowest validation loss. Raises InputError."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    photos = read_tagged_photos(data)
    train, validation = (_Photos(photos, split) for split in ("train", "validation"))
    check = validation.sample(pairs // 2, np.random.default_rng(seed))
    network = SiameseNetwork()
    optimizer = torch.optim.Adam(network.parameters(), learning_rate)
    best, best_state, waited = float("inf"), network.state_dict(), 0
    for number in range(1, epochs + 1):
        train_loss = _fit(network, optimizer, train, train.sample(pairs, rng), batch)
        validation_loss = _loss(network, validation, check, batch)
        improved = validation_loss < best
        if on_epoch:
            on_epoch(Epoch(number, train_loss, validation_loss, improved))
        waited = 0 if improved else waited + 1
        if improved:
            best = validation_loss
            best_state = {key: value.clone() for key, value in network.state_dict().items()}
        if waited == patience:
            break
    network.load_state_dict(best_state)
    return network.eval()


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Indices of both sides, and whether they share a hashtag."""

    left: Tensor
    right: Tensor
    share: Tensor


class _Photos:
    """The photos of one split, in crawl order, decoded once."""

    def __init__(self, photos: Sequence[TaggedPhoto], split: Split) -> None:
        self.photos = [photo for photo in photos if photo.split == split]
        self.pixels = torch.cat(
            [(to_tensor([read_image(p.path).pixels]) * 255).to(torch.uint8) for p in self.photos]
        )

    def sample(self, count: int, rng: np.random.Generator) -> _Pairs:
        size = len(self.photos)
        left = rng.integers(size, size=count)
        step = rng.integers(1, NEIGHBOURS + 1, size=count) * rng.choice((-1, 1), size=count)
        anywhere = rng.integers(1, size, size=count)
        right = (left + np.where(rng.random(count) < RANDOM_SHARE, anywhere, step)) % size
        tags = [photo.hashtags for photo in self.photos]
        share = [bool(tags[i] & tags[j]) for i, j in zip(left, right, strict=True)]
        return _Pairs(torch.as_tensor(left), torch.as_tensor(right), torch.tensor(share).float())

    def batch(self, index: Tensor) -> Tensor:
        return self.pixels[index].float() / 255


def _fit(
    network: SiameseNetwork,
    optimizer: torch.optim.Optimizer,
    photos: _Photos,
    pairs: _Pairs,
    size: int,
) -> float:
    network.train()
    total = 0.0
    for start in range(0, len(pairs.share), size):
        block = slice(start, start + size)
        left, right = (
            torch.stack([AUGMENT(image) for image in photos.batch(side[block])])
            for side in (pairs.left, pairs.right)
        )
        loss = binary_cross_entropy_with_logits(network(left, right), pairs.share[block])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        total += loss.item() * len(left)
    return total / len(pairs.share)


@torch.inference_mode()
def _loss(network: SiameseNetwork, photos: _Photos, pairs: _Pairs, size: int) -> float:
    network.eval()
    logits = [
        network(photos.batch(pairs.left[i : i + size]), photos.batch(pairs.right[i : i + size]))
        for i in range(0, len(pairs.share), size)
    ]
    return float(binary_cross_entropy_with_logits(torch.cat(logits), pairs.share))
