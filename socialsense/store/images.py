"""Picture files, named by their SHA-256, and the embeddings computed from them."""

import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
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

    def put_image(self, data: bytes) -> str:
        """Keep a picture's file; gives its SHA-256."""
        return self.put_images([data])[0]

    def put_images(self, pictures: Iterable[bytes]) -> tuple[str, ...]:
        """Keep the files of many pictures; gives their SHA-256s, in order.

        One writer at a time: what is there already cannot be taken away before its row is kept.
        """
        rows: list[dict[str, object]] = []

        def files() -> Iterator[tuple[Path, bytes]]:
            for data in pictures:
                rows.append(_row(data))
                yield self.image_path(str(rows[-1]["sha256"])), data

        with self._writing() as connection:
            try:
                _write_files(files())
            except OSError as error:
                raise unwritable(self.images_dir, error) from error
            upsert(connection, images, rows, "first")
        return tuple(str(row["sha256"]) for row in rows)

    def image(self, sha256: str) -> bytes | None:
        """A picture's file; None when it is not stored."""
        if not _SHA256.fullmatch(sha256):
            return None
        try:
            return self.image_path(sha256).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unwritable(self.images_dir, error) from error

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


def _row(data: bytes) -> dict[str, object]:
    return {"sha256": sha256_of(data), "byte_size": len(data), "added_at": datetime.now(UTC)}


def _write_files(files: Iterable[tuple[Path, bytes]]) -> None:
    """Each whole or not at all, on the disk when this returns: their rows are written after it."""
    new: dict[Path, Path] = {}
    try:
        for path, data in files:
            if path not in new and not (path.exists() and path.stat().st_size == len(data)):
                path.parent.mkdir(parents=True, exist_ok=True)
                new[path] = _written(path.parent, data)
        for path, name in new.items():
            name.replace(path)
    except BaseException:
        for name in new.values():
            name.unlink(missing_ok=True)
        raise
    folders = {path.parent for path in new}
    for folder in folders | {folder.parent for folder in folders}:
        _sync_folder(folder)


def _written(folder: Path, data: bytes) -> Path:
    """A new file in the folder, on the disk."""
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unwritable(folder: Path, error: OSError) -> StoreError:
    """In the words of the store."""
    return StoreError(
        f"The picture folder {folder} cannot be used.",
        means=f"The system says: {error.strerror}.",
        do="Check its permissions and the space on the disk.",
    )
