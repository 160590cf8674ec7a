"""Fetching pictures: from the replica, and from servers that misbehave."""

import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from socialsense.errors import SourceError
from socialsense.sources.browser import pictures
from socialsense.sources.browser.pictures import Pictures
from tests.replica.fixtures import address, replica, visitor
from tests.replica.pictures import draw

__all__ = ["address", "replica", "visitor"]


@pytest.fixture
def fetch():
    kept = Pictures(wait=0)
    yield kept.fetch
    kept.close()


@pytest.fixture
def link(replica, address, visitor):
    """The address of a post's picture at the replica."""
    replica.links.base = address
    return lambda post: replica.links.url(post.pk)


@pytest.fixture
def site(monkeypatch):
    """A server that answers as `site.answers` says, a status and a body each."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            site.asked += 1
            status, body, *headers = site.answers[min(site.asked, len(site.answers)) - 1]
            self.send_response(status)
            for name, value in dict(*headers or [{"Content-Length": len(body)}]).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as site:
        site.asked, site.answers = 0, []
        site.url = f"http://127.0.0.1:{site.server_port}/"
        thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield site
        site.shutdown()
        thread.join()


JPEG = b"\xff\xd8\xff\xe0 and more"


def test_several_threads_fetch_side_by_side(fetch, link, replica):
    posts = list(replica.world.by_pk.values())[:40]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda post: fetch(link(post)), posts))
    assert found == [draw(post.pk, post.theme) for post in posts]


@pytest.mark.parametrize("fault", ["error", "cut"])
def test_what_passes_is_tried_again(fetch, link, replica, fault):
    post = next(iter(replica.world.by_pk.values()))
    replica.faults.programme(ahead=[f"image:{fault}"] * 2)
    assert fetch(link(post)) == draw(post.pk, post.theme)
    assert len(replica.gate.log) == 3


@pytest.mark.parametrize(
    ("fault", "tries"), [("error", 3), ("cut", 3), ("rate", 1), ("expired", 1)]
)
def test_what_does_not_pass_is_an_error(fetch, link, replica, fault, tries):
    replica.faults.programme(ahead=[f"image:{fault}"] * 3)
    with pytest.raises(SourceError, match="could not be fetched"):
        fetch(link(next(iter(replica.world.by_pk.values()))))
    assert len(replica.gate.log) == tries


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_gone_is_none(fetch, site, status):
    site.answers = [(status, b"")]
    assert fetch(site.url) is None


@pytest.mark.parametrize(
    "body",
    [JPEG, b"\x89PNG\r\n\x1a\n", b"GIF89a..", b"RIFF....WEBPVP8 ", b"\0\0\0 ftypavif"],
)
def test_pictures_are_known_by_their_first_bytes(fetch, site, body):
    site.answers = [(200, body)]
    assert fetch(site.url) == body


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((200, b"<html>Log in</html>"), "no picture"),
        ((200, b""), "no picture"),
        ((200, JPEG, {"Content-Length": 999}), "broke off"),
        ((302, b"", {"Location": "/elsewhere", "Content-Length": 0}), "refused"),
        ((200, JPEG + b"x" * 1000), "more than"),
    ],
)
def test_what_is_no_picture_is_an_error(fetch, site, monkeypatch, answer, why):
    monkeypatch.setattr(pictures, "LARGEST", 1000)
    site.answers = [answer]
    with pytest.raises(SourceError, match=why):
        fetch(site.url)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "data:image/png,x", "//host/x", ""])
def test_only_the_web_is_asked(fetch, url):
    with pytest.raises(SourceError, match="none of the web"):
        fetch(url)


def test_a_server_that_is_away_is_an_error(fetch):
    with pytest.raises(SourceError, match="could not be fetched"):
        fetch("http://127.0.0.1:1/x.jpg")
