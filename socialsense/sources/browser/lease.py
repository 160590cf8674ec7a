"""A place in a remote browser, which is given back even after a kill -9.

A local browser ends with its process; a remote one would hold its place until it has waited long
enough. So a session is noted in an empty file named for it, which its process keeps locked. A
note whose lock is free was left by a process that is gone: that session is ended before the next
one is asked for.
"""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.parse import quote, unquote

from socialsense.errors import SourceError

_PREFIX = "session-"


class Lease:
    """A place to be taken at an address.

    Args:
        address: of the remote browser.
        folder: of the notes; made where it is not there. Raises SourceError where it cannot be.
        end: ends a session there, or raises.
    """

    def __init__(self, address: str, folder: Path, end: Callable[[str], None]) -> None:
        self.address = address
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._path: Path | None = None
        with _usable(folder):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for note in _left(folder):
            end(unquote(note.name.removeprefix(_PREFIX)))
            note.unlink(missing_ok=True)

    def note(self, session: str) -> None:
        """A session is used from now on. Raises SourceError where that cannot be noted."""
        with _usable(self._folder):
            descriptor, name = tempfile.mkstemp(dir=self._folder, prefix=".")
            self._file, self._path = os.fdopen(descriptor, "wb"), Path(name)
            fcntl.flock(self._file, fcntl.LOCK_EX)
            self._path = self._path.rename(self._folder / (_PREFIX + quote(session, safe="")))

    def forget(self) -> None:
        """The session has ended."""
        if self._path:
            self._path.unlink(missing_ok=True)

    def end(self) -> None:
        """Nothing is done with the session any more; the next lease ends one not forgotten."""
        if self._file:
            self._file.close()


def _left(folder: Path) -> Iterator[Path]:
    """Notes whose process is gone, each locked while it stands here."""
    for path in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError), path.open("rb") as file:  # else another process was faster
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield path


@contextmanager
def _usable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SourceError(
            f"The folder {folder} cannot be used: {error.strerror}.",
            means="It notes which remote browser is in use.",
            do="Make it yours, or name another data folder in SOCIALSENSE_DATA_DIR.",
        ) from error
