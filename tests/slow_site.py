"""A site to collect from that is all in memory: an account, a hashtag, somebody's top post."""

import threading
import time
from datetime import UTC, datetime

import pytest

from socialsense import parts
from socialsense.types import Pace, Page, Post, Profile

SITE = "localhost:9"
_load = parts.load


class Site:
    """Answers while `answers` is set; raises `wall` where there is one; notes what is `asked`."""

    name = "browser"

    def __init__(self, seconds=0.0):
        self.pace = Pace(SITE, seconds, per_day=1000, patience=0)
        self.admit = lambda _what: None
        self.asked = []
        self.wall = None
        self.answers = threading.Event()
        self.answers.set()

    def loaded(self, kind, name, *settings):
        """In place of `parts.load`."""
        mine = kind == "sources" and name == self.name
        return self if mine else _load(kind, name, *settings)

    def posts(self, handle, cursor=None):
        self._ask(handle)
        profile = Profile(handle, 100, 1, datetime.now(UTC), self.name)
        return Page((self._post(handle),), profiles=(profile,))

    def tagged(self, tag, cursor=None):
        self._ask(f"#{tag}")
        return Page((self._post("somebody.else"),))

    def post(self, shortcode):
        return Page(())

    def image(self, post):
        return None

    def close(self):
        pass

    def _ask(self, what):
        self.admit(what)
        self.asked.append(what)
        if self.wall:
            raise self.wall
        assert self.answers.wait(20)

    def _post(self, handle):
        now = datetime.now(UTC)
        return Post(handle, handle, handle, now, "image", "#lighthouse", 9, 1, self.name, now)


def until(true):
    """Waits for what happens in another thread."""
    for _ in range(400):
        if true():
            return
        time.sleep(0.05)
    pytest.fail("it did not happen within 20 s")
