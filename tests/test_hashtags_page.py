"""The page Hashtags: a set to copy, why, what if, and the same for every photo."""

import pytest

from socialsense.sources.demo import NOTICE
from socialsense.store import Store
from tests.examples import a_post, a_profile
from tests.visits import ENGAGEMENT, HASHTAGS, SAMPLES, in_mode, turn, walk, words

VERDICTS = ("likely above usual", "likely below usual", "no clear effect", "not enough evidence")


def table(app, column):
    """The first table that has such a column."""
    return next(t.value for t in app.dataframe if column in t.value.columns)


def test_a_set_to_copy_and_why(app):
    walk(app, page=HASHTAGS)
    assert 1 <= len(app.pills[0].value) <= 5
    assert app.code[0].value == " ".join(f"#{tag}" for tag in app.pills[0].value)
    figures = table(app, "verdict")
    assert len(figures) == 30
    assert set(figures["verdict"]) <= set(VERDICTS)
    assert set(figures["score"].str[-2:]) == {" %"}
    chosen = app.selectbox(key="why").value
    said = next(m.value for m in app.markdown if " posts of " in m.value)
    assert said.startswith(f"**{figures['score'][0]}** from ")
    assert said.endswith(f"{figures['verdict'][0]}.")
    assert figures["hashtag"][0] == f"#{chosen}"
    assert not app.warning


def test_nothing_is_called_helpful_without_a_clear_sign(app):
    walk(app, page=HASHTAGS)
    clear = (table(app, "verdict")["verdict"] == "likely above usual").any()
    assert ("No hashtag clearly helps here" in words(app)) == (not clear)


def test_a_score_opens_into_its_formula_and_its_posts(app):
    walk(app, page=HASHTAGS)
    app.selectbox(key="why").select("windmühle").run()
    assert not app.exception
    figures = table(app, "verdict").set_index("hashtag").loc["#windmühle"]
    formula = next(m.value for m in app.markdown if m.value.startswith("score = trust"))
    assert f"that is {figures['score']}" in formula
    trust, raw, correction = (
        float(part) for part in formula.split("= ")[2].replace("(", "").replace(")", "")
        .replace(" − ", " ").replace("· ", "").split()
    )  # fmt: skip
    score = float(formula.split("= ")[3].split()[0])
    assert score == pytest.approx(trust * (raw - correction), abs=0.006)  # as rounded there
    shown = [m.value for m in app.markdown if m.value.startswith("similarity **")]
    assert len(shown) == figures["posts"]
    assert shown == sorted(shown, reverse=True)
    assert "Account 1, about" in words(app)


def test_the_mode_changes_scores_units_and_set(app):
    walk(app, page=HASHTAGS)
    assert app.selectbox(key="mode").value == "calibrated"
    assert "denominator" not in [box.key for box in app.selectbox]
    today = list(table(app, "verdict")["hashtag"])
    in_mode(app, "faithful")
    assert len(app.pills[0].value) == 5
    figures = table(app, "verdict")
    assert set(figures["score"].str[-7:]) == {" points"}
    assert list(figures["hashtag"]) != today
    assert "Σ similarity · lift" in words(app)
    app.selectbox(key="denominator").select("count").run()
    assert not app.exception
    assert list(table(app, "verdict")["score"]) != list(figures["score"])
    in_mode(app, "calibrated")
    assert list(table(app, "verdict")["hashtag"]) == today


def test_the_settings_say_which_mode_comes_first(dashboard):
    app = walk(dashboard(MODE="faithful"), page=HASHTAGS)
    assert app.selectbox(key="mode").value == "faithful"
    assert "points" in words(app)


def test_what_if_a_hashtag_is_dropped_or_swapped(app):
    walk(app, page=HASHTAGS)
    chosen = app.pills[0].value
    changes = table(app, "change")
    assert list(changes["change"][: len(chosen)]) == [f"drop #{tag}" for tag in chosen]
    swaps = changes["change"][len(chosen) :].str.split(" → ", expand=True)
    assert set(swaps[0]) == {f"#{tag}" for tag in chosen}
    assert not set(swaps[1]) & {f"#{tag}" for tag in chosen}
    assert changes["for the better"].str.endswith("in 10").all()
    assert changes["80 % interval"].str.contains(" to ").all()
    app.pills[0].set_value([]).run()
    assert not app.exception
    assert app.code[0].value == "(no hashtag chosen)"


