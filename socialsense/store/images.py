"""Picture files, named by their SHA-256, and the embeddings computed from them."""

import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import select

from socialsense.arrays import Float32, FloatArray
from socialsense.errors import StoreError
from socialsense.images import sha256_of
from socialsense.store.database import Database
from socialsense.store.sql import read_each, upsert, wanted
from socialsense.store.tables import embeddings, images

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Images(Database):
    """The part of the store that keeps pictures."""

    def put_image(self, data: bytes, size: tuple[int, int] | None = None) -> str:
        """Keep a picture's file; gives its SHA-256. `size` is (width, height) where known."""
        sha256 = sha256_of(data)
        width, height = size or (None, None)
        row = {
            "sha256": sha256,
            "byte_size": len(data),
            "width": width,
            "height": height,
            "added_at": datetime.now(UTC),
        }
        try:
            _write_file(self.image_path(sha256), data)
        except OSError as error:
            raise _unwritable(self.images_dir, error) from error
        with self._writing() as connection:
            upsert(connection, images, [row], "first")
        return sha256

    def image(self, sha256: str) -> bytes | None:
        """A picture's file; None when it is not stored."""
        if not _SHA256.fullmatch(sha256):
            return None
        try:
            return self.image_path(sha256).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unwritable(self.images_dir, error) from error

    def image_path(self, sha256: str) -> Path:
        """Where a picture's file lies once it is stored."""
        return self.images_dir / sha256[:2] / sha256

    def put_embeddings(self, model_id: str, vectors: Mapping[str, FloatArray]) -> None:
        """Keep one model's vectors, by the picture's SHA-256."""
        rows = []
        for sha256, vector in vectors.items():
            numbers = np.asarray(vector, "<f4").ravel()
            rows.append(
                {
                    "model_id": model_id,
                    "sha256": sha256,
                    "dim": numbers.size,
                    "vector": numbers.tobytes(),
                }
            )
        with self._writing() as connection:
            upsert(connection, embeddings, rows, "last")

    def embeddings(self, model_id: str, shas: Iterable[str]) -> dict[str, Float32]:
        """Those of the vectors that are stored, by SHA-256; they are read-only."""
        table = embeddings.c
        statement = select(table.sha256, table.vector).where(
            table.model_id == model_id, table.sha256.in_(wanted())
        )
        with self._reading() as connection:
            return {
                sha256: np.frombuffer(vector, "<f4").astype(np.float32, copy=False)
                for sha256, vector in read_each(connection, statement, shas)
            }


def _write_file(path: Path, data: bytes) -> None:
    """Whole or not at all, and on the disk when this returns: its row is written after it."""
    if path.exists() and path.stat().st_size == len(data):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    for folder in (path.parent, path.parent.parent):
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritable(folder: Path, error: OSError) -> StoreError:
    return StoreError(
        f"The picture folder {folder} cannot be used.",
        means=f"The system says: {error.strerror}.",
        do="Check its permissions and the space on the disk.",
    )
