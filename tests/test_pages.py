"""The dashboard's pages, walked in process: every state a visitor can reach, without exceptions."""

import pytest

from socialsense.settings import DEFAULT_POPULARITY
from socialsense.sources.demo import NOTICE
from tests.visits import (
    DATA,
    ENGAGEMENT,
    HASHTAGS,
    IMAGES,
    SAMPLES,
    opened,
    turn,
    upload,
    walk,
    words,
)


def test_first_visit_offers_the_demo(app):
    assert not app.exception
    assert app.button(key="try-demo").label == "Try the demo"
    app.button(key="try-demo").click().run()
    assert not app.exception
    assert app.text_input(key="handle").value == "demo.windmills"
    assert len([b for b in app.button if b.label == "Choose"]) == len(SAMPLES)
    assert NOTICE.lower() in words(app).lower()


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("title", ["Images", "Hashtags", "Engagement", "Track record", "Data"])
def test_a_deep_link_to_a_new_server_leads_to_its_page_through_the_router(title):
    page = opened(f"pages/{title.lower().replace(' ', '_')}.py")
    assert not page.exception
    assert [heading.value for heading in page.title] == [title]
    assert page.session_state["routed"]
    assert "wanted" not in page.session_state


def test_upload_rank_choose_hashtags_prediction(app):
    walk(app)
    assert not app.exception
    assert {f"**{n}.** " for n in (1, 2, 3)} <= {m.value[:7] for m in app.markdown}
    turn(app, HASHTAGS)
    assert 1 <= len(app.pills[0].value) <= 5
    assert app.code[0].value == " ".join(f"#{tag}" for tag in app.pills[0].value)
    turn(app, ENGAGEMENT)
    assert app.metric[0].label == "Expected likes and comments"
    assert float(app.metric[0].value.replace(",", "")) > 0
    assert "Expect **" in words(app)


def test_state_survives_switching_pages(app):
    walk(app)
    turn(app, HASHTAGS)
    kept = app.pills[0].value[:2]
    app.pills[0].set_value(kept).run()
    turn(app, ENGAGEMENT)
    assert app.code[0].value == " ".join(f"#{tag}" for tag in kept)
    turn(app, IMAGES)
    assert app.text_input(key="handle").value == "demo.windmills"
    assert len([b for b in app.button if b.label in ("Choose", "Chosen")]) == 3
    turn(app, HASHTAGS)
    assert app.pills[0].value == kept


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
        turn(app, page)
        assert expected in words(app)


def test_an_account_without_followers_or_posts(app):
    walk(app, "demo.newcomer")
    turn(app, HASHTAGS)
    assert "common ones" in words(app)
    turn(app, ENGAGEMENT)
    assert "no followers" in words(app)


@pytest.mark.parametrize(
    ("handle", "expected"),
    [("demo.silent", "common ones"), ("demo.hidden", "no post whose likes are known")],
)
def test_an_account_without_hashtags_or_likes(app, handle, expected):
    walk(app, handle)
    said = ""
    for page in (HASHTAGS, ENGAGEMENT):
        turn(app, page)
        said += words(app)
    assert expected in said


@pytest.mark.parametrize("page", [HASHTAGS, ENGAGEMENT])
def test_a_page_before_any_choice_says_what_to_do(app, page):
    turn(app, page)
    assert "No photo is chosen yet" in words(app)


def test_markdown_in_names_is_shown_not_obeyed(app):
    app.file_uploader[0].upload("**bold** [x](y).jpg", SAMPLES[0].read_bytes())
    app.run()
    assert not app.exception
    assert r"\*\*bold\*\* \[x\]\(y\).jpg" in words(app)


def test_missing_weights_become_words_on_the_first_click(dashboard, tmp_path):
    """Also where the click itself loads the models."""
    app = dashboard(MODELS_DIR=tmp_path)
    app.button(key="try-demo").click().run()
    assert not app.exception
    assert "git checkout models" in words(app)


def test_a_popularity_model_without_weights_is_replaced_and_that_is_said(dashboard, tmp_path):
    opened = dashboard(POPULARITY="intrinsic", INTRINSIC_WEIGHTS=tmp_path / "none.pth")
    app = upload(opened, *SAMPLES[:2])
    assert not app.exception
    assert not app.error
    assert "weights of popularity/intrinsic are missing" in app.warning[0].value
    assert f"default model, {DEFAULT_POPULARITY}, ranks" in app.warning[0].value
    assert f"Ranked by the popularity model “{DEFAULT_POPULARITY}”" in words(app)


def test_the_intrinsic_model_names_those_who_published_it(dashboard, intrinsic_weights):
    app = walk(dashboard(POPULARITY="intrinsic", INTRINSIC_WEIGHTS=intrinsic_weights))
    assert not app.exception
    assert not app.warning
    assert "“intrinsic”, which others published" in words(app)


def test_the_data_page_says_what_is_stored_and_retrains(app):
    turn(app, DATA)
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
    turn(app, DATA)
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
