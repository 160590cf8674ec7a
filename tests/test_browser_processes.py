"""The browser as processes: one at a time, its folder private, and none of them ever left over."""

import shutil
import signal
import sys
import time
from contextlib import closing

import psutil
import pytest

from socialsense.errors import SourceError
from socialsense.settings import Settings
from socialsense.sources.browser import Browser, chromium, login
from socialsense.sources.browser.chromium import Chromium
from socialsense.sources.browser.keeper import TRIES, Keeper
from socialsense.sources.browser.login import log_in
from tests.browser_fixtures import MARKS, address, at_replica, replica, told, truth, walked
from tests.browser_login import fill_in, logged_in
from tests.other_process import collecting_with

__all__ = ["address", "at_replica", "replica"]
pytestmark = MARKS
HANDLE = "nora.paints"


def left(folder):
    """Processes of a browser in this folder; all of them name it."""
    found = psutil.process_iter(["cmdline"])
    return [process for process in found if str(folder) in " ".join(process.info["cmdline"] or ())]


def wait_until_none_is_left(folder, seconds=2.0):
    end = time.monotonic() + seconds
    while left(folder):
        assert time.monotonic() < end, left(folder)
        time.sleep(0.02)


@pytest.fixture
def collecting(at_replica):
    with collecting_with(at_replica) as process:
        yield process


def test_its_folder_is_private(at_replica):
    assert at_replica.browser_dir.stat().st_mode & 0o777 == 0o700


def test_a_second_browser_waits_for_its_turn(collecting, at_replica):
    other = Browser(at_replica)
    with pytest.raises(SourceError, match="already collects"):
        other.posts(HANDLE)
    with pytest.raises(SourceError, match="already collects"):
        log_in(at_replica, lambda: False, headless=True)
    collecting.kill()
    wait_until_none_is_left(at_replica.browser_dir)
    assert other.posts(HANDLE).items
    other.close()


def test_closing_leaves_no_process(at_replica):
    browser = Browser(at_replica)
    browser.posts(HANDLE)
    assert len(left(at_replica.browser_dir)) > 3
    browser.close()
    wait_until_none_is_left(at_replica.browser_dir, seconds=0.5)


def test_kill_9_takes_the_browser_along(collecting, at_replica):
    collecting.send_signal(signal.SIGKILL)
    collecting.wait()
    wait_until_none_is_left(at_replica.browser_dir)


def test_what_survived_even_that_is_ended_by_the_next_one(collecting, at_replica):
    for process in [*left(at_replica.browser_dir), psutil.Process(collecting.pid)]:
        if process.name() == "sh" or process.pid == collecting.pid:
            process.kill()
    collecting.wait()
    orphans = left(at_replica.browser_dir)
    assert {"chromedriver", "chromium"} <= {process.name() for process in orphans}
    browser = Browser(at_replica)
    assert browser.posts(HANDLE).items
    assert not set(orphans) & set(left(at_replica.browser_dir))
    browser.close()


FAILS = """#!/bin/sh
echo try >> {folder}/tries
[ $(wc -l < {folder}/tries) -le {often} ] || exec chromedriver "$@"
echo "Starting ChromeDriver"
echo "IPv4 port not available. Exiting..."
exit 1
"""


@pytest.fixture
def fails(tmp_path, monkeypatch):
    """A driver that does not start so often: its port is in use."""

    def put(often):
        driver = tmp_path / "driver"
        driver.write_text(FAILS.format(folder=tmp_path, often=often))
        driver.chmod(0o700)
        which = shutil.which
        driver_or = {"chromedriver": str(driver)}
        monkeypatch.setattr(shutil, "which", lambda name: driver_or.get(name) or which(name))

    return put


def test_a_driver_whose_port_is_taken_is_started_again(settings, fails):
    fails(TRIES - 1)
    with closing(Chromium(settings)) as started:
        assert started.run("return 1 + 1") == 2
    wait_until_none_is_left(settings.browser_dir)


def test_a_driver_that_does_not_start_is_explained(settings, fails):
    fails(TRIES)
    with pytest.raises(SourceError, match=r"does not start: IPv4 port not available. Exiting\."):
        Chromium(settings)
    assert not left(settings.browser_dir)


