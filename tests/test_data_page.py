"""Collecting on the Data page, walked in process: consent, the form, jobs, what stops them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from socialsense import parts
from socialsense.collect import ForHandle, ForHashtags
from socialsense.collect.consent import RISK, accept_risk
from socialsense.dialects.walls import WALLS
from socialsense.errors import PersonNeeded, SourceError
from socialsense.settings import Settings
from socialsense.store import Store
from socialsense.types import Job
from tests.slow_site import SITE, Site, until
from tests.visits import DATA, ENGAGEMENT, HASHTAGS, IMAGES, turn, walk, words

WALL = WALLS["challenge"]
CHALLENGE = PersonNeeded(WALL.what, means=WALL.means, do=WALL.do, kind="challenge")


@pytest.fixture
def site(monkeypatch):
    site = Site()
    monkeypatch.setattr(parts, "load", site.loaded)
    return site


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One data folder for all tests here: the demo is filled once."""
    return tmp_path_factory.mktemp("collecting")


@pytest.fixture
def store(folder):
    settings = Settings(data_dir=folder)
    with Store.open(settings.store_url, settings.images_dir) as store:
        yield store
        for job in store.jobs():
            if not job.key.startswith("demo:"):
                store.drop_items(job.key, store.items_of(job.key))
                store.drop_job(job.key)
        store.withdraw_consent(SITE)
        store.clear_breaker(SITE)


@pytest.fixture
def app(site, store, folder, dashboard):
    yield dashboard(DATA_DIR=folder, INSTAGRAM_URL=f"http://{SITE}", REQUEST_SECONDS=0)
    site.answers.set()


@pytest.fixture
def on(app, store):
    """The page, with the risk accepted."""
    accept_risk(store, SITE)
    return turn(app, DATA)


def put(store, plan, state, **changes):
    """A job that nobody works at and nothing picks up."""
    soon = datetime.now(UTC) + timedelta(hours=1)
    job = Job(plan.key, state, 10, 40, None, soon, soon, request=plan.request)
    store.put_job(replace(job, **changes))
    return plan.key


def keys(app):
    return {button.key for button in app.button}


def badges(app):
    return [m.value for m in app.markdown if "-badge[" in m.value]


def test_it_is_off_until_the_risk_is_accepted(app, store, site):
    turn(app, DATA)
    assert RISK.split(".")[0] in words(app)
    assert app.button(key="turn-on").disabled
    assert "collect" not in keys(app)
    app.checkbox(key="accept-risk").check().run()
    app.button(key="turn-on").click().run()
    assert not app.exception
    assert store.consent(SITE) is not None
    assert {"collect", "turn-off"} <= keys(app)
    assert site.asked == []


def test_consent_can_be_withdrawn_and_stops_what_is_under_way(on, store):
    key = put(store, ForHandle("mill"), "waiting", until=datetime.now(UTC) + timedelta(hours=2))
    on.button(key="turn-off").click().run()
    assert store.consent(SITE) is None
    assert store.job(key).state == "cancelled"
    assert "turn-on" in keys(on)
    assert f"go-on {key}" not in keys(on)


def test_the_estimate_follows_what_is_asked_for(on):
    assert "At most 303 pages" in words(on)
    on.number_input(key="collect-hashtags").set_value(2).run()
    assert "At most 23 pages" in words(on)
    on.segmented_control(key="kind").set_value("Hashtags").run()
    assert "At most" not in words(on)
    on.text_input(key="collect-tags").set_value("sea, #wind #wind").run()
    on.number_input(key="collect-posts").set_value(1).run()
    assert "At most 4 pages" in words(on)


def test_more_than_a_days_share_is_said(app, store, dashboard, folder):
    accept_risk(store, SITE)
    app = turn(dashboard(DATA_DIR=folder, REQUEST_SECONDS=9, REQUESTS_PER_DAY=200), DATA)
    assert "one every 9 seconds: about 1 day. It asks for 200 in 24 hours" in words(app)


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("An account", "", "No handle was given"),
        ("An account", "not a handle!", "cannot be an Instagram handle"),
        ("Hashtags", "", "No hashtag is named"),
        ("Hashtags", "# 123", "No hashtag is named"),
    ],
)
def test_what_cannot_be_collected_is_said(on, store, kind, typed, said):
    on.segmented_control(key="kind").set_value(kind).run()
    box = "collect-handle" if kind == "An account" else "collect-tags"
    on.text_input(key=box).set_value(typed).run()
    on.button(key="collect").click().run()
    assert said in words(on)
    assert [job.key for job in store.jobs() if job.request] == []


