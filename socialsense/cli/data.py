"""What `train` and `evaluate` read: a folder of data, or what was collected."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from socialsense.errors import InputError
from socialsense.settings import Settings

if TYPE_CHECKING:
    from socialsense.datasets import TaggedPhotos

Data = Annotated[Path, typer.Option(help="Folder with the data.", show_default=False)]
MaybeData = Annotated[Path | None, typer.Option("--data", help="Folder with the data.")]
FromStore = Annotated[bool, typer.Option("--store", help="Use the posts you have collected.")]


def which_data(data: Path | None, store: bool) -> Literal["folder", "store"]:
    """Where data comes from. Raises InputError unless exactly one is asked for."""
    if store == bool(data):
        raise InputError(
            "It is not clear which data to use.",
            means="It comes from a folder or from what you collected, not from both or neither.",
            do="Give either --data DIR or --store.",
        )
    return "store" if store else "folder"


@contextmanager
def photos_of(data: Path | None, store: bool, settings: Settings) -> Iterator[TaggedPhotos]:
    """The photos of a folder or of the store: exactly one is asked for."""
    from socialsense.datasets import TaggedFolder
    from socialsense.store import Store
    from socialsense.train.stored_photos import StoredPhotos

    which_data(data, store)
    if data:
        yield TaggedFolder(data)
        return
    with Store.open(settings.store_url, settings.images_dir) as opened:
        yield StoredPhotos(opened)
