"""Training the similarity on toys: the whole way, and what stops or changes it."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from socialsense import parts
from socialsense.cards import read_card
from socialsense.datasets import TaggedFolder, TaggedPhoto, each, read_tagged_photos
from socialsense.embedders.color import ColorEmbedder
from socialsense.errors import InputError
from socialsense.images import read_image
from socialsense.settings import ROOT, Settings
from socialsense.store import Store
from socialsense.train import calibration, loop
from socialsense.train import similarity as training
from socialsense.train.descriptions import Descriptions
from socialsense.train.fitting import told
from socialsense.train.stored_photos import StoredPhotos
from tests.examples import a_post
from tests.training_examples import write_toys
from tests.training_fixtures import backbone, data, fitting, work

__all__ = ["backbone", "data", "fitting", "work"]


@pytest.fixture(scope="module")
def trained(data, work):
    seen = []
    trained = training.train_similarity(
        TaggedFolder(data),
        lists=data,
        models_dir=work / "models",
        work_dir=work,
        seed=1,
        epochs=3,
        on_progress=lambda what, done, total: seen.append((what, done, total)),
        on_epoch=seen.append,
    )
    return trained.card, seen


def test_the_whole_way(trained, work, data):
    card, seen = trained
    written = read_card(work / "models", "embedders", "hashtag")
    assert written.weights_sha256 == card.weights_sha256
    assert card.metrics["embedders"]["hashtag"]["share"]["value"] > 0.75
    assert set(card.metrics["embedders"]) >= {"constant", "color", "hashtag"}
    assert card.details["themes"] == ["food", "sea", "wood"]
    assert seen[-1] == ("measuring on the test photos", 1, 1)
    epochs = [one for one in seen if isinstance(one, loop.Epoch)]
    assert [epoch.number for epoch in epochs] == [1, 2, 3]
    embedder = parts.load("embedders", "hashtag", Settings(models_dir=work / "models"))
    rows = embedder.embed([read_image(data / f"hashtag_photos/{i}.png").pixels for i in (0, 3, 1)])
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    near, far = embedder.similarity(rows[:1], rows[1:])[0]
    assert near > far


def test_a_training_repeats_to_the_byte(trained, data, work, tmp_path):
    again = training.train_similarity(
        TaggedFolder(data), lists=data, models_dir=tmp_path, work_dir=work, seed=1, epochs=3
    )
    assert again.card.weights_sha256 == trained[0].weights_sha256


def test_a_rival_that_does_better_stays(data, work, tmp_path):
    class Right(ColorEmbedder):
        """Knows the hashtags by the colour, which here is the truth."""

        def embed(self, images):
            channel = [np.asarray(image.convert("RGB")).mean((0, 1)).argmax() for image in images]
            return np.eye(3, dtype=np.float32)[channel]

        def similarity(self, queries, references):
            return queries @ references.T

    refused = training.train_similarity(
        TaggedFolder(data), models_dir=tmp_path, work_dir=work, epochs=1, rival=Right()
    )
    assert not refused.kept
    assert not list(tmp_path.iterdir())
    easy = training.train_similarity(
        TaggedFolder(data), models_dir=tmp_path, work_dir=work, epochs=1, rival=Constant()
    )
    assert easy.kept


class Constant:
    def embed(self, images):
        return np.ones((len(images), 1), np.float32)

    def similarity(self, queries, references):
        return np.ones((len(queries), len(references)), np.float32)


def test_what_was_collected_is_trained_on(data, tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/s.db", tmp_path / "images") as store:
        for number, photo in enumerate(read_tagged_photos(data)):
            caption = " ".join(f"#{tag}" for tag in sorted(photo.hashtags))
            sha = store.put_image(photo.path.read_bytes())
            post = a_post(f"{number}", handle=f"h{number}", caption=caption, image_sha256=sha)
            store.put_tagged(photo.page, [post], first_rank=number)
        trained = training.train_similarity(
            StoredPhotos(store), models_dir=tmp_path / "models", work_dir=tmp_path, epochs=1
        )
    assert trained.card.trained_on.startswith("posts collected in the store: 1")
    assert trained.card.details["themes"] == ["food", "sea", "wood"]
    assert trained.card.metrics["embedders"]["hashtag"]["share"]["value"] > 0.7


def test_two_processes_share_a_training(data, tmp_path):
    """Really two, started by torchrun: both end with one model, written once."""
    for size, out in ((1, tmp_path / "one"), (2, tmp_path / "two")):
        out.mkdir()
        launcher = ["torch.distributed.run", "--standalone", "--local-addr", "127.0.0.1"]
        script = ["--nproc-per-node", str(size), "tests/train_in_processes.py", str(data), str(out)]
        command = [sys.executable, "-m", *launcher, *script]
        env = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        subprocess.run(command, check=True, cwd=ROOT, env=env, capture_output=True, timeout=180)
    one, two = (
        load_file(tmp_path / size / "models/embedders/hashtag/weights.safetensors")
        for size in ("one", "two")
    )
    told_of = {file.read_text() for file in (tmp_path / "two").glob("*.txt")}
    card = read_card(tmp_path / "two/models", "embedders", "hashtag")
    assert told_of == {f"2 {card.weights_sha256}"}
    closed, learned = "head.direction.weight", "head.theme.weight"
    # Signs and order of the directions are free; their products are not. Features that hardly
    # vary have huge weights and say nothing. The loop has moved both a little, on other batches.
    size = np.linalg.norm(one[closed], axis=0)
    varies = (size > 0) & (size < 10 * np.median(size[size > 0]))
    products = [weights[closed][:, varies].T @ weights[closed][:, varies] for weights in (one, two)]
    assert np.corrcoef(*map(np.ravel, products))[0, 1] > 0.999
    assert np.corrcoef(one[learned].ravel(), two[learned].ravel())[0, 1] > 0.9


def test_no_photo_is_described_twice_or_read_again(data, tmp_path, monkeypatch, backbone):
    photos = read_tagged_photos(data)[:6]
    with Descriptions("lite0", backbone, tmp_path) as descriptions:
        known, first = descriptions.of(photos[:4])
    assert known == photos[:4]
    opened = []
    content = "socialsense.train.descriptions._content"
    monkeypatch.setattr(content, lambda path: opened.append(path.name) or path.read_bytes())
    with Descriptions("lite0", backbone, tmp_path) as descriptions:
        _, both = descriptions.of(photos)
    assert sorted(opened) == sorted(photo.path.name for photo in photos[4:])
    np.testing.assert_array_equal(both[:4], first)


def test_a_photo_that_cannot_be_read_is_left_out(data, tmp_path, backbone):
    first, second = read_tagged_photos(data)[:2]
    gone = TaggedPhoto(tmp_path / "gone.jpg", first.hashtags, "sea", True, 1)
    torn = TaggedPhoto(tmp_path / "torn.jpg", first.hashtags, "sea", True, 1)
    torn.path.write_bytes(first.path.read_bytes()[:40])
    with Descriptions("lite0", backbone, tmp_path) as descriptions:
        known, rows = descriptions.of([first, gone, torn, second])
    assert known == [first, second]
    assert rows.shape == (2, backbone.width)


def test_test_photos_stay_out_of_training(data, tmp_path, monkeypatch):
    described = set()
    real = Descriptions.of
    monkeypatch.setattr(
        Descriptions, "of", lambda self, photos: described.update(photos) or real(self, photos)
    )
    training.train_similarity(TaggedFolder(data), models_dir=tmp_path, work_dir=tmp_path, epochs=1)
    assert described
    assert {photo.split for photo in described} == {"train", "validation"}


def test_a_stopped_loop_goes_on_to_the_same_answer(fitting, tmp_path):
    held_out, seen = fitting.descriptions.of(fitting.counts.validation.photos())

    def judge(head):
        return calibration.pairs_of(held_out, told(head, seen))

    whole, epochs = fitting.fit(["train"], 4, judge, checkpoint=tmp_path / "a")

    def stop(epoch):
        if epoch.number == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fitting.fit(["train"], 4, judge, checkpoint=tmp_path / "b", on_epoch=stop)
    later = []
    resumed, same = fitting.fit(
        ["train"], 4, judge, checkpoint=tmp_path / "b", on_epoch=later.append
    )
    assert [epoch.number for epoch in later] == [3, 4]
    assert same == epochs
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value, rtol=0, atol=0)


def test_the_loop_stops_when_validation_gains_no_more(fitting, monkeypatch):
    monkeypatch.setattr("socialsense.train.fitting.PATIENCE", 2)
    scores = iter([0.5, 0.6, 0.7, 0.65, 0.69, 0.9])

    class Told:
        def figures(self):
            return (next(scores),) * 2

    epochs = []
    _, best = fitting.fit(["train"], 9, lambda _: Told(), on_epoch=epochs.append)
    assert [epoch.best for epoch in epochs] == [True, True, False, False]
    assert best == 2


def test_too_few_posts_are_refused(tmp_path):
    small = write_toys(tmp_path / "small", photos=20)
    with pytest.raises(InputError, match="Too few posts"):
        training.train_similarity(TaggedFolder(small), models_dir=tmp_path, work_dir=tmp_path)


def test_one_account_to_validate_on_is_too_few(data, tmp_path, monkeypatch):
    class Account(TaggedFolder):
        """All validation photos are of one account, so there are no pairs across groups."""

        def run(self, number):
            first = next(p.group for p in each(TaggedFolder(data)) if p.split == "validation")
            return [
                replace(p, group=first) if p.split == "validation" else p
                for p in super().run(number)
            ]

    with pytest.raises(InputError, match="Too few posts"):
        training.train_similarity(Account(data), models_dir=tmp_path, work_dir=tmp_path)
