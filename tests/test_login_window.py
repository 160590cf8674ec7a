"""The window to log in with, as the Data page offers it."""

import pytest

from socialsense.collect.consent import accept_risk
from socialsense.errors import SourceError
from socialsense.settings import Settings
from socialsense.store import Store
from tests.slow_site import SITE, until
from tests.visits import DATA, turn, words


@pytest.fixture
def on(dashboard, demo_folder):
    """The Data page, with the risk accepted."""
    app = dashboard(INSTAGRAM_URL=f"http://{SITE}")
    settings = Settings(data_dir=demo_folder)
    with Store.open(settings.store_url, settings.images_dir) as store:
        accept_risk(store, SITE)
    return turn(app, DATA)


def keys(app):
    return {button.key for button in app.button}


def test_a_window_opens_only_where_there_is_a_screen(on, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    on.run()
    assert "python -m socialsense collect login" in words(on)
    assert "open-window" not in keys(on)


@pytest.mark.parametrize("there", [True, False])
def test_the_window_is_opened_and_closed_from_the_page(on, monkeypatch, there):
    def log_in(settings, waiting):
        until(lambda: not waiting())
        return there

    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.setattr("socialsense.sources.browser.log_in", log_in)
    on.run()
    on.button(key="open-window").click().run()
    assert "The window is open" in words(on)
    on.button(key="close-window").click().run()
    until(lambda: "open-window" in keys(on.run()))
    assert ("You are logged in." in words(on)) == there


def test_a_window_that_cannot_open_says_why(on, monkeypatch):
    def log_in(settings, waiting):
        raise SourceError("Chromium is not installed.", means="No window.", do="Install it.")

    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.setattr("socialsense.sources.browser.log_in", log_in)
    on.run()
    on.button(key="open-window").click().run()
    until(lambda: "Chromium is not installed" in words(on.run()))
    assert not on.exception
