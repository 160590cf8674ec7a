"""A replica, a browser's folder that is logged in there, and a browser: one for a whole file."""

import shutil

import pytest

from socialsense.settings import Settings
from socialsense.sources.browser import Browser, visit
from tests.browser_login import logged_in
from tests.replica.fixtures import SMALL, address
from tests.replica.server import Replica
from tests.replica.world import World

__all__ = ["address"]

HERE = bool(shutil.which("chromium") and shutil.which("chromedriver"))
MARKS = [
    pytest.mark.browser,
    pytest.mark.skipif(not HERE, reason="chromium and chromedriver are not installed"),
]


@pytest.fixture(scope="module")
def replica():
    return Replica(World(seed=1, **SMALL))


@pytest.fixture(scope="module")
def at_replica(address, tmp_path_factory):
    """Settings of a folder that is logged in."""
    folder = tmp_path_factory.mktemp("data")
    return logged_in(Settings(data_dir=folder, instagram_url=address, request_seconds=0))


@pytest.fixture(scope="module")
def shared(at_replica):
    browser = Browser(at_replica)
    yield browser
    browser.close()


@pytest.fixture
def browser(shared, replica, monkeypatch):
    """The file's browser, before a replica without faults whose log is empty."""
    monkeypatch.setattr(visit, "QUIET", 0.3)
    replica.faults.programme(seed=1, rate=0.0, kinds=(), delay=0.05)
    replica.faults.clear()
    replica.links.lifetime, replica.embedded = 86_400, True
    replica.gate.log.clear()
    shared._logins, shared._warm = 0, True
    yield shared
    shared.admit = lambda what: None


def walked(listing, name, cursor=None):
    """The pages of a listing, to its end."""
    pages = [listing(name, cursor)]
    while pages[-1].cursor:
        pages.append(listing(name, pages[-1].cursor))
        assert len(pages) < 100
    return pages


def told(pages):
    """Of every post, once: what the replica's truth tells as well."""
    posts = {post.pk: post for page in reversed(pages) for post in reversed(page.items)}
    found = reversed(posts.values())
    return [(int(p.pk), p.handle, p.caption, p.likes, p.comments, p.kind) for p in found]


def truth(posts):
    return [
        (p.pk, p.owner, p.caption, None if p.likes_hidden else p.likes, p.comments, p.kind)
        for p in posts
    ]
