"""A chromedriver of one's own that never outlives this process, not even its kill -9.

It runs in a session of its own, beside a shell that waits at the end of a pipe. The pipe closes
when this process ends, however it ends; the shell then kills its whole group, and with it the
driver and every process of the browser. What survived even that is found by its command line,
which names the browser's folder, before the next one starts. A lock on that folder, which the
system lets go of with its process, keeps it to one browser at a time.
"""

import fcntl
import re
import subprocess
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO

from socialsense.errors import SourceError

PATIENCE = 30.0
"""Seconds for a driver to say its port."""
TRIES = 5
"""Starts of a driver that ends at once: the port that it takes may be free for IPv6 alone."""

_KEEP = '{ "$@" </dev/null; kill -KILL 0; } & cat >/dev/null; kill -KILL 0'
_PORT = re.compile(rb"started successfully on port (\d+)")


class Keeper:
    """A running chromedriver. `address` is its URL.

    Raises SourceError where a browser already uses the folder, or the driver does not start.
    """

    def __init__(self, chromedriver: str, folder: Path) -> None:
        with ExitStack() as undo:
            undo.enter_context(_locked(folder))
            _reap(folder)
            for _ in range(TRIES):
                shell = undo.enter_context(_start(chromedriver, folder))
                port = _port(shell, folder)
                if port or shell.poll() is None:
                    break
            if port is None:
                raise _not_started(folder)
            self.address = f"http://127.0.0.1:{port}"
            self._undo = undo.pop_all()

    def end(self) -> None:
        """Ends the driver and whatever it started, and lets go of the folder."""
        self._undo.close()


def _start(chromedriver: str, folder: Path) -> "subprocess.Popen[bytes]":
    # Its log names the folder, which makes the driver recognisable, and holds nothing but
    # failures: at other levels it would hold cookies.
    log = f"--log-path={folder / 'chromedriver.log'}"
    command = [chromedriver, "--port=0", log, "--log-level=SEVERE"]
    with _output(folder).open("wb") as output:
        return subprocess.Popen(  # noqa: S603
            ["/bin/sh", "-c", _KEEP, "socialsense", *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def _port(shell: "subprocess.Popen[bytes]", folder: Path) -> int | None:
    """What the driver says it listens at; None where it ended, or says nothing for long."""
    end = time.monotonic() + PATIENCE
    while True:
        ended = shell.poll() is not None or time.monotonic() > end
        if found := _PORT.search(_output(folder).read_bytes()):
            return int(found[1])
        if ended:
            return None
        time.sleep(0.005)


def _not_started(folder: Path) -> SourceError:
    last = _output(folder).read_text(errors="replace").rstrip(".\n ").rpartition("\n")[2]
    return SourceError(
        f"chromedriver does not start: {last or 'it says nothing'}.",
        means="Without it Chromium cannot be led, and nothing was asked for.",
        do="Try 'chromedriver --version' by hand, and install it anew where that fails.",
    )


def _output(folder: Path) -> Path:
    return folder / "chromedriver.out"


def _locked(folder: Path) -> IO[bytes]:
    """The folder, made where it is not there, private to its owner, and locked."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        file = (folder / "socialsense.lock").open("ab")
    except OSError as error:
        raise SourceError(
            f"The browser's folder {folder} cannot be used: {error.strerror}.",
            means="It remembers the login, and must be a folder of your own.",
            do="Make it yours, or name another one in SOCIALSENSE_BROWSER_PROFILE.",
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise SourceError(
            "A browser already collects, or is open for the login.",
            means=f"There is one browser at a time for the folder {folder}.",
            do="Let the other one finish or stop it, then try again.",
        ) from None
    return file


def _reap(folder: Path) -> None:
    """Ends what an earlier process left running, and takes away the browser's marks of it."""
    import psutil

    marks = {f"--user-data-dir={folder}", f"--log-path={folder / 'chromedriver.log'}"}
    left = [
        process
        for process in psutil.process_iter(["cmdline"])
        if not marks.isdisjoint(process.info["cmdline"] or ())
    ]
    for process in left:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(left, timeout=5)
    for mark in folder.glob("Singleton*"):  # from another host they would stop the browser
        mark.unlink(missing_ok=True)
