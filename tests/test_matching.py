"""Which post followed which prediction: who is matched, with whom, and who is left alone."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from PIL import Image as PILImage

from socialsense.answers import Outcome
from socialsense.embedders.color import ColorEmbedder
from socialsense.images import encode_jpeg, open_image
from socialsense.matching import MATURE, WINDOW, match_outcomes
from socialsense.settings import ROOT
from socialsense.store import Store
from tests.examples import NOON, a_post, a_prediction

SAMPLES = sorted((ROOT / "data" / "demo" / "samples").glob("*.jpg"))
DAY = timedelta(days=1)
PREDICTION = a_prediction(low=8.0)


class Seeing:
    """Directions in a plane by the brightness of a picture; remembers how many it looked at."""

    def __init__(self, model_id="color/test"):
        self.model_id = model_id
        self.looked = 0

    def embed(self, pictures):
        self.looked += len(pictures)
        return np.array([direction(np.asarray(picture).mean()) for picture in pictures])

    def similarity(self, queries, references):
        return queries @ references.T


def direction(degrees):
    """Under 13 degrees two of these show the same photo: cos 12° = 0.978, cos 13° = 0.974."""
    return np.float32([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])


@pytest.fixture
def store(tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/s.db", tmp_path / "images") as opened:
        yield opened


@pytest.fixture
def predict(store):
    def predict(sha256="upload", tags=("red",), made_at=NOON, **changes):
        prediction = replace(PREDICTION, **changes)
        return store.put_prediction(sha256, tags, {}, prediction, made_at)

    return predict


def followed(pk="1", days=2, read=10, **changes):
    """A post some days after NOON, read some days after it was posted."""
    posted = NOON + days * DAY
    changes = {"image_sha256": "upload"} | changes
    return a_post(pk, taken_at=posted, fetched_at=posted + read * DAY, **changes)


def outcomes(store):
    return {t.recorded.id: t.outcome for t in store.outcomes()}


def matched(store):
    """Prediction to post, of those that have one."""
    return {key: outcome.pk for key, outcome in outcomes(store).items() if outcome}


def test_a_prediction_gets_the_counts_of_the_post_that_followed(store, predict):
    key = predict()
    store.put_posts([followed(likes=40, comments=3)])
    assert match_outcomes(store, Seeing()) == 1
    assert outcomes(store)[key] == Outcome(key, "1", NOON + 2 * DAY, 40, 3, NOON + 12 * DAY)
    assert match_outcomes(store, Seeing()) == 0


@pytest.mark.parametrize(
    ("post", "why"),
    [
        (followed(handle="other"), "another account"),
        (followed(days=0), "posted no later than predicted"),
        (followed(days=WINDOW / DAY + 0.01), "posted too late"),
        (followed(read=MATURE / DAY - 0.01), "read too early"),
        (followed(likes=None), "hidden likes"),
        (followed(kind="video"), "a video"),
        (followed(image_sha256="another"), "another photo"),
        (followed(image_sha256=None), "no picture"),
    ],
)
def test_any_other_post_is_left_alone(store, predict, post, why):
    predict()
    store.put_posts([post])
    assert match_outcomes(store, Seeing()) == 0, why
    assert matched(store) == {}


def test_the_last_moments_count(store, predict):
    predict()
    store.put_posts([followed(days=WINDOW / DAY, read=MATURE / DAY)])
    assert match_outcomes(store, Seeing()) == 1


def test_newer_counts_replace_older_ones(store, predict):
    key = predict()
    store.put_posts([followed(likes=40)])
    match_outcomes(store, Seeing())
    store.put_posts([followed(likes=50, read=20)])
    assert [match_outcomes(store, Seeing()) for _ in range(2)] == [1, 0]
    assert outcomes(store)[key].likes == 50
    store.put_posts([followed(likes=None, read=30)])
    assert match_outcomes(store, Seeing()) == 0


def test_counts_from_before_likes_were_hidden_may_be_too_young(store, predict):
    predict()
    store.put_posts([followed(likes=4, read=1), followed(likes=None, read=10)])
    assert match_outcomes(store, Seeing()) == 0


def test_the_hashtags_that_fit_best_win_then_the_latest(store, predict):
    predict(tags=("sea", "wave"))
    late = predict(tags=("sea", "red", "blue"), made_at=NOON + DAY)
    predict(tags=("sea", "blue", "red"))
    predict(tags=(), made_at=NOON + DAY)
    predict(tags=("sea", "red", "blue", "wave"), made_at=NOON + 3 * DAY)  # after the post
    store.put_posts([followed(caption="#red #blue #sea #sky")])
    assert match_outcomes(store, Seeing()) == 1
    assert matched(store) == {late: "1"}


def test_each_post_of_a_photo_takes_one_prediction_the_earliest_first(store, predict):
    red, blue = predict(tags=("red",)), predict(tags=("blue",))
    store.put_posts([followed("2", 9, caption="#blue"), followed("1", 5, caption="#blue")])
    store.put_posts([followed("3", 20, caption="#blue")])
    assert match_outcomes(store, Seeing()) == 2
    assert matched(store) == {blue: "1", red: "2"}


def test_a_post_whose_counts_are_young_has_its_prediction_reserved(store, predict):
    red, blue = predict(tags=("red",)), predict(tags=("blue",))
    store.put_posts([followed("1", read=1, caption="#red"), followed("2", 9, caption="#red")])
    assert match_outcomes(store, Seeing()) == 1
    assert matched(store) == {blue: "2"}
    store.put_posts([followed("1", caption="#red")])
    assert match_outcomes(store, Seeing()) == 1
    assert matched(store) == {red: "1", blue: "2"}


def test_what_a_person_told_stands_in_the_posts_place(store, predict):
    told, other = predict(tags=("blue",)), predict(tags=("red",))
    outcome = Outcome(told, None, None, 5, None, NOON)
    store.put_outcome(outcome)
    store.put_posts([followed(caption="#red")])
    assert match_outcomes(store, Seeing()) == 0
    assert outcomes(store) == {told: outcome, other: None}


def grey(store, level):
    return store.put_image(encode_jpeg(PILImage.new("RGB", (8, 8), (level,) * 3), quality=100))


def test_the_nearest_photo_comes_before_hashtags(store, predict):
    far, near = predict("far", tags=("red",)), predict("near", tags=())
    store.put_embeddings("color/test", {"far": direction(58), "near": direction(49)})
    store.put_posts([followed(image_sha256=grey(store, 50), caption="#red")])
    match_outcomes(store, Seeing())
    assert matched(store) == {near: "1"}
    store.put_posts([followed("2", image_sha256=grey(store, 51), caption="#red")])
    match_outcomes(store, Seeing())
    assert matched(store) == {near: "1", far: "2"}


@pytest.mark.parametrize(("degrees", "same"), [(12, True), (13, False)])
def test_how_alike_the_same_photo_is(store, predict, degrees, same):
    predict()
    store.put_embeddings("color/test", {"upload": direction(50 + degrees)})
    store.put_posts([followed(image_sha256=grey(store, 50))])
    assert match_outcomes(store, Seeing()) == same


def test_an_embedder_nobody_measured_knows_a_file_alone(store, predict):
    predict()
    embedder = Seeing("mine/1")
    store.put_embeddings("mine/1", {"upload": direction(50)})
    store.put_posts([followed(image_sha256=grey(store, 50))])
    assert match_outcomes(store, embedder) == 0
    store.put_posts([followed("2")])
    assert match_outcomes(store, embedder) == 1


def test_a_photo_that_came_back_from_the_platform_is_recognised(store, predict):
    """Other size, other quality, a little cut off; the others are other photos."""
    embedder = ColorEmbedder()
    photos = [open_image(path.read_bytes(), path.name) for path in SAMPLES]
    rows = embedder.embed([photo.pixels for photo in photos])
    names = [photo.sha256 for photo in photos]
    store.put_embeddings(embedder.model_id, dict(zip(names, rows, strict=True)))
    keys = [predict(name) for name in names]
    for number, photo in enumerate(photos):
        width, height = photo.pixels.size
        cut = photo.pixels.crop((width // 50, 0, width - width // 50, height))
        sha256 = store.put_image(encode_jpeg(cut, 640, 70))
        store.put_posts([followed(str(number), 2 + number, image_sha256=sha256)])
    assert match_outcomes(store, embedder) == len(photos)
    assert matched(store) == {key: str(number) for number, key in enumerate(keys)}


def test_with_nothing_new_it_looks_at_no_picture_and_writes_nothing(store, predict, monkeypatch):
    predict("elsewhere")
    store.put_embeddings("color/test", {"elsewhere": direction(0)})
    store.put_posts([followed("early", -1, image_sha256=grey(store, 80))])
    store.put_posts([followed(image_sha256=grey(store, 90))])
    first, again = Seeing(), Seeing()
    assert match_outcomes(store, first) == 0
    assert first.looked == 1  # the early post is none that could have followed
    monkeypatch.setattr(store, "put_outcome", pytest.fail)
    assert match_outcomes(store, again) == 0
    assert again.looked == 0
