"""What a model says of a picture, computed once and kept in the store.

Keyed by the picture's SHA-256 and the model, so uploads and stored posts share it,
and a new model never meets an old one's numbers.
"""

from collections.abc import Callable, Iterable, Sequence

from PIL import Image as PILImage

from socialsense.arrays import Float32
from socialsense.errors import ImageError
from socialsense.images import open_image
from socialsense.store import Store
from socialsense.types import Image

BATCH = 64
Compute = Callable[[Sequence[PILImage.Image]], Float32]
"""N pictures to (N, D)."""


class Vectors:
    """One model's vectors: from the store where it has them, else computed and stored."""

    def __init__(self, store: Store, model_id: str, compute: Compute) -> None:
        self.store = store
        self.model_id = model_id
        self.compute = compute

    def of_images(self, images: Iterable[Image]) -> dict[str, Float32]:
        """Vectors (D,) by SHA-256."""
        by_sha = {image.sha256: image for image in images}
        known = self.store.embeddings(self.model_id, list(by_sha))
        return known | self._fresh([image for sha, image in by_sha.items() if sha not in known])

    def of_stored(self, shas: Iterable[str]) -> dict[str, Float32]:
        """Vectors (D,) of stored pictures; those that are missing or damaged are left out."""
        wanted = list(dict.fromkeys(shas))
        known = self.store.embeddings(self.model_id, wanted)
        missing = [sha for sha in wanted if sha not in known]
        for start in range(0, len(missing), BATCH):
            known |= self._fresh(self._open(missing[start : start + BATCH]))
        return known

    def _open(self, shas: Iterable[str]) -> list[Image]:
        opened = []
        for sha in shas:
            data = self.store.image(sha)
            try:
                opened.append(open_image(data or b"", sha))
            except ImageError:
                continue  # one bad file must not stop the rest; it is no evidence
        return opened

    def _fresh(self, images: Sequence[Image]) -> dict[str, Float32]:
        if not images:
            return {}
        rows = self.compute([image.pixels for image in images])
        new = {image.sha256: row for image, row in zip(images, rows, strict=True)}
        self.store.put_embeddings(self.model_id, new)
        return new