def test_one_that_says_nothing_is_explained(settings, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/false")
    with pytest.raises(SourceError, match="does not start: it says nothing"):
        Chromium(settings)


@pytest.mark.parametrize("missing", ["chromium", "chromedriver"])
def test_what_is_not_installed_is_named(settings, monkeypatch, missing):
    there = {"chromium", "chromedriver"} - {missing}
    monkeypatch.setattr(chromium.shutil, "which", lambda name: name if name in there else None)
    with pytest.raises(SourceError, match="is not installed") as caught:
        Chromium(settings)
    assert caught.value.what.lower().startswith(missing)
    assert "sudo apt install" in caught.value.do


class Person:
    """Someone at the login window, who is done once it lets them in."""

    def __init__(self, monkeypatch):
        self.windows = []
        self.opened = Chromium
        monkeypatch.setattr(login, "Chromium", self._open)
        monkeypatch.setattr(login, "LOOK", 0.05)

    def _open(self, settings, *, visible):
        self.settings = settings
        self.windows.append(self.opened(settings, visible=visible))
        return self.windows[-1]

    def logs_in(self):
        window = self.windows[-1]
        if window.logged_in(self.settings.instagram_url):
            return False
        if "/accounts/login/" in window._driver.current_url:
            fill_in(window)
        return True

    def closes_the_window(self):
        self.windows[-1]._driver.close()
        return True

    def presses_ctrl_c(self):
        raise KeyboardInterrupt  # the signal itself may be ignored where tests run unattended


def test_a_login_by_hand_is_remembered(address, tmp_path, monkeypatch):
    settings = Settings(data_dir=tmp_path, instagram_url=address, request_seconds=0)
    person = Person(monkeypatch)
    assert not log_in(settings, lambda: False, headless=True)
    assert log_in(settings, person.logs_in, headless=True)
    assert log_in(settings, person.closes_the_window, headless=True)
    assert log_in(settings, person.presses_ctrl_c, headless=True)
    browser = Browser(settings)
    assert browser.posts(HANDLE).items
    browser.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have a screen")
def test_without_a_screen_the_login_is_explained(settings, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SourceError, match="no screen"):
        log_in(settings, lambda: True)


def test_a_remote_browser_without_memory_is_explained(tmp_path):
    settings = Settings(data_dir=tmp_path, browser="http://127.0.0.1:4444")
    with pytest.raises(SourceError, match="remembers a login"):
        log_in(settings, lambda: True)


@pytest.fixture
def remote(tmp_path):
    """The address of a bare chromedriver, as if of another machine."""
    driver = Keeper("chromedriver", tmp_path / "driver")
    yield driver.address
    driver.end()


@pytest.fixture
def elsewhere(remote, address, tmp_path):
    """A remote browser with somebody logged in."""
    settings = Settings(
        data_dir=tmp_path / "data", instagram_url=address, request_seconds=0,
        browser=remote, browser_profile=tmp_path / "profile",
    )  # fmt: skip
    return logged_in(settings)


def test_a_remote_browser_is_no_different(replica, elsewhere):
    browser = Browser(elsewhere)
    assert told(walked(browser.posts, HANDLE)) == truth(replica.world.grid(HANDLE))
    browser.close()
    wait_until_none_is_left(elsewhere.browser_dir)
    left_here = [path for path in elsewhere.data_dir.rglob("*") if path.is_file()]
    assert not left_here, "nothing of it is here"


def test_a_remote_browser_of_a_killed_process_is_ended_by_the_next_one(elsewhere):
    with collecting_with(elsewhere) as process:
        process.kill()
    orphans = left(elsewhere.browser_dir)
    assert orphans, "its folder is in use"
    with closing(Browser(elsewhere)) as browser:
        assert browser.posts(HANDLE).items
        assert not set(orphans) & set(left(elsewhere.browser_dir))


def test_a_remote_browser_that_cannot_be_noted_is_ended(elsewhere, monkeypatch):
    def full(_lease, session):
        assert left(elsewhere.browser_dir), "it runs"
        raise SourceError(session, means="", do="")

    monkeypatch.setattr(chromium.Lease, "note", full)
    with pytest.raises(SourceError):
        Chromium(elsewhere)
    wait_until_none_is_left(elsewhere.browser_dir)


def test_a_remote_browser_in_use_is_left_alone(elsewhere, tmp_path):
    other = elsewhere.model_copy(update={"browser_profile": tmp_path / "other"})
    with collecting_with(elsewhere), closing(Chromium(other)):
        assert left(elsewhere.browser_dir)


def test_a_remote_browser_that_is_away_is_explained(tmp_path):
    browser = Browser(Settings(data_dir=tmp_path, browser="http://127.0.0.1:1"))
    with pytest.raises(SourceError, match=r"remote browser does not start: .*refused"):
        browser.posts(HANDLE)
