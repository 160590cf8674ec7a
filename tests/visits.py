"""Steps of a visit to the dashboard, walked in process."""

from streamlit.testing.v1 import AppTest

from socialsense.settings import ROOT

SAMPLES = sorted((ROOT / "data" / "demo" / "samples").glob("*.jpg"))
IMAGES, HASHTAGS, ENGAGEMENT, DATA = (
    f"pages/{name}.py" for name in ("images", "hashtags", "engagement", "data")
)


def opened(page=None):
    """A new visitor: at the front, or by a deep link to a server that has just started."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    return (app.switch_page(page) if page else app).run()


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


def walk(app, handle="demo.windmills", photos=SAMPLES[:3], page=None):
    """A handle, photos, the best one chosen; then the page, where one is named."""
    app.text_input(key="handle").set_value(handle).run()
    upload(app, *photos)
    choose_first(app)
    return app if page is None else turn(app, page)


def turn(app, page):
    app.switch_page(page).run()
    assert not app.exception
    return app


def turn_in_mode(app, page):
    """As `turn`, with the mode both pages share, which AppTest, unlike a server, hands on late."""
    turn(app, page).run()
    assert not app.exception
    return app


def in_mode(app, mode):
    app.selectbox(key="mode").select(mode).run()
    assert not app.exception
    return app
