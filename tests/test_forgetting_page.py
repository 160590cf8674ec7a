"""Forgetting on the Data page: numbers first, done at the second press, nobody named."""

from datetime import UTC, datetime, timedelta

import pytest

from socialsense.settings import Settings
from socialsense.store import Store
from tests.examples import a_post, a_profile
from tests.visits import DATA, turn, words

AGO = datetime.now(UTC) - timedelta(days=100)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One data folder for all tests here: the demo is filled once."""
    return tmp_path_factory.mktemp("forgetting")


@pytest.fixture
def on(folder, dashboard):
    """The page, with an account of two posts that nobody asked for."""
    app = turn(dashboard(DATA_DIR=folder), DATA)
    settings = Settings(data_dir=folder)
    with Store.open(settings.store_url, settings.images_dir) as store:
        store.put_profile(a_profile("old.mill", fetched_at=AGO))
        store.put_posts([a_post(pk, handle="old.mill", fetched_at=AGO) for pk in "12"])
    return app.run()


def confirming(app):
    labels = [button.label for button in app.button if button.key == "forget-now"]
    return [label.replace("\\", "") for label in labels]


def posts(folder):
    settings = Settings(data_dir=folder)
    with Store.open(settings.store_url, settings.images_dir) as store:
        return len(store.posts("old.mill"))


def test_an_account_at_the_second_press(on, folder):
    assert confirming(on) == []
    on.text_input(key="forget-handle").set_value("@Old.Mill").run()
    on.button(key="forget-account").click().run()
    assert confirming(on) == ["Forget @old.mill"]
    assert "That would be 1 profile, 2 posts" in words(on)
    assert posts(folder) == 2
    on.button(key="forget-now").click().run()
    assert not on.exception
    assert r"Forgotten\: 1 profile, 2 posts." in words(on)
    assert (confirming(on), posts(folder)) == ([], 0)
    on.button(key="forget-account").click().run()
    assert "Nothing is stored about @old.mill" in words(on)


def test_others_without_their_names(on, folder):
    on.number_input(key="forget-days").set_value(99).run()
    on.button(key="forget-others").click().run()
    assert confirming(on) == ["Forget others"]
    assert "That would be 1 profile, 2 posts" in words(on)
    assert "old.mill" not in words(on) + str(on.dataframe[0].value)
    on.number_input(key="forget-days").set_value(101).run()
    assert confirming(on) == []  # it was the answer to another question
    on.button(key="forget-others").click().run()
    assert "Nothing of others was last read so long ago" in words(on)
    on.number_input(key="forget-days").set_value(99).run()
    on.button(key="forget-others").click().run()
    on.button(key="forget-not").click().run()
    assert (confirming(on), posts(folder)) == ([], 2)


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "No handle was given"), ("a b", "cannot be an"), ("demo.reef", "account of the demo")],
)
def test_what_cannot_be_forgotten_is_said(on, typed, said):
    on.text_input(key="forget-handle").set_value(typed).run()
    on.button(key="forget-account").click().run()
    assert said in words(on)
    assert confirming(on) == []
