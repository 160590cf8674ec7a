"""The script that listens: however a page asks, it is heard, and goes on where it should."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from socialsense.settings import Settings
from socialsense.sources.browser import visit as visiting
from socialsense.sources.browser.chromium import Chromium
from socialsense.sources.browser.visit import Visit
from tests.browser_fixtures import MARKS

pytestmark = MARKS
FROM, TO = 'a/"b&c=d', 'e\\"$&f'

WAYS = {
    "fetch, text": "fetch('/echo', {method: 'POST', body: form.toString()})",
    "fetch, form": "fetch('/echo', {method: 'POST', body: form})",
    "fetch, JSON": "fetch('/echo', {method: 'POST', body: variables})",
    "fetch, address": "fetch('/echo?after=' + encodeURIComponent(cursor))",
    "fetch, request": "fetch(new Request('/echo?after=' + encodeURIComponent(cursor)))",
    "XHR, text": "xhr.open('POST', '/echo'); xhr.send(form.toString())",
    "XHR, form": "xhr.open('POST', '/echo'); xhr.send(form)",
    "XHR, address": "xhr.open('GET', '/echo?after=' + encodeURIComponent(cursor)); xhr.send()",
    "XHR, JSON": "xhr.open('POST', '/echo'); xhr.responseType = 'json'; xhr.send(variables)",
    "XHR, bytes": "xhr.open('POST', '/echo'); xhr.responseType = 'arraybuffer'; xhr.send(form)",
}
ASK = """
const [cursor, code] = arguments, variables = JSON.stringify({after: cursor, first: 12});
const form = new URLSearchParams({name: "Query", variables, other: "1&2 ü"});
const xhr = new XMLHttpRequest();
const ask = new Function("cursor", "variables", "form", "xhr", code);
addEventListener("scroll", () => ask(cursor, variables, form, xhr), {once: true});
"""
PAGE = """<html><script type="application/json" data-sjs>{"a": "<\\/b>"}</script>
<script>document.querySelector("[data-sjs]").remove(); fetch("/echo?early")</script></html>"""


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    def do_GET(self):
        if self.path == "/":
            return self._answer("text/html", PAGE)
        if self.path == "/picture":
            return self._answer("image/png", "\x89PNG")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        return self._answer("application/json", json.dumps({"path": self.path, "body": body}))

    do_POST = do_GET  # noqa: N815

    def _answer(self, kind, text):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *words):
        pass


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    browser = Chromium(Settings(data_dir=tmp_path_factory.mktemp("data")))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def listening(chromium):
    return Visit(chromium)


@pytest.fixture(scope="module")
def site():
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def visit(listening, site, monkeypatch):
    """Stands on the page, and has heard what that asks for by itself."""
    monkeypatch.setattr(visiting, "QUIET", 0.2)
    listening.open(site)
    assert next(listening.heard()).address == site + "echo?early"
    return listening


def asked(sent):
    """The fields that a request arrived with."""
    arrived = json.loads(sent.body)
    if arrived["body"].startswith("{"):
        return json.loads(arrived["body"])
    fields = parse_qs(arrived["body"] or urlsplit(arrived["path"]).query)
    return {name: values[0] for name, values in fields.items()}


@pytest.mark.parametrize("way", WAYS)
def test_a_request_with_the_cursor_is_known_and_asks_from_elsewhere(visit, chromium, way):
    chromium.run(ASK, FROM, WAYS[way])
    sent = next(visit.scroll(FROM, TO))
    assert (sent.status, sent.whole, sent.asked, sent.turned) == (200, True, True, True)
    fields = asked(sent)
    after = json.loads(fields["variables"])["after"] if "variables" in fields else fields["after"]
    assert after == TO
    assert fields.get("other", "1&2 ü") == "1&2 ü"


@pytest.mark.parametrize("way", WAYS)
def test_other_requests_are_heard_and_left_as_they_are(visit, chromium, way):
    chromium.run(ASK, "another", WAYS[way])
    sent = next(visit.scroll(FROM, TO))
    assert (sent.status, sent.asked, sent.turned) == (200, False, False)
    assert "another" in sent.body


def test_a_request_is_turned_once(visit, chromium):
    way = WAYS["fetch, text"]
    chromium.run(ASK, FROM, f"{way}.then(() => {way})")
    heard = [next(visit.scroll(FROM, to)) for to in (TO, None)]  # in either order
    after = {sent.turned: json.loads(asked(sent)["variables"])["after"] for sent in heard}
    assert after == {True: TO, False: FROM}


def test_what_came_before_it_was_asked_about_is_known_as_well(visit, chromium):
    chromium.run(ASK + 'dispatchEvent(new Event("scroll"))', FROM, WAYS["XHR, text"])
    chromium.run("return fetch('/picture').then(() => null)")
    assert next(visit.scroll(FROM)).asked


def test_a_request_that_fails_is_not_whole(visit, chromium):
    chromium.run(ASK, FROM, "fetch('http://127.0.0.1:1/', {method: 'POST', body: form})")
    sent = next(visit.scroll(FROM))
    assert (sent.status, sent.whole, sent.asked) == (0, False, True)


def test_pictures_are_not_heard(visit, chromium):
    chromium.run("fetch('/picture')")
    assert list(visit.heard()) == []


def test_the_page_hears_what_it_would_have_heard(visit, chromium):
    texts = chromium.run(
        "return Promise.all([1, 2].map((n) => fetch('/echo?' + n).then((r) => r.json())))"
    )
    assert [text["path"] for text in texts] == ["/echo?1", "/echo?2"]


def test_data_that_the_page_has_taken_away_are_remembered(visit, site):
    page = visit.open(site)
    assert (page.status, page.address, page.whole) == (200, site, True)
    assert page.body == '<html><script data-sjs>{"a": "<\\/b>"}</script></html>'


def test_a_page_that_never_falls_silent_is_left_in_the_end(visit, chromium, monkeypatch):
    monkeypatch.setattr(visiting, "PATIENCE", 0.5)
    chromium.run("setInterval(() => fetch('/echo'), 50)")
    started = time.monotonic()
    assert 0 < len(list(visit.scroll(FROM))) < 20
    assert time.monotonic() - started > 0.5
