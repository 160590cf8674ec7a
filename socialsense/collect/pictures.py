"""Pictures fetched in threads while pages are read: their links expire."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from socialsense.errors import SourceError
from socialsense.types import Post, Source

THREADS = 6
UNDER_WAY = 60
"""Pictures asked for and not yet kept; more would only fill the memory."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A post's picture: its file, or None where there is none, or why it did not come."""

    post: Post
    data: bytes | None = None
    error: SourceError | None = None


class Pictures:
    """Those of one source; to be closed."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="pictures")
        self._under_way: set[Future[Fetched]] = set()

    def close(self) -> None:
        """Waits for those being fetched and drops the rest."""
        self._pool.shutdown(cancel_futures=True)

    def fetch(self, posts: Iterable[Post]) -> None:
        """Begins with these."""
        self._under_way |= {self._pool.submit(self._fetch, post) for post in posts}

    def ready(self, *, at_most: int = UNDER_WAY) -> list[Fetched]:
        """Those that have come since; waits until no more than `at_most` are under way."""
        found = self._done()
        while len(self._under_way) > at_most:
            wait(self._under_way, return_when=FIRST_COMPLETED)
            found += self._done()
        return found

    def _done(self) -> list[Fetched]:
        done = {future for future in self._under_way if future.done()}
        self._under_way -= done
        return [future.result() for future in done]

    def _fetch(self, post: Post) -> Fetched:
        try:
            return Fetched(post, self._source.image(post))
        except SourceError as error:
            return Fetched(post, error=error)
