"""`collect` and `reparse` on the command line, before a site that is all in memory."""

import json

import pytest
from typer.testing import CliRunner

from socialsense import parts
from socialsense.cli import app
from socialsense.collect.consent import ACCEPT, RISK
from socialsense.datasets import read_tagged_photos
from socialsense.errors import InputError, PersonNeeded
from socialsense.settings import Settings
from socialsense.store import Store
from tests.small_site import CHALLENGE, DOWN, SITE, red_and_mill

_load = parts.load


@pytest.fixture
def site(monkeypatch, tmp_path):
    """What the command line is given in place of a browser."""
    monkeypatch.setenv("SOCIALSENSE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SOCIALSENSE_INSTAGRAM_URL", f"http://{SITE}")
    monkeypatch.setenv("SOCIALSENSE_REQUEST_SECONDS", "0")
    source = red_and_mill()
    monkeypatch.setattr(
        parts, "load", lambda kind, name, *_: source if kind == "sources" else _load(kind, name)
    )
    return source


def ran(*words, said=""):
    return CliRunner().invoke(app, ["collect", *words], input=said)


def plain(text):
    return " ".join(text.split())


def store():
    settings = Settings()
    return Store.open(settings.store_url, settings.images_dir)


def test_nothing_is_asked_before_the_risk_is_accepted(site):
    done = ran("hashtag", "red", said="n\n")
    assert isinstance(done.exception, InputError)
    assert plain(RISK) in plain(done.stderr)
    assert ACCEPT in plain(done.stderr)
    assert site.asked == []
    assert ran("hashtag", "red", said="y\n").exit_code == 0
    done = ran("hashtag", "red")
    assert done.exit_code == 0
    assert RISK[:40] not in done.stderr, "it is asked once"


def test_it_says_how_much_it_will_ask_and_what_came_of_it(site):
    done = ran("hashtag", "#Red", "red", "--posts", "3", "--accept-risk")
    assert "At most 4 pages, one every 0 seconds" in plain(done.stderr)
    assert "Done: hashtag:red." in plain(done.stdout)
    with store() as opened:
        assert [post.pk for post in opened.tagged(["red"], 9)["red"]] == ["b1", "m2", "b2"]
        assert {profile.handle for profile in opened.profiles()} == {"mill", "boat"}


def test_as_json(site):
    done = ran("handle", "@Mill", "--hashtags", "2", "--accept-risk", "--json")
    job = json.loads(done.stdout)
    assert (job["key"], job["state"]) == ("handle:mill", "done")


def test_a_challenge_is_raised_and_stays(site):
    site.fails("#red 0", CHALLENGE)
    for _ in range(2):
        assert isinstance(ran("hashtag", "red", "--accept-risk").exception, PersonNeeded)
    assert site.pages == ["#red 0"]


def test_what_could_not_be_read_is_told_with_exit_code_1(site):
    site.fails("@boat 0", DOWN, times=20)
    done = ran("hashtag", "red", "--accept-risk")
    assert done.exit_code == 1
    assert "could not be read" in plain(done.stdout)


@pytest.mark.parametrize("words", [("hashtag", "#"), ("handle", "no such handle!")])
def test_what_cannot_be_asked_for_is_explained(site, words):
    assert isinstance(ran(*words, "--accept-risk").exception, InputError)
    assert site.asked == []


def test_a_dataset_is_written_even_where_it_is_stopped(site, tmp_path):
    site.hashtags |= {"red": "m0 m1 m2 m3 m4", "blue": "b0 b1 b2 b3 b4"}
    listed = tmp_path / "tags.txt"
    listed.write_text("red\n#blue\n")
    words = ("dataset", "--images", "8", "--out", str(tmp_path / "out"), "--hashtags", str(listed))
    site.fails("#blue 0", CHALLENGE)
    assert isinstance(ran(*words, "--accept-risk").exception, PersonNeeded)
    assert len(read_tagged_photos(tmp_path / "out")) == 4
    with store() as opened:
        opened.clear_breaker(site.pace.site)
    assert ran(*words).exit_code == 0
    assert len(read_tagged_photos(tmp_path / "out")) == 8


def test_a_list_of_hashtags_that_cannot_be_read(site, tmp_path):
    done = ran("dataset", "--out", str(tmp_path), "--hashtags", str(tmp_path / "none.txt"))
    assert isinstance(done.exception, InputError)


def test_reparse_says_what_it_read(site):
    done = CliRunner().invoke(app, ["reparse"])
    assert "0 saved pages read" in plain(done.stdout)
    assert json.loads(CliRunner().invoke(app, ["reparse", "--json"]).stdout) == {
        "read": 0, "repaired": 0, "unreadable": 0,
    }  # fmt: skip
