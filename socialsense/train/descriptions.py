"""What the backbone sees of each training photo, computed once and kept on disk.

Kept by backbone and by the file's path, size and time of change, so that a stopped
training goes on where it stood, and what is known costs no reading of the photo.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from socialsense.arrays import Float32
from socialsense.datasets import TaggedPhoto
from socialsense.decode import Look, batches, opened
from socialsense.images import sha256_of
from socialsense.inference import fastest
from socialsense.lite import SHAPES, Lite, Version, squashed, to_batch
from socialsense.store import Store
from socialsense.types import Image


class Descriptions:
    """(N, width) of any photos; a photo and its mirror image are averaged."""

    def __init__(self, version: Version, backbone: Lite, folder: Path) -> None:
        state = b"".join(value.numpy().tobytes() for value in backbone.state_dict().values())
        self.width = backbone.width
        self._backbone = backbone
        self._side = SHAPES[version].side
        self._model_id = f"{version}/{sha256_of(state)[:16]}"
        self._store = Store.open(f"sqlite:///{folder}/descriptions.db", folder / "images")
        self._network: Callable[[Float32], Float32] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._store.close()

    def of(self, photos: Sequence[TaggedPhoto]) -> tuple[list[TaggedPhoto], Float32]:
        """Those of the photos that can be read, and their rows."""
        keys = [_key(photo.path) for photo in photos]
        rows = self._store.embeddings(self._model_id, keys)
        missing = {
            key: photo.path for key, photo in zip(keys, photos, strict=True) if key not in rows
        }
        files = ((key, partial(_content, path)) for key, path in missing.items())
        look = Look(self._side, partial(squashed, side=self._side))
        for batch in batches(opened(files, look)):
            seen = self._describe([item for item in batch if isinstance(item, Image)])
            self._store.put_embeddings(self._model_id, seen)
            rows |= seen
        known = [(photo, rows[key]) for key, photo in zip(keys, photos, strict=True) if key in rows]
        table = np.empty((len(known), self.width), np.float32)
        for number, (_, row) in enumerate(known):
            table[number] = row
        return [photo for photo, _ in known], table

    def _describe(self, images: Sequence[Image]) -> dict[str, Float32]:
        if not images:
            return {}
        self._network = self._network or fastest(self._backbone, (3, self._side, self._side))
        batch = to_batch([image.pixels for image in images], self._side)
        rows = (self._network(batch) + self._network(batch[..., ::-1])) / 2
        return {image.name: row for image, row in zip(images, rows, strict=True)}


def _key(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return sha256_of(str(path).encode())
    return sha256_of(f"{path.resolve()} {status.st_size} {status.st_mtime_ns}".encode())


def _content(path: Path) -> bytes | None:
    """A missing picture is one photo less, not the end of a training."""
    try:
        return path.read_bytes()
    except OSError:
        return None