def test_an_account_is_collected_and_others_stay_unnamed(on, store, site):
    site.answers.clear()
    on.text_input(key="collect-handle").set_value("@Lone.Mill").run()
    on.button(key="collect").click().run()
    assert not on.exception
    until(lambda: store.job("handle:lone.mill").state == "running")
    on.button(key="collect").click().run()
    assert "being collected already" in words(on)
    site.answers.set()
    until(lambda: store.job("handle:lone.mill").state == "done")
    on.run()
    assert "**Account @lone.mill**" in words(on)
    assert badges(on) == [":green-badge[:material/check: done]"]
    assert on.dataframe[0].value["Account"].iloc[0] == "@lone.mill"
    assert "1 account behind top posts" in words(on)
    assert "somebody.else" in site.asked
    assert "somebody.else" not in words(on) + str(on.dataframe[0].value)


def test_a_running_job_is_shown_and_cancelled(on, store, site):
    site.answers.clear()
    on.segmented_control(key="kind").set_value("Hashtags").run()
    on.text_input(key="collect-tags").set_value("#mist").run()
    on.button(key="collect").click().run()
    until(lambda: site.asked)
    on.run()
    assert r"**Hashtag \#mist**" in words(on)
    on.button(key="cancel hashtag:mist").click().run()
    assert "Stops after the page under way" in words(on)
    assert on.button(key="cancel hashtag:mist").disabled
    site.answers.set()
    until(lambda: store.job("hashtag:mist").state == "cancelled")
    on.run()
    assert badges(on) == [":gray-badge[:material/block: cancelled]"]
    on.button(key="go-on hashtag:mist").click().run()
    until(lambda: store.job("hashtag:mist").state == "done")
    assert site.asked[:2] == ["#mist", "somebody.else"]  # nothing was asked for twice


def test_jobs_stand_as_the_store_has_them(on, store):
    put(store, ForHandle("one"), "running", doing="#sea")
    put(store, ForHandle("two"), "waiting", until=datetime.now(UTC) + timedelta(hours=3))
    put(store, ForHashtags(("sea",)), "failed", error="It broke off. *Why* is unknown. Try again.")
    on.run()
    said = words(on)
    assert "Account @one" in said
    assert "Reading \\#sea" in said
    assert "Goes on by itself in about 3 hours" in said
    assert r"It broke off. \*Why\* is unknown" in on.warning[0].value
    assert "demo:" not in said
    assert {"cancel handle:one", "cancel handle:two", "go-on handle:two"} <= keys(on)
    assert "go-on handle:one" not in keys(on)
    assert "go-on hashtag:sea" in keys(on)


def test_a_challenge_stops_everything_until_the_person_has_answered(on, store, site):
    site.wall = CHALLENGE
    on.text_input(key="collect-handle").set_value("mill").run()
    on.button(key="collect").click().run()
    until(lambda: store.job("handle:mill").state == "failed")
    on.run()
    assert f"**{WALL.what}**" in on.error[0].value
    assert not on.warning  # the job does not say it again
    assert on.button(key="collect").disabled
    assert site.asked == ["mill"]
    site.wall = None
    assert on.button(key="clear-breaker").label == "I have answered it: go on"
    on.button(key="clear-breaker").click().run()
    assert store.breaker(SITE, datetime.now(UTC)) is None
    until(lambda: store.job("handle:mill").state == "done")
    on.run()
    assert not on.error
    assert not on.button(key="collect").disabled


def test_a_limit_ends_by_itself(on, store):
    wall, now = WALLS["rate"], datetime.now(UTC)
    error = SourceError(wall.what, means=wall.means, do=wall.do)
    store.trip(SITE, "rate", error, at=now, until=now + timedelta(hours=6, minutes=1))
    on.run()
    assert "It goes on by itself in about 6 hours" in words(on)
    assert "clear-breaker" not in keys(on)


def test_an_unknown_handle_is_offered_for_collecting(app, store):
    walk(app, "new.mill")
    for page in (IMAGES, HASHTAGS, ENGAGEMENT):
        turn(app, page)
        assert "on the Data page" in words(app)
        assert any(link.proto.page.endswith("data") for link in app.get("page_link"))
    accept_risk(store, SITE)
    turn(app, DATA)
    assert app.text_input(key="collect-handle").value == "new.mill"
