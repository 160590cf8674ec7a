"""What the user has collected, as photos to train on."""

from collections.abc import Iterator
from itertools import islice

from socialsense.datasets import RUN, TaggedPhoto
from socialsense.store import Store, TaggedPicture


class StoredPhotos:
    """The store's posts with pictures, by the hashtags' pages they stand on.

    A group is an account, or a single picture where no author is known. Keeps one post of
    every run in memory, to find the run again.
    """

    name = "posts collected in the store"

    def __init__(self, store: Store) -> None:
        self._store = store
        self._before: list[TaggedPicture | None] = []
        last: TaggedPicture | None = None
        for number, picture in enumerate(store.tagged_pictures()):
            if number % RUN == 0:
                self._before.append(last)
            last = picture

    def __len__(self) -> int:
        """Runs there are."""
        return len(self._before)

    def run(self, number: int) -> list[TaggedPhoto]:
        """At most RUN photos that follow one another."""
        return [*islice(self._from(number), RUN)]

    def _from(self, number: int) -> Iterator[TaggedPhoto]:
        for picture in self._store.tagged_pictures(RUN, after=self._before[number]):
            yield TaggedPhoto(
                path=self._store.image_path(picture.image_sha256),
                hashtags=frozenset(picture.hashtags),
                page=picture.page,
                complete=picture.caption_known,
                group=picture.handle or picture.image_sha256,
            )
