"""The dashboard's pages, walked in process: every state a visitor can reach, without exceptions."""

import pytest
from streamlit.testing.v1 import AppTest

from socialsense.settings import DEFAULT_POPULARITY, ROOT
from socialsense.sources.demo import NOTICE

SAMPLES = sorted((ROOT / "data" / "demo" / "samples").glob("*.jpg"))
IMAGES, HASHTAGS, ENGAGEMENT, DATA = (
    f"pages/{name}.py" for name in ("images", "hashtags", "engagement", "data")
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One data folder for all tests here: the demo is filled once."""
    return tmp_path_factory.mktemp("dashboard")


@pytest.fixture
def app(folder, monkeypatch):
    import streamlit as st

    monkeypatch.setenv("SOCIALSENSE_DATA_DIR", str(folder))
    yield AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    st.cache_resource.clear()


def words(app):
    """Everything a page says, as one text."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "error", "warning", "code")
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind))


def upload(app, *paths):
    for path in paths:
        app.file_uploader[0].upload(path.name, path.read_bytes())
    return app.run()


def choose_first(app):
    next(b for b in app.button if b.label == "Choose").click()
    return app.run()


def walk(app, handle="demo.windmills", photos=SAMPLES[:3]):
    app.text_input(key="handle").set_value(handle).run()
    upload(app, *photos)
    return choose_first(app)


def test_first_visit_offers_the_demo(app):
    assert not app.exception
    assert app.button(key="try-demo").label == "Try the demo"
    app.button(key="try-demo").click().run()
    assert not app.exception
    assert app.text_input(key="handle").value == "demo.windmills"
    assert len([b for b in app.button if b.label == "Choose"]) == len(SAMPLES)
    assert NOTICE.lower() in words(app).lower()


def test_upload_rank_choose_hashtags_prediction(app):
    walk(app)
    assert not app.exception
    assert {f"**{n}.** " for n in (1, 2, 3)} <= {m.value[:7] for m in app.markdown}
    app.switch_page(HASHTAGS).run()
    assert not app.exception
    assert len(app.pills[0].value) == 5
    assert app.code[0].value == " ".join(f"#{tag}" for tag in app.pills[0].value)
    assert "points" in words(app)
    app.switch_page(ENGAGEMENT).run()
    assert not app.exception
    assert app.metric[0].label == "Expected likes and comments"
    assert float(app.metric[0].value.replace(",", "")) > 0
    assert "Expect **" in words(app)


def test_state_survives_switching_pages(app):
    walk(app)
    app.switch_page(HASHTAGS).run()
    kept = app.pills[0].value[:2]
    app.pills[0].set_value(kept).run()
    app.switch_page(ENGAGEMENT).run()
    assert app.code[0].value == " ".join(f"#{tag}" for tag in kept)
    app.switch_page(IMAGES).run()
    assert app.text_input(key="handle").value == "demo.windmills"
    assert len([b for b in app.button if b.label in ("Choose", "Chosen")]) == 3
    app.switch_page(HASHTAGS).run()
    assert app.pills[0].value == kept


def test_dropping_and_adding_hashtags(app):
    walk(app)
    app.switch_page(HASHTAGS).run()
    app.pills[0].set_value(app.pills[0].value[1:]).run()
    assert len(app.code[0].value.split()) == 4
    app.text_input(key="own-tag").set_value("my own #Tag").run()
    assert not app.exception
    assert "#tag" in app.pills[0].options
    app.text_input(key="own-tag").set_value("plain").run()
    assert "#plain" in app.pills[0].options


def test_more_than_the_cap_warns_and_does_not_block(app):
    walk(app)
    app.switch_page(HASHTAGS).run()
    app.selectbox(key="limit").select(30).run()
    assert not app.exception
    assert len(app.pills[0].value) > 5
    assert "Instagram takes 5" in app.warning[0].value


def test_no_hashtag_chosen_predicts_the_usual(app):
    walk(app)
    app.switch_page(HASHTAGS).run()
    app.pills[0].set_value([]).run()
    assert not app.exception
    app.switch_page(ENGAGEMENT).run()
    assert not app.exception
    assert app.metric[2].value.startswith(app.metric[0].value)


