import json

import pytest

from socialsense.dialects.walls import WALLS, wall_of
from tests.dialect_documents import OTTO, media, page, polaris_media, timeline

HERE = "https://www.instagram.com/otto.bakes/"
WAIT = {"message": "Please wait a few minutes before you try again.", "require_login": True}


def kind(status=200, location=HERE, body="", **other):
    wall = wall_of(status, location, body if isinstance(body, str) else json.dumps(body), **other)
    return wall.kind if wall else None


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, WAIT, "login"),
        (429, WAIT, "rate"),
        (429, "", "rate"),
        (429, {"require_login": True}, "rate"),
        (400, {"require_login": True}, "login"),
        (400, WAIT, "rate"),
        (200, 'for (;;);{"error": 1675004, "payload": null}', "rate"),
        (403, {"message": "login_required"}, "login"),
        (400, {"message": "checkpoint_required"}, "challenge"),
        (400, {"message": "challenge_required"}, "challenge"),
        (400, {"message": "feedback_required"}, "blocked"),
        (403, "<html>No</html>", "blocked"),
        (403, "URL signature expired", "expired"),
        (400, {"message": "useragent mismatch"}, "drift"),
        (200, {"data": None, "errors": [{"message": "execution error"}]}, "drift"),
        (400, {"status": "fail"}, "drift"),
        (404, "Sorry, this page isn't available.", "missing"),
        (404, "<html>Sorry</html>", "missing"),
        (500, "<html>Oops</html>", "trouble"),
        (503, "", "trouble"),
        (200, "<!DOCTYPE html><html>login</html>", "shell"),
        (200, page({"clpData": {}}), "shell"),
        (200, {"data": {"user": None}}, "missing"),
        (200, {"data": {"xdt_viewer": {"user": None}}}, "login"),
        (200, page({"xig_user_by_username": None}), "missing"),
    ],
)
def test_refusals(status, body, expected):
    assert kind(status, body=body) == expected


def test_please_wait_after_much_asking_is_a_limit():
    assert kind(401, body=WAIT, warm=True) == "rate"


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("https://www.instagram.com/accounts/login/?next=/otto.bakes/", "login"),
        ("/accounts/login/", "login"),
        ("https://www.instagram.com/challenge/", "challenge"),
        ("https://www.instagram.com/accounts/suspended/?a", "challenge"),
        ("https://www.instagram.com/", "drift"),
        ("/", "drift"),
        ("http://[", "drift"),
    ],
)
@pytest.mark.parametrize("status", [200, 302])
def test_where_a_page_leads(location, expected, status):
    assert kind(status, location) == expected


def test_gated_posts():
    gated = {"xig_polaris_media": {"if_not_gated_logged_out": None, "gating_ruling": {"a": 1}}}
    assert kind(body=page(gated)) == "gated"


def test_a_page_whose_data_have_unknown_keys_has_drifted():
    html = page({"xdt_new": 1}).replace("Stream", "RelayPrefetchedStreamCache")
    assert kind(body=html) == "drift"


@pytest.mark.parametrize(
    "body",
    [
        timeline(media()),
        timeline(media(caption={"text": "login_required? Please wait, checkpoint_required"})),
        page(timeline(media())),
        page({"xig_polaris_media": {"if_not_gated_logged_out": polaris_media(like_count=3)}}),
        {"data": {"xdt_viewer": {"user": None}, "user": {**OTTO, "follower_count": 1}}},
        {"data": {"xig_polaris_media": None, **timeline(media())["data"]}},
        {"notifications": 3},
        timeline({"changed": 1}),
    ],
)
def test_data_are_no_wall(body):
    assert kind(body=body) is None


def test_every_wall_has_words_and_some_stop_everything():
    for name, wall in WALLS.items():
        assert wall.kind == name
        assert all(line.endswith(".") for line in (wall.what, wall.means, wall.do))
    assert {name for name, wall in WALLS.items() if wall.stops} == {"login", "challenge", "blocked"}
