"""What a model says of a picture, computed once and kept in the store.

Keyed by the picture's SHA-256 and the model, so uploads and stored posts share it,
and a new model never meets an old one's numbers.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from PIL import Image as PILImage

from socialsense.arrays import Float32
from socialsense.decode import Look, batches, opened
from socialsense.store import Store
from socialsense.types import Image

Compute = Callable[[Sequence[PILImage.Image]], Float32]
"""N pictures to (N, D)."""


class Vectors:
    """One model's vectors: from the store where it has them, else computed and stored.

    `look`: how the model looks at pictures; stored ones are opened for it alone. Whoever
    asks while another thread computes waits, and finds in the store what was computed.
    """

    def __init__(
        self, store: Store, model_id: str, compute: Compute, look: Look | None = None
    ) -> None:
        self.store = store
        self.model_id = model_id
        self.compute = compute
        self.look = look
        self._computing = threading.Lock()

    def of_images(self, images: Iterable[Image]) -> dict[str, Float32]:
        """Vectors (D,) by SHA-256."""
        by_sha = {image.sha256: image for image in images}
        return self._complete(by_sha, lambda missing: (by_sha[sha] for sha in missing))

    def of_stored(self, shas: Iterable[str]) -> dict[str, Float32]:
        """Vectors (D,) of stored pictures; those that are missing or damaged are left out."""
        return self._complete(shas, self._open)

    def _complete(
        self, shas: Iterable[str], images_of: Callable[[Sequence[str]], Iterable[Image]]
    ) -> dict[str, Float32]:
        wanted = list(dict.fromkeys(shas))
        known = self.store.embeddings(self.model_id, wanted)
        if len(known) == len(wanted):
            return known
        with self._computing:
            known |= self.store.embeddings(self.model_id, [s for s in wanted if s not in known])
            missing = [sha for sha in wanted if sha not in known]
            for batch in batches(images_of(missing)):
                known |= self._fresh(batch)
        return known

    def _open(self, shas: Sequence[str]) -> Iterable[Image]:
        """One bad file must not stop the rest; it is no evidence."""
        files = ((sha, partial(self.store.image, sha)) for sha in shas)
        return (item for item in opened(files, self.look) if isinstance(item, Image))

    def _fresh(self, images: Sequence[Image]) -> dict[str, Float32]:
        rows = self.compute([image.pixels for image in images])
        new = {image.sha256: row for image, row in zip(images, rows, strict=True)}
        self.store.put_embeddings(self.model_id, new)
        return new
