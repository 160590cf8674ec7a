"""What `train` and `evaluate` read: a folder of data, or what was collected."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from socialsense.cli.output import err
from socialsense.errors import InputError
from socialsense.settings import Settings
from socialsense.sources.demo import NOTICE
from socialsense.types import DEMO

if TYPE_CHECKING:
    from socialsense.datasets import TaggedPhotos
    from socialsense.evaluate.backtest import Similar
    from socialsense.histories import History

Data = Annotated[Path, typer.Option(help="Folder with the data.", show_default=False)]
MaybeData = Annotated[Path | None, typer.Option("--data", help="Folder with the data.")]
Everyone = Annotated[
    bool, typer.Option(help="Judge by all accounts: right only where none was learned from.")
]
FromStore = Annotated[bool, typer.Option("--store", help="Use the posts you have collected.")]


@contextmanager
def photos_of(data: Path | None, store: bool, settings: Settings) -> Iterator[TaggedPhotos]:
    """The photos of a folder or of the store: exactly one is asked for."""
    from socialsense.datasets import TaggedFolder
    from socialsense.store import Store
    from socialsense.train.stored_photos import StoredPhotos

    _one_of(data, store, "photos")
    if data:
        yield TaggedFolder(data)
        return
    with Store.open(settings.store_url, settings.images_dir) as opened:
        yield StoredPhotos(opened)


def histories_of(
    data: Path | None, store: bool, settings: Settings
) -> tuple[list[History], Similar | None]:
    """Accounts' posts over time, of a folder or of the store; and how alike pictures are."""
    from socialsense import parts
    from socialsense.evaluate.stored_similarity import stored_similarity
    from socialsense.histories import read_histories
    from socialsense.store import Store
    from socialsense.train.stored_histories import stored_histories

    _one_of(data, store, "posts")
    if data:
        return read_histories(data), None
    embedder = parts.load("embedders", settings.embedder, settings)
    with Store.open(settings.store_url, settings.images_dir) as opened:
        if any(profile.source == DEMO for profile in opened.profiles()):
            err.print(f"[yellow]{NOTICE}[/]")
        histories = stored_histories(opened)
        return histories, stored_similarity(opened, embedder, histories)


def _one_of(data: Path | None, store: bool, what: str) -> None:
    if store == bool(data):
        raise InputError(
            f"It is not clear which {what} to use.",
            means="They come from a folder or from what you collected, not from both or neither.",
            do="Give either --data DIR or --store.",
        )