def test_sorting_and_removing(app):
    walk(app)

    def shown():
        return [m.value.split("** ", 1)[1] for m in app.markdown if m.value.startswith("**")][:3]

    app.get("segmented_control")[0].set_value("name").run()
    assert shown() == sorted(shown(), key=str.casefold)
    next(b for b in app.button if b.label == "Remove").click().run()
    assert not app.exception
    assert len([b for b in app.button if b.label == "Remove"]) == 2
    app.button(key="remove-all").click().run()
    assert not app.exception
    assert app.button(key="try-demo")


def test_a_bad_file_is_named_and_the_others_go_on(app):
    app.file_uploader[0].upload("notes.jpg", b"these are my notes")
    app.file_uploader[0].upload("empty.png", b"")
    app.file_uploader[0].upload("cut.jpg", SAMPLES[0].read_bytes()[:4000])
    upload(app, SAMPLES[1])
    assert not app.exception
    said = "\n".join(error.value for error in app.error)
    for name in ("notes", "empty", "cut"):
        assert name in said
    assert len([b for b in app.button if b.label == "Choose"]) == 1


@pytest.mark.parametrize(
    ("handle", "expected"),
    [
        ("nobody.here", "Nothing is stored about"),
        ("not a handle!", "cannot be an Instagram handle"),
        ("demo.private", "private account"),
        ("", "Type a handle"),
    ],
)
def test_a_handle_of_no_use_says_so_on_every_page(app, handle, expected):
    walk(app, handle)
    for page in (IMAGES, HASHTAGS, ENGAGEMENT):
        app.switch_page(page).run()
        assert not app.exception
        assert expected in words(app)


def test_an_account_without_followers_or_posts(app):
    walk(app, "demo.newcomer")
    app.switch_page(HASHTAGS).run()
    assert not app.exception
    assert "common ones" in words(app)
    app.switch_page(ENGAGEMENT).run()
    assert not app.exception
    assert "no followers" in words(app)


@pytest.mark.parametrize(
    ("handle", "expected"),
    [("demo.silent", "common ones"), ("demo.hidden", "no post whose likes are known")],
)
def test_an_account_without_hashtags_or_likes(app, handle, expected):
    walk(app, handle)
    said = ""
    for page in (HASHTAGS, ENGAGEMENT):
        app.switch_page(page).run()
        assert not app.exception
        said += words(app)
    assert expected in said


@pytest.mark.parametrize("page", [HASHTAGS, ENGAGEMENT])
def test_a_page_before_any_choice_says_what_to_do(app, page):
    app.switch_page(page).run()
    assert not app.exception
    assert "No photo is chosen yet" in words(app)


def test_markdown_in_names_is_shown_not_obeyed(app):
    app.file_uploader[0].upload("**bold** [x](y).jpg", SAMPLES[0].read_bytes())
    app.run()
    assert not app.exception
    assert r"\*\*bold\*\* \[x\]\(y\).jpg" in words(app)


def test_own_hashtags_without_any_evidence_are_shown_as_such(tmp_path, monkeypatch):
    """A store that knows an account and nothing else: own additions still make a set."""
    import streamlit as st

    from socialsense.store import Store
    from tests.examples import a_profile

    monkeypatch.setenv("SOCIALSENSE_DATA_DIR", str(tmp_path))
    with Store.open(f"sqlite:///{tmp_path}/socialsense.db", tmp_path / "images") as store:
        store.put_profile(a_profile("lonely"))
    monkeypatch.setattr("socialsense.collect.collect_demo", lambda *_, **__: None)
    monkeypatch.setattr("socialsense.ui.resources.collect_demo", lambda *_, **__: None)
    st.cache_resource.clear()
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    walk(app, "lonely")
    app.switch_page(HASHTAGS).run()
    assert "No hashtag has evidence yet" in words(app)
    app.text_input(key="own-tag").set_value("#mine").run()
    assert not app.exception
    assert app.code[0].value == "#mine"
    assert "No stored post speaks" in words(app)
    app.switch_page(ENGAGEMENT).run()
    assert not app.exception
    assert "no post whose likes are known" in words(app)
    st.cache_resource.clear()


