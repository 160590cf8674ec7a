"""A store to forget from, and all that is left in it."""

import zlib
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy import select

from socialsense.store import Store
from socialsense.store.tables import metadata, migrations
from socialsense.types import Forgotten
from tests.examples import a_post

MILL, BOAT = "mill", "boat"
JOB = f"handle:{MILL}"

Rows = dict[str, list[tuple[Any, ...]]]


def everything(store: Store) -> Rows:
    """All rows of all tables; what was sent in clear."""
    with store._reading() as connection:
        return {
            table.name: sorted(
                (tuple(map(_clear, row)) for row in connection.execute(select(table))), key=repr
            )
            for table in metadata.sorted_tables
            if table is not migrations
        }


def _clear(cell: Any) -> Any:
    sent = isinstance(cell, bytes) and cell.startswith(b"x\x9c")
    return zlib.decompress(cell).decode() if sent else cell


def files(store: Store) -> set[str]:
    return {path.name for path in store.images_dir.rglob("*") if path.is_file()}


def shown(store: Store, pk: str, picture: bytes, **changes: object) -> str:
    """A post with its picture and what a model says of it; gives the picture's SHA-256."""
    sha256 = store.put_image(picture)
    store.put_posts([a_post(pk, image_sha256=sha256, **changes)])
    store.put_embeddings("color", {sha256: np.float32([1, 2])})
    return sha256


def forget(store: Store, handle: str = MILL) -> Forgotten:
    found = store.forget_account(handle, f"handle:{handle}", store.payloads_naming(handle))
    return replace(found, pictures=store.drop_unshown())
