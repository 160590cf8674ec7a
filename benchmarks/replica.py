"""The made-up Instagram of the tests in a process of its own, for what a browser is measured on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from socialsense.settings import ROOT, Settings

HASHTAGS = 100
"""So many of the commonest lead to 12,141 posts that are no films."""


@contextmanager
def replica(port: int) -> Iterator[str]:
    """Its address, while the block runs."""
    command = [sys.executable, "-m", "tests.replica", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as server:
        url = f"http://localhost:{port}"
        try:
            _wait_for(url, server)
            yield url
        finally:
            server.kill()


def ask(url: str, what: str) -> Any:
    """What its controls tell."""
    with urllib.request.urlopen(f"{url}/_replica/{what}", timeout=60) as answer:
        return json.load(answer)


def tell(url: str, what: str, **changes: object) -> None:
    """Changes it by its controls."""
    request = urllib.request.Request(f"{url}/_replica/{what}", json.dumps(changes).encode())
    with urllib.request.urlopen(request, timeout=60):
        pass


def environment(url: str, folder: Path) -> dict[str, str]:
    """For a process that collects from it into a folder, as fast as it can."""
    return os.environ | {
        "SOCIALSENSE_INSTAGRAM_URL": url,
        "SOCIALSENSE_DATA_DIR": str(folder),
        "SOCIALSENSE_REQUEST_SECONDS": "0",
        "SOCIALSENSE_REQUESTS_PER_DAY": "100000000",
    }


def collecting(
    url: str, folder: Path, images: int, *, quiet: bool = False
) -> subprocess.Popen[bytes]:
    """`collect dataset` at work in a folder that lists its hashtags, as a person would call it."""
    command = [sys.executable, "-m", "socialsense", "collect", "dataset", "--accept-risk"]
    command += ["--images", str(images), "--out", str(folder / "out")]
    command += ["--hashtags", str(folder / "hashtags.txt")]
    to = subprocess.DEVNULL if quiet else None
    return subprocess.Popen(command, cwd=ROOT, env=environment(url, folder), stdout=to, stderr=to)


def settings(url: str, folder: Path) -> Settings:
    """The same for this process."""
    return Settings(
        instagram_url=url, data_dir=folder, request_seconds=0, requests_per_day=100_000_000
    )


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        try:
            ask(url, "truth")
        except OSError:
            if server.poll() is not None:
                raise RuntimeError(f"the replica did not start; is {url} taken?") from None
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("the replica did not start within a minute")
