"""The page Track record, walked in process, and its chart."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from socialsense.answers import Outcome, Prediction
from socialsense.charts import track_chart
from socialsense.settings import ROOT, Settings
from socialsense.sources.demo import NOTICE
from socialsense.store import RecordedPrediction, Store, Tracked
from tests.examples import NOON, a_post, a_profile, at
from tests.visits import ENGAGEMENT, SAMPLES, choose_first, upload, words

PAGE = "pages/track_record.py"
DAY = timedelta(days=1)
PREDICTION = Prediction("reef", 1000, 0.1, 0.02, 0.12, 80.0, 120.0, 210.0, 0.8, 10)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One data folder for all tests here: the demo is filled once."""
    return tmp_path_factory.mktemp("tracked")


@pytest.fixture
def store(folder):
    settings = Settings(data_dir=folder)
    with Store.open(settings.store_url, settings.images_dir) as store:
        yield store


@pytest.fixture
def app(folder, monkeypatch):
    import streamlit as st

    monkeypatch.setenv("SOCIALSENSE_DATA_DIR", str(folder))
    yield AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    st.cache_resource.clear()


def opened(app, handle):
    app.switch_page(PAGE).run()
    app.text_input(key="handle").set_value(handle).run()
    assert not app.exception
    return app


def record(store, handle, *pictures):
    """A prediction for each picture; gives their ids."""
    store.put_profile(a_profile(handle, source="browser"))
    prediction = replace(PREDICTION, handle=handle)
    return [store.put_prediction(sha256, ("red",), {}, prediction, NOON) for sha256 in pictures]


def test_before_any_prediction_it_says_what_to_do(app):
    opened(app, "demo.reef")
    assert "Nothing has been predicted for @demo.reef yet" in words(app)
    assert "Engagement page" in app.info[0].value
    assert not app.metric


def test_a_bad_handle_is_explained(app):
    opened(app, "not a handle!")
    assert "cannot be an Instagram handle" in words(app)


def test_a_prediction_shown_is_on_record_and_waits(app):
    app.text_input(key="handle").set_value("demo.windmills").run()
    upload(app, SAMPLES[0])
    choose_first(app)
    app.switch_page(ENGAGEMENT).run()
    opened(app, "demo.windmills")
    assert "Too early to tell: the outcome of 0 of " in words(app)
    assert NOTICE in words(app)
    assert set(app.dataframe[0].value["account"]) == {"demo.windmills"}
    assert len(app.get("image")) == 1  # the visitor's own photo, which this session has
    assert not app.metric


def test_stored_posts_are_found_and_make_the_record(app, store):
    record(store, "finder", *"abcdef")
    store.put_posts(
        a_post(f"f{sha}", handle="finder", image_sha256=sha, likes=likes, comments=0,
               taken_at=NOON + DAY, fetched_at=NOON + 10 * DAY)
        for sha, likes in zip("abcde", (90, 100, 110, 120, 500), strict=True)
    )  # fmt: skip
    opened(app, "finder")
    assert "**4 of 5 posts fell inside their range; about 4 were to be expected." in words(app)
    labels = [metric.label for metric in app.metric]
    assert labels == [
        "Inside their range",
        "Got, of what was predicted",
    ]  # no two predictions differ
    assert app.metric[0].value == "4 of 5"
    table = app.dataframe[0].value
    assert sorted(table["likes"].dropna()) == [90, 100, 110, 120, 500]
    assert set(table["known from"]) == {"stored post", ""}
    assert app.get("vega_lite_chart")
    assert app.get("download_button")
    assert not app.get("image")  # these photos are not in this session
    assert NOTICE not in words(app)


def test_what_happened_is_told_corrected_and_forgotten(app, store):
    (key,) = record(store, "teller", "x")
    opened(app, "teller")
    app.button(key="save").click().run()
    assert "Likes must be known" in words(app)
    app.number_input(key=f"likes-{key}").set_value(1300)
    app.number_input(key=f"comments-{key}").set_value(41)
    app.button(key="save").click().run()
    assert not app.exception
    assert app.success[0].value == "Saved: 1,300 likes, 41 comments."
    assert "the outcome of 1 of 1 " in words(app)
    assert list(app.dataframe[0].value["known from"]) == ["you"]
    app.number_input(key=f"likes-{key}").set_value(1200)
    app.button(key="save").click().run()
    assert list(app.dataframe[0].value["likes"]) == [1200]
    app.button(key="forget").click().run()
    assert not app.exception
    assert app.success[0].value == "Forgotten."
    assert "the outcome of 0 of 1 " in words(app)
    assert "forget" not in [button.key for button in app.button]


def test_without_a_handle_all_are_shown(app, store):
    record(store, "one", "y")
    record(store, "two", "y")
    opened(app, "")
    assert {"one", "two"} <= set(app.dataframe[0].value["account"])
    opened(app, "@one")
    assert set(app.dataframe[0].value["account"]) == {"one"}


def tracked(key, got, **changes):
    prediction = replace(PREDICTION, **changes)
    outcome = None if got is None else Outcome(key, None, None, got, None, at(9))
    return Tracked(RecordedPrediction(key, "ab", (), {}, prediction, NOON), outcome)


def test_the_chart_holds_range_prediction_and_what_happened():
    items = [
        tracked("aaaa1", 100),
        tracked("bbbb2", 300),
        tracked("cccc3", 0, low=None, high=None),
        tracked("dddd4", None),
    ]
    spec = track_chart(items).to_dict()
    (rows,) = spec["datasets"].values()
    seen = [(row["post"][-4:], row["what"] or "range", row["value"], row["high"]) for row in rows]
    assert seen == [
        ("aaaa", "range", 80, 210),
        ("aaaa", "predicted", 120, None),
        ("aaaa", "happened", 100, None),
        ("bbbb", "range", 80, 210),
        ("bbbb", "predicted", 120, None),
        ("bbbb", "happened, outside the range", 300, None),
        ("cccc", "predicted", 120, None),
        ("cccc", "happened", 0.5, None),
    ]
    assert '"log"' in json.dumps(spec)
    assert track_chart(items[2:3]).to_dict()  # no range at all