def test_dropping_and_adding_hashtags(app):
    walk(app, page=HASHTAGS)
    before = app.pills[0].value
    app.pills[0].set_value(before[1:]).run()
    assert len(app.code[0].value.split()) == len(before) - 1
    app.text_input(key="own-tag").set_value("my own #Tag").run()
    assert not app.exception
    assert "#tag" in app.pills[0].options
    app.text_input(key="own-tag").set_value("plain").run()
    assert "#plain" in app.pills[0].options
    assert app.pills[0].value == before[1:]


def test_more_than_the_cap_warns_and_does_not_block(app):
    in_mode(walk(app, page=HASHTAGS), "faithful")
    app.selectbox(key="limit").select(30).run()
    assert not app.exception
    assert len(app.pills[0].value) > 5
    assert "Instagram takes 5" in app.warning[0].value


def test_todays_set_grows_by_hand_too(app):
    walk(app, page=HASHTAGS)
    six = [option.removeprefix("#") for option in app.pills[0].options[:6]]
    app.pills[0].set_value(six).run()
    assert "Instagram takes 5" in app.warning[0].value


def test_hashtags_to_be_careful_with_warn_once_they_are_in_the_set(app):
    walk(app, page=HASHTAGS)
    app.text_input(key="own-tag").set_value("#L4L #love #desk").run()
    assert not app.warning
    app.pills[0].set_value(["l4l", "love", "desk"]).run()
    banned, sensitive, generic = (warning.value for warning in app.warning)
    assert "l4l" in banned
    assert "may be hidden" in banned
    assert "desk" in sensitive
    assert "love" in generic
    assert "too common" in generic
    careful = table(app, "verdict").set_index("hashtag")["careful"]
    assert careful["#l4l"] == "banned"


@pytest.mark.parametrize("count", [1, 3])
def test_photos_stand_side_by_side_where_there_are_several(app, count):
    walk(app, photos=SAMPLES[:count], page=HASHTAGS)
    for mode in ("calibrated", "faithful"):
        in_mode(app, mode)
        assert ("Your photos side by side" in words(app)) == (count > 1)
        assert len(app.get("vega_lite_chart")) == min(count, 2)  # scores, and then photos


def test_own_hashtags_without_any_evidence_are_shown_as_such(dashboard, tmp_path, monkeypatch):
    """A store that knows an account and nothing else: own additions still make a set."""
    with Store.open(f"sqlite:///{tmp_path}/socialsense.db", tmp_path / "images") as store:
        store.put_profile(a_profile("lonely"))
    monkeypatch.setattr("socialsense.collect.collect_demo", lambda *_, **__: None)
    monkeypatch.setattr("socialsense.ui.resources.collect_demo", lambda *_, **__: None)
    app = walk(dashboard(DATA_DIR=tmp_path), "lonely", page=HASHTAGS)
    assert "No hashtag has evidence yet" in words(app)
    app.text_input(key="own-tag").set_value("#mine").run()
    assert not app.exception
    assert app.code[0].value == "#mine"
    assert "No stored post speaks" in words(app)
    turn(app, ENGAGEMENT)
    assert "no post whose likes are known" in words(app)


def test_a_collected_account_is_not_judged_by_the_demo(dashboard, demo_folder):
    """Fictional posts under the same hashtag are no evidence for it."""
    with Store.open(f"sqlite:///{demo_folder}/socialsense.db", demo_folder / "images") as store:
        store.put_profile(a_profile("collected", source="other"))
        store.put_posts([a_post("c1", handle="collected", caption="#photography", source="other")])
    app = walk(dashboard(), "collected")
    assert NOTICE not in words(app)
    turn(app, HASHTAGS)
    assert "dence yet: none of the stored top posts" in words(app)
    turn(app, ENGAGEMENT)
    assert NOTICE not in words(app)
