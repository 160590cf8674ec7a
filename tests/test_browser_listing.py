"""Reading what a page is sent, against a browser that only seems to be one."""

import json

import pytest

from socialsense.dialects.read import read_answer
from socialsense.errors import Missing, PageChanged, PersonNeeded
from socialsense.settings import Settings
from socialsense.sources.browser import Browser
from socialsense.sources.browser.asked import Asked
from socialsense.sources.browser.listing import read_first, read_next
from socialsense.sources.browser.refused import Refused
from socialsense.sources.browser.told import Told, masked
from socialsense.sources.browser.visit import Sent
from tests.dialect_documents import NOW, OTTO, grid, media, page, post_root, row, timeline

SITE = "https://site"
ACCOUNT = {"user": {**OTTO, "follower_count": 1234, "media_count": 9}}
VIEWER = {"user": {"pk": "1", "username": "me", "follower_count": 3, "media_count": 0}}
OTTO_ASKED, BREAD = Asked("profile", "otto.bakes"), Asked("hashtag", "bread")
CHALLENGE = {"message": "challenge_required", "status": "fail"}


class Scripted:
    """A visit whose page, and the answers to it, are given."""

    def __init__(self, *answers, body="<html></html>"):
        self.answers, self.body, self.turns = iter(answers), body, []

    def open(self, url):
        return Sent(200, url, self.body)

    def heard(self):
        return self.answers

    def scroll(self, cursor, to=None):
        self.turns.append((cursor, to))
        return self.answers


def answer(document, status=200, **more):
    return Sent(status, SITE + "/api/graphql", json.dumps(document), **more)


def first(visit, asked):
    return read_first(visit, SITE, asked, warm=True).reading


def following(*answers, to=None):
    told, there = read_next(Scripted(*answers), "c1", to, warm=True)
    return [post.pk for post in told.reading.posts], told.reading.cursor, there


def refused(read, *arguments):
    with pytest.raises(Refused) as caught:
        read(*arguments)
    return caught.value.wall.kind


def test_a_profile_is_complete_with_its_account_and_its_posts():
    posts = answer(timeline(media("5"), cursor="c1"))
    reading = first(Scripted(posts, body=page(VIEWER, ACCOUNT)), OTTO_ASKED)
    assert [post.pk for post in reading.posts] == ["5"]
    assert OTTO_ASKED.profile(reading).followers == 1234


def test_a_profile_without_its_account_is_a_changed_page():
    with pytest.raises(PageChanged, match="tell of the profile it was opened for") as caught:
        first(Scripted(body=page(VIEWER, timeline(media("5")))), OTTO_ASKED)
    assert '"pk":"5"' in caught.value.payload


def test_a_hashtag_is_waited_for_beside_other_things():
    answers = (answer({"ok": 1}), answer({}, 404), answer(grid(row(media("5")))))
    reading = first(Scripted(*answers, body=page(VIEWER)), BREAD)
    assert [post.pk for post in reading.posts] == ["5"]


def test_an_answer_that_refuses_is_why_nothing_was_told():
    assert refused(first, Scripted(answer({}, 429)), BREAD) == "rate"
    assert refused(first, Scripted(), BREAD) == "shell"


def test_only_the_post_that_was_asked_for_is_meant():
    two = Told()
    two.add_answer(json.dumps(post_root(media("64", code="BA"), media("65", code="BB"))))
    for name in ("BB", "BB" + "x" * 28):
        assert Asked("post", name).post(two.reading).pk == "65"
    assert Asked("post", "BC").post(two.reading) is None


def test_a_list_goes_on_with_the_answer_it_asked_for():
    aside = answer(grid(row(media("9")), cursor="c9"))
    asked = answer(grid(row(media("5")), cursor="c2"), asked=True)
    assert following(answer({}, 403), aside, asked) == (["5"], "c2", True)


def test_a_list_whose_request_is_not_recognised_still_goes_on():
    aside = answer(grid(row(media("9")), cursor="c9"))
    assert following(aside) == (["9"], "c9", True)
    assert following(aside, to="c7") == (["9"], "c9", False)


