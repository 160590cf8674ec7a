"""A browser of few means: cookies, navigation headers, forms; and what it can read."""

import json
import re
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import urlencode

NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
SJS = re.compile(r'<script type="application/json"[^>]*data-sjs>(.*?)</script>', re.DOTALL)
KEYWORD = "xdt_fbsearch__top_serp_graphql"
TIMELINE = "xdt_api__v1__feed__user_timeline_graphql_connection"


class Visitor:
    """A browser of few means: cookies, navigation headers, forms."""

    def __init__(self, url):
        self.url, self.jar = url, CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.jar), urllib.request.ProxyHandler({})
        )

    def open(self, path, form=None, headers=NAVIGATION):
        """Status, headers, body; a status of failure is an answer too."""
        address = path if path.startswith("http") else self.url + path
        data = (
            None
            if form is None
            else (form if isinstance(form, bytes) else urlencode(form).encode())
        )
        request = urllib.request.Request(address, data, headers)
        try:
            with self.opener.open(request, timeout=10) as answer:
                return answer.status, answer.url, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.url, error.read()

    def login(self):
        self.open("/accounts/login/", {"email": "me", "pass": "secret"})
        return self

    def page(self, path):
        return self.open(path)[2].decode()

    def data(self, path):
        """Everything embedded in a page, under its root keys."""
        return embedded(self.page(path))

    def ask(self, name, endpoint="/api/graphql", **variables):
        form = {"fb_api_req_friendly_name": name, "variables": json.dumps(variables)}
        status, _, body = self.open(endpoint, form, {})
        assert status == 200, body
        text = body.decode()
        assert text.startswith("for (;;);")
        return [json.loads(line) for line in text.removeprefix("for (;;);").split("\n")]

    def control(self, what, **changes):
        status, _, body = self.open(f"/_replica/{what}", json.dumps(changes).encode())
        assert status == 200, body

    def log(self):
        return json.loads(self.page("/_replica/log"))


def embedded(page):
    found = {}
    for text in SJS.findall(page):
        for entry in json.loads(text)["require"]:
            for box in entry[3]:
                for stream in box.get("__bbox", {}).get("require", []):
                    found |= stream[3][1]["__bbox"]["result"]["data"]
    return found


def items(grid):
    rows = [edge["node"].get("items") or [] for edge in grid["edges"]]
    return [item for row in rows for item in row if item["ad_id"] is None]


def seen(node):
    """What a client can learn of a post, to be held against the truth."""
    hidden = node["like_and_view_counts_disabled"]
    text = node["caption"] and node["caption"]["text"]
    return int(node["pk"]), node["user"]["username"], text, None if hidden else node["like_count"]


def true(post):
    return post.pk, post.owner, post.caption, None if post.likes_hidden else post.likes