def test_missing_weights_become_words_on_the_first_click(folder, tmp_path, monkeypatch):
    """Also where the click itself loads the models."""
    import streamlit as st

    monkeypatch.setenv("SOCIALSENSE_DATA_DIR", str(folder))
    monkeypatch.setenv("SOCIALSENSE_MODELS_DIR", str(tmp_path))
    st.cache_resource.clear()
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.button(key="try-demo").click().run()
    assert not app.exception
    assert "git checkout models" in words(app)
    st.cache_resource.clear()


def test_demo_evidence_is_named_for_every_account(folder, monkeypatch):
    """The notice follows the posts behind the numbers, not the account alone."""
    import streamlit as st

    from socialsense.store import Store
    from tests.examples import a_post, a_profile

    monkeypatch.setenv("SOCIALSENSE_DATA_DIR", str(folder))
    with Store.open(f"sqlite:///{folder}/socialsense.db", folder / "images") as store:
        store.put_profile(a_profile("collected", source="other"))
        store.put_posts([a_post("c1", handle="collected", caption="#photography", source="other")])
    st.cache_resource.clear()
    app = walk(AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run(), "collected")
    assert NOTICE not in words(app)
    for page in (HASHTAGS, ENGAGEMENT):
        app.switch_page(page).run()
        assert not app.exception
        assert NOTICE in words(app)
    st.cache_resource.clear()


def test_a_popularity_model_without_weights_is_replaced_and_that_is_said(
    folder, tmp_path, monkeypatch
):
    import streamlit as st

    monkeypatch.setenv("SOCIALSENSE_DATA_DIR", str(folder))
    monkeypatch.setenv("SOCIALSENSE_POPULARITY", "intrinsic")
    monkeypatch.setenv("SOCIALSENSE_INTRINSIC_WEIGHTS", str(tmp_path / "none.pth"))
    st.cache_resource.clear()
    app = upload(AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run(), *SAMPLES[:2])
    assert not app.exception
    assert not app.error
    assert "weights of popularity/intrinsic are missing" in app.warning[0].value
    assert f"default model, {DEFAULT_POPULARITY}, ranks" in app.warning[0].value
    assert f"Ranked by the popularity model “{DEFAULT_POPULARITY}”" in words(app)
    st.cache_resource.clear()


def test_the_intrinsic_model_names_those_who_published_it(folder, intrinsic_weights, monkeypatch):
    import streamlit as st

    monkeypatch.setenv("SOCIALSENSE_DATA_DIR", str(folder))
    monkeypatch.setenv("SOCIALSENSE_POPULARITY", "intrinsic")
    monkeypatch.setenv("SOCIALSENSE_INTRINSIC_WEIGHTS", str(intrinsic_weights))
    st.cache_resource.clear()
    app = walk(AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run())
    assert not app.exception
    assert not app.warning
    assert "“intrinsic”, which others published" in words(app)
    st.cache_resource.clear()


def test_the_data_page_says_what_is_stored_and_retrains(app):
    app.switch_page(DATA).run()
    assert not app.exception
    stored = {metric.label: int(metric.value.replace(",", "")) for metric in app.metric}
    assert stored["Profiles"] >= 18  # of the demo; other tests here add their own
    assert stored["Posts"] >= 342
    assert "@demo.reef" in app.dataframe[0].value["Account"].tolist()
    assert not [button for button in app.button if button.key == "retrain"]
    app.text_input(key="handle").set_value("demo.reef").run()
    app.button(key="retrain").click().run()
    assert not app.exception
    verdict = "\n".join(str(said.value) for said in [*app.success, *app.info])
    assert "pairs of its later posts" in verdict


def test_retraining_without_posts_says_what_is_missing(app):
    app.switch_page(DATA).run()
    app.text_input(key="handle").set_value("demo.newcomer").run()
    app.button(key="retrain").click().run()
    assert not app.exception
    assert "too few posts to learn from" in words(app)


def test_cards_say_how_a_photo_compares_and_why(app):
    walk(app)
    said = words(app)
    assert "the next" in said
    assert "or it: " in said or "gainst it: " in said
    assert "How far to trust “probe”" in [expander.label for expander in app.expander]