@pytest.mark.parametrize(
    ("sent", "wall"),
    [
        (answer({}, 404, asked=True), "drift"),
        (answer({"data": {"new": 1}}, asked=True), "drift"),
        (Sent(0, "", "", whole=False, asked=True), "trouble"),
        (answer(CHALLENGE, 400), "challenge"),
        (answer({}, 403), "shell"),
    ],
)
def test_a_list_that_does_not_go_on_says_why(sent, wall):
    assert refused(following, sent) == wall


def test_a_page_that_went_on_by_itself_is_turned_one_page_later(monkeypatch):
    visit = Scripted(
        answer(grid(row(media("2")), cursor="c2"), asked=True),
        answer(grid(row(media("7")), cursor="c8"), asked=True, turned=True),
        body=page(grid(row(media("1")), cursor="c1")),
    )
    browser = Browser(Settings(request_seconds=10))
    monkeypatch.setattr(browser, "_visiting", lambda: visit)
    found = browser.tagged("bread", "c7")
    assert visit.turns == [("c1", "c7"), ("c2", "c7")]
    assert ([post.pk for post in found.items], found.cursor) == (["7"], "c8")


@pytest.mark.parametrize("sent", [answer({}, 400, asked=True), answer({}, 403)])
def test_where_a_list_does_not_go_on_at_an_old_cursor_it_begins_anew(monkeypatch, sent):
    visit = Scripted(sent, body=page(grid(row(media("1")), cursor="c1")))
    browser = Browser(Settings(request_seconds=10))
    monkeypatch.setattr(browser, "_visiting", lambda: visit)
    found = browser.tagged("bread", "c7")
    assert ([post.pk for post in found.items], found.cursor) == (["1"], "c1")


def test_a_list_that_stops_at_its_own_cursor_says_why(monkeypatch):
    visit = Scripted(answer({}, 400, asked=True), body=page(grid(row(media("1")), cursor="c1")))
    browser = Browser(Settings(request_seconds=10))
    monkeypatch.setattr(browser, "_visiting", lambda: visit)
    with pytest.raises(PageChanged):
        browser.tagged("bread", "c1")


def test_a_refusal_on_the_way_to_an_old_cursor_is_none_of_the_cursor(monkeypatch):
    visit = Scripted(answer(CHALLENGE, 400), body=page(grid(row(media("1")), cursor="c1")))
    browser = Browser(Settings(request_seconds=10))
    monkeypatch.setattr(browser, "_visiting", lambda: visit)
    with pytest.raises(PersonNeeded):
        browser.tagged("bread", "c7")


def test_a_post_that_is_not_there_is_missing(monkeypatch):
    browser = Browser(Settings())
    visit = Scripted(body=page(post_root(media("65", code="BB"))))
    monkeypatch.setattr(browser, "_visiting", lambda: visit)
    with pytest.raises(Missing):
        browser.post("BC")


def test_a_hashtag_tells_its_size(monkeypatch):
    size = {"id": "1", "name": "bread", "media_count": 41_000}
    browser = Browser(Settings())
    visit = Scripted(body=page(size, grid(row(media("1")))))
    monkeypatch.setattr(browser, "_visiting", lambda: visit)
    assert browser.tagged("bread").sizes == {"bread": 41_000}


def test_what_is_kept_reads_the_same_and_holds_nothing_else():
    told = Told()
    caption = 'a "token" of love \ud83d\ude00 \ud800'
    told.add_answer(json.dumps(grid(row(media("5", caption={"text": caption})), cursor="c2")))
    told.add_answer(json.dumps({"config": {"other": 1}}))
    assert "other" not in told.payload
    again = read_answer(told.payload, told.reading.posts[0].fetched_at)
    assert again == told.reading
    assert told.payload.encode("utf-8")


@pytest.mark.parametrize(
    "text",
    [
        '{"token":"SECRET"}',
        '{"fb_dtsg": "SECRET", "a": 1}',
        '{"lsd":"SE\\"CRET"}',
        '["x",{"csrf_token":"SECRET"}]',
        '{"in":"{\\"accessToken\\":\\"SECRET\\"}"}',
        '{"sessionid":"a%3ASECRET"}',
    ],
)
def test_secrets_are_masked_and_json_stays_json(text):
    assert "CRET" not in masked(text)
    json.loads(masked(text))


def test_what_is_no_secret_stays():
    text = '{"tokens":["a"],"caption":"the token of love","n":{"lsd":null}}'
    assert masked(text) == text
    assert read_answer(json.dumps(grid()), NOW).posts == ()
