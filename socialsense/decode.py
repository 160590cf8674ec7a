"""Pictures decoded ahead, in threads, beside the network that looks at them.

The decoder and the network both leave Python's lock, so while one batch is embedded the
next ones are being opened. Only so many wait that memory stays bounded.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

import numpy as np
from PIL import Image as PILImage

from socialsense.arrays import Float32
from socialsense.errors import ImageError
from socialsense.images import open_image
from socialsense.inference import cores
from socialsense.types import Embedder, Image

BATCH = 32
AHEAD = BATCH
"""Pictures that may wait, opened or to be opened, while a batch is embedded."""

T = TypeVar("T")
File = bytes | Callable[[], bytes | None]
"""A file's content, or what reads it when its turn comes."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a model looks at a picture, so that no more is decoded and kept than it needs.

    `side` is explained at `open_image`. `prepare` makes the small picture that the model
    would make itself; of a picture it has already made it leaves every pixel as it is.
    """

    side: int | None = None
    prepare: Callable[[PILImage.Image], PILImage.Image] | None = None

    @classmethod
    def of(cls, model: object) -> "Look":
        """What the model says in attributes of these names; with neither it gets everything."""
        return cls(getattr(model, "side", None), getattr(model, "prepare", None))

    def open(self, name: str, file: File) -> Image | ImageError:
        """One picture, or why there is none."""
        try:
            data = file if isinstance(file, bytes) else file() or b""
            image = open_image(data, name, self.side)
        except ImageError as error:
            return error
        return self.prepared(image)

    def prepared(self, image: Image) -> Image:
        """The picture as small as the model wants it."""
        return replace(image, pixels=self.prepare(image.pixels)) if self.prepare else image


def opened(
    files: Iterable[tuple[str, File]], look: Look | None = None, threads: int | None = None
) -> Iterator[Image | ImageError]:
    """Named files through the door of `images`, in order; an error stands in its picture's place.

    `threads`: that decode, by default `cores()`.
    """
    look = look or Look()
    pool = ThreadPoolExecutor(threads or cores(), thread_name_prefix="decode")
    waiting: deque[Future[Image | ImageError]] = deque()
    try:
        for name, file in files:
            waiting.append(pool.submit(look.open, name, file))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Lists of `size` items, the last one shorter."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def embed_files(
    embedder: Embedder, files: Iterable[File], threads: int | None = None
) -> tuple[Float32, dict[int, ImageError]]:
    """A row of (N, D) for each file; NaN where the error under the file's place says why."""
    named = ((f"picture {number}", file) for number, file in enumerate(files, start=1))
    tables: list[Float32] = [embedder.embed([])]
    errors: dict[int, ImageError] = {}
    place = 0
    for batch in batches(opened(named, Look.of(embedder), threads)):
        good = {row: item.pixels for row, item in enumerate(batch) if isinstance(item, Image)}
        table = np.full((len(batch), tables[0].shape[1]), np.nan, np.float32)
        table[list(good)] = embedder.embed(list(good.values()))
        tables.append(table)
        errors |= {place + n: item for n, item in enumerate(batch) if isinstance(item, ImageError)}
        place += len(batch)
    return np.concatenate(tables), errors
