"""`forget` on the command line: it says what would go, asks, and says what went."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from socialsense.cli import app
from socialsense.errors import InputError, UnknownAccount
from socialsense.settings import Settings
from socialsense.store import Store
from tests.examples import a_post, a_profile

AGO = datetime.now(UTC) - timedelta(days=40)


@pytest.fixture
def store(monkeypatch, tmp_path):
    """An account of two posts and a picture, and another one's post; read forty days ago."""
    monkeypatch.setenv("SOCIALSENSE_DATA_DIR", str(tmp_path))
    settings = Settings()
    with Store.open(settings.store_url, settings.images_dir) as store:
        store.put_profile(a_profile(fetched_at=AGO))
        sha256 = store.put_image(b"picture")
        store.put_posts(
            a_post(pk, fetched_at=AGO, handle=handle, image_sha256=sha)
            for pk, handle, sha in (("1", "mill", sha256), ("2", "mill", None), ("3", "boat", None))
        )
        yield store


def ran(*words, said=""):
    return CliRunner().invoke(app, ["forget", *words], input=said)


def test_an_account_after_a_question(store):
    done = ran("@Mill", said="n\n")
    assert "All that is stored of @mill: 1 profile, 2 posts, 1 picture." in done.stderr
    assert "Nothing was forgotten." in done.stderr
    assert (done.exit_code, store.counts()["posts"]) == (1, 3)
    done = ran("mill", said="y\n")
    assert done.exit_code == 0
    assert done.stdout.endswith("Forgotten: 1 profile, 2 posts, 1 picture.\n")
    assert (store.counts()["posts"], store.counts()["images"]) == (1, 0)
    assert isinstance(ran("mill", said="y\n").exception, UnknownAccount)


def test_others_without_a_question(store):
    done = ran("--older-than", "41", "--yes")
    assert done.stdout == "Forgotten: no post and no picture.\n"
    done = ran("--older-than", "39", "--yes", "--json")
    assert json.loads(done.stdout) == {
        "profiles": 1, "posts": 3, "pictures": 1, "predictions": 0,
    }  # fmt: skip
    assert "last read more than 39 days ago: 1 profile, 3 posts, 1 picture." in done.stderr
    assert store.counts()["posts"] == 0


def test_where_nothing_goes_nothing_is_asked(store):
    done = ran("--older-than", "41")
    assert (done.exit_code, done.stderr) == (0, "")


def test_either_a_handle_or_a_number_of_days(store):
    for words in ([], ["mill", "--older-than", "3"]):
        assert isinstance(ran(*words, said="y\n").exception, InputError)
    assert ran("--older-than", "0", "--yes").exit_code == 2
    assert store.counts()["posts"] == 3
