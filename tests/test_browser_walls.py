"""What stands in the browser's way: each wall by its own error, and the next page is read."""

import psutil
import pytest

from socialsense.dialects.walls import WALLS
from socialsense.errors import AskedToWait, PageChanged, PersonNeeded, SourceError
from socialsense.settings import Settings
from socialsense.sources.browser import Browser
from socialsense.sources.browser.chromium import Chromium
from tests.browser_fixtures import (
    MARKS,
    address,
    at_replica,
    browser,
    replica,
    shared,
    told,
    truth,
)

__all__ = ["address", "at_replica", "browser", "replica", "shared"]
pytestmark = MARKS
HANDLE = "nora.paints"

PAGES = {
    "shell": (SourceError, "shell"),
    "rate": (AskedToWait, "rate"),
    "login": (SourceError, "login"),
    "home": (PageChanged, "drift"),
    "error": (SourceError, "trouble"),
    "cut": (SourceError, "trouble"),
    "renamed": (PageChanged, "drift"),
    "challenge": (PersonNeeded, "challenge"),
}
ANSWERS = {
    "wait": (AskedToWait, "rate"),
    "rate": (AskedToWait, "rate"),
    "graphql_rate": (AskedToWait, "rate"),
    "login_required": (SourceError, "login"),
    "stale": (PageChanged, "drift"),
    "html": (SourceError, "shell"),
    "error": (SourceError, "trouble"),
    "cut": (SourceError, "trouble"),
    "renamed": (PageChanged, "drift"),
    "challenge": (PersonNeeded, "challenge"),
    "feedback": (PersonNeeded, "blocked"),
}


@pytest.mark.parametrize("fault", PAGES)
def test_before_a_page(browser, replica, fault):
    error, wall = PAGES[fault]
    replica.faults.programme(ahead=[fault])
    with pytest.raises(error) as caught:
        browser.posts(HANDLE)
    assert (type(caught.value), caught.value.what) == (error, WALLS[wall].what)
    replica.faults.clear()
    assert told([browser.posts(HANDLE)]) == truth(replica.world.grid(HANDLE)[:12])


@pytest.mark.parametrize("fault", ANSWERS)
def test_before_an_answer(browser, replica, fault):
    error, wall = ANSWERS[fault]
    tag = replica.world.tags[0]
    first = browser.tagged(tag)
    replica.faults.programme(ahead=[fault])
    with pytest.raises(error) as caught:
        browser.tagged(tag, first.cursor)
    assert (type(caught.value), caught.value.what) == (error, WALLS[wall].what)
    replica.faults.clear()
    second = browser.tagged(tag, first.cursor)
    assert told([first, second]) == truth(replica.world.top_posts(tag)[: 24 + 21])


@pytest.mark.parametrize("fault", ["malformed", "renamed"])
def test_what_is_not_understood_is_kept_without_secrets(browser, replica, fault):
    replica.faults.programme(ahead=[fault])
    with pytest.raises(PageChanged) as caught:
        browser.posts(HANDLE)
    assert "timeline" in caught.value.payload
    assert "dtsg:replica" not in caught.value.payload


def test_slow_is_no_failure(browser, replica):
    tag = replica.world.tags[0]
    replica.faults.programme(ahead=["slow", "slow"], delay=0.5)
    first = browser.tagged(tag)
    assert browser.tagged(tag, first.cursor).items


def test_a_login_that_is_asked_for_again_and_again_is_believed(browser, replica):
    replica.faults.programme(ahead=["login"] * 3)
    for _ in range(2):
        with pytest.raises(SourceError, match="asks for a login"):
            browser.posts(HANDLE)
    with pytest.raises(PersonNeeded) as caught:
        browser.posts(HANDLE)
    assert caught.value.kind == "login"


def test_without_a_login_nothing_is_asked_for(replica, browser, address, tmp_path):
    stranger = Browser(Settings(data_dir=tmp_path, instagram_url=address, request_seconds=0))
    with pytest.raises(PersonNeeded) as caught:
        stranger.posts(HANDLE)
    stranger.close()
    assert caught.value.kind == "login"
    assert not replica.gate.log


@pytest.mark.parametrize("site", ["http://127.0.0.1:1", "http://nowhere.invalid"])
def test_a_site_that_is_away_has_not_changed(browser, monkeypatch, site):
    monkeypatch.setattr(browser, "_site", site)
    monkeypatch.setattr(Chromium, "logged_in", lambda *_: True)
    with pytest.raises(SourceError) as caught:
        browser.posts(HANDLE)
    assert type(caught.value) is SourceError
    monkeypatch.undo()
    assert browser.posts(HANDLE).items


def test_a_browser_that_died_is_started_anew(browser):
    browser.posts(HANDLE)
    for process in psutil.Process().children(recursive=True):
        if process.name().startswith("chrom"):
            process.kill()
    with pytest.raises(SourceError, match="The browser failed"):
        browser.posts(HANDLE)
    assert browser.posts(HANDLE).items
