"""Weights and the card that says what they are, side by side in models/<kind>/<name>/.

The card names the SHA-256 of its weights, so that figures and weights cannot
drift apart unnoticed.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from socialsense.errors import ModelError
from socialsense.images import sha256_of
from socialsense.types import Card

if TYPE_CHECKING:
    from socialsense.arrays import Float32

_RESTORE = "Restore it with `git checkout models`, or train it again (see README)."


def read_card(models_dir: Path, kind: str, name: str) -> Card:
    """The card of a trained model. Raises ModelError when missing or unreadable."""
    path = models_dir / kind / name / "card.json"
    try:
        return Card(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise ModelError(
            f"The card of {kind}/{name} is missing.",
            means=f"Without it the weights cannot be checked; looked in {path.parent}.",
            do=_RESTORE,
        ) from None
    except (ValueError, TypeError) as error:
        raise ModelError(
            f"The card of {kind}/{name} cannot be read.",
            means=f"It is not the JSON a card should be: {error}.",
            do=_RESTORE,
        ) from error


def read_weights(models_dir: Path, kind: str, name: str) -> "tuple[Card, dict[str, Float32]]":
    """Card and tensors by name. Raises ModelError when missing, damaged or another model's."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    card = read_card(models_dir, kind, name)
    path = models_dir / kind / name / "weights.safetensors"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"The weights of {kind}/{name} cannot be read.",
            means=f"{path} is missing or closed to this user ({error.strerror}).",
            do=_RESTORE,
        ) from error
    if sha256_of(data) != card.weights_sha256:
        raise ModelError(
            f"The weights of {kind}/{name} are not those its card describes.",
            means="The file is damaged or of another training: the figures would not hold.",
            do=_RESTORE,
        )
    try:
        return card, load(data)
    except SafetensorError as error:
        raise ModelError(
            f"The weights of {kind}/{name} are damaged.",
            means=f"The file is not what safetensors expects: {error}.",
            do=_RESTORE,
        ) from error


def write_model(models_dir: Path, card: Card, tensors: "Mapping[str, Float32]") -> Card:
    """Write weights, then the card with their hash; returns that card."""
    from safetensors.numpy import save

    folder = models_dir / card.kind / card.name
    folder.mkdir(parents=True, exist_ok=True)
    data = save(dict(tensors))
    signed = Card(**{**asdict(card), "weights_sha256": sha256_of(data)})
    (folder / "weights.safetensors").write_bytes(data)
    text = json.dumps(asdict(signed), indent=2, ensure_ascii=False)
    (folder / "card.json").write_text(text + "\n", encoding="utf-8")
    return signed
