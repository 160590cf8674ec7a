"""`models`: which models there are, which are in use, and where their weights lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.markup import escape
from rich.table import Table

from socialsense import parts
from socialsense.cards import read_card
from socialsense.cli.output import AsJson, out, print_json
from socialsense.errors import ModelError
from socialsense.settings import Settings

Kind = Literal["embedders", "popularity", "engagement"]
PARTS: tuple[Literal["embedders", "popularity"], ...] = ("embedders", "popularity")
WITHOUT_WEIGHTS = {("embedders", "color")}


@dataclass(frozen=True, slots=True)
class Model:
    """One model as it is installed here.

    `weights` is where they lie or should, None where the model has none; `sha256` that of
    the file there. `published` says where others offer the file; None where it is shipped.
    """

    kind: Kind
    name: str
    in_use: bool
    weights: str | None
    present: bool
    sha256: str | None
    licence: str | None
    published: str | None = None


def models(as_json: AsJson = False) -> None:
    """Which models there are, which are in use, and whether their weights are there."""
    settings = Settings()
    named: list[tuple[Kind, str]] = [(kind, name) for kind in PARTS for name in parts.names(kind)]
    named.append(("engagement", "calibrated"))
    found = [_model(kind, name, settings) for kind, name in named]
    if as_json:
        print_json(found)
        return
    table = Table("", "kind", "model", "weights", "SHA-256")
    for model in found:
        there = "there" if model.present else "missing"
        weights = there if model.weights else "none needed"
        use = "✓" if model.in_use else ""
        table.add_row(use, model.kind, model.name, weights, (model.sha256 or "")[:12])
    out.print(table)
    for model in found:
        _print_rest(model)


def _print_rest(model: Model) -> None:
    """What is too long for a table."""
    lines = [f"{model.kind}/{model.name}"]
    lines += [f"weights: {model.weights}"] if model.weights else []
    lines += [f"published by its authors: {model.published}"] if model.published else []
    lines += [f"licence: {model.licence or 'unknown, its card is missing'}"]
    out.print(escape("\n  ".join(lines)), highlight=False, soft_wrap=True)


def _model(kind: Kind, name: str, settings: Settings) -> Model:
    chosen = {"embedders": settings.embedder, "popularity": settings.popularity}
    in_use = name == chosen.get(kind, settings.mode)
    if (kind, name) in WITHOUT_WEIGHTS:
        return Model(kind, name, in_use, None, True, None, "MIT")
    if (kind, name) == ("popularity", "intrinsic"):
        from socialsense.popularity import intrinsic

        path = intrinsic.checkpoint(settings)
        licence: str | None = intrinsic.LICENCE
        published: str | None = f"{intrinsic.PUBLISHED}, {intrinsic.PUBLISHED_FILE}"
    else:
        path = settings.models_dir / kind / name / "weights.safetensors"
        licence = _licence(kind, name, settings)
        published = None
    sha256 = _sha256(path)
    return Model(kind, name, in_use, str(path), sha256 is not None, sha256, licence, published)


def _licence(kind: Kind, name: str, settings: Settings) -> str | None:
    """None where the card is missing: the model then does not load and says why."""
    try:
        return read_card(settings.models_dir, kind, name).licence
    except ModelError:
        return None


def _sha256(path: Path) -> str | None:
    """Of a file of any size; None where there is none to be read."""
    from hashlib import file_digest

    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
