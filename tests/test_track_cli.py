"""`track` as a person runs it: the record, the list, and telling what happened."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest

from socialsense.answers import Prediction
from socialsense.cli.track import _named
from socialsense.errors import InputError
from socialsense.settings import ROOT, Settings
from socialsense.store import RecordedPrediction, Store
from tests.examples import NOON, a_post, a_profile

PREDICTION = Prediction("mill", 1000, 0.1, 0.02, 0.12, 80.0, 120.0, 210.0, 0.8, 10)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One data folder for all tests here: the demo is filled once."""
    return tmp_path_factory.mktemp("track")


@pytest.fixture
def run(folder):
    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "socialsense", "track", *arguments],
            cwd=ROOT,
            env={"SOCIALSENSE_DATA_DIR": str(folder), **os.environ, "COLUMNS": "160"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def store(folder):
    settings = Settings(data_dir=folder)
    with Store.open(settings.store_url, settings.images_dir) as store:
        store.put_profile(a_profile(source="demo"))
        yield store


def test_before_any_prediction(run, tmp_path, monkeypatch):
    monkeypatch.setenv("SOCIALSENSE_DATA_DIR", str(tmp_path))
    done = run()
    assert done.returncode == 0, done.stderr
    assert done.stdout == "Nothing has been predicted yet.\n"


def test_a_stored_post_and_a_persons_word_make_the_record(run, store):
    found = store.put_prediction("ab", ("red",), {}, PREDICTION, NOON)
    waits = store.put_prediction("cd", ("blue",), {}, PREDICTION, NOON)
    posted = {"taken_at": NOON + DAY, "fetched_at": NOON + 9 * DAY}
    store.put_posts([a_post(image_sha256="ab", likes=150, comments=4, **posted)])
    said = run("--outcome", waits[:6].upper(), "--likes", "1300")
    assert said.returncode == 0, said.stderr
    assert "Kept for @mill" in said.stdout
    assert "1,300 likes; predicted were about 120 likes and comments" in said.stdout
    shown = run()
    assert shown.returncode == 0, shown.stderr
    assert "the outcome of 2 of " in shown.stdout
    for expected in (found[:8], waits[:8], "@mill", "#red", "80 to 210",
                     "150 likes, 4 comments", "1,300 likes (as told)"):  # fmt: skip
        assert expected in shown.stdout
    answer = json.loads(run("--json").stdout)
    assert answer["notice"] == "demo data, simulated engagement"  # as the account is the demo's
    assert (answer["record"]["ranges"], answer["record"]["inside"]) == (2, 1)
    outcomes = {p["recorded"]["id"]: p["outcome"] for p in answer["predictions"]}
    assert (outcomes[found]["pk"], outcomes[waits]["pk"]) == ("1", None)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--outcome", "ID"), "Likes must be known"),
        (("--outcome", "ID", "--likes", "-1"), "between 0 and 10,000,000,000"),
        (("--outcome", "ID", "--likes", "1", "--comments", "99999999999"), "between 0 and"),
        (("--outcome", "feedc0de", "--likes", "1"), "No prediction has an ID"),
        (("--likes", "1"), "whose likes"),
    ],
)
def test_what_cannot_be_kept_is_explained(run, store, arguments, expected):
    key = store.put_prediction("ef", (), {}, PREDICTION, NOON - DAY)
    done = run(*[key if word == "ID" else word for word in arguments])
    assert done.returncode == 1
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert key in [t.recorded.id for t in store.outcomes() if t.outcome is None]


def test_an_id_names_one_prediction_or_says_why_not():
    a, b = (
        RecordedPrediction(key, "ab", (), {}, PREDICTION, NOON) for key in ("abcdef1", "abcdef2")
    )
    assert _named([a, b], "abcdef2") == b
    for prefix, expected in (
        ("abcde", "too short"),
        ("abcdef", "2 predictions"),
        ("abcdef3", "No"),
    ):
        with pytest.raises(InputError, match=expected):
            _named([a, b], prefix)
