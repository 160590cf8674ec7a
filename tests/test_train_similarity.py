"""Training the similarity: its parts against the slow obvious version, and the whole on toys."""

import json
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
from socialsense.datasets import RUN, TaggedFolder, TaggedPhoto, each, read_tagged_photos
from socialsense.embedders.color import ColorEmbedder
from socialsense.errors import InputError
from socialsense.evaluate.overlap import hashtag_table, weighted_overlap
from socialsense.images import read_image
from socialsense.settings import ROOT, Settings
from socialsense.store import Store
from socialsense.train import calibration, counts, loop
from socialsense.train import chunks as chunking
from socialsense.train import similarity as training
from socialsense.train.descriptions import Descriptions
from socialsense.train.fitting import Fitting, told
from socialsense.train.processes import Processes
from socialsense.train.ridge import Targets
from socialsense.train.stored_photos import StoredPhotos
from socialsense.train.tag_vectors import read_hashtag_lists, tag_vectors
from tests.examples import a_post
from tests.training_examples import untrained_backbone, write_toys

ALONE = Processes()


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_toys(tmp_path_factory.mktemp("data") / "toys")


@pytest.fixture(scope="module", autouse=True)
def backbone():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    with untrained_backbone() as backbone:
        yield backbone
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return tmp_path_factory.mktemp("work")


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


@pytest.fixture
def fitting(data, work, backbone):
    photos = TaggedFolder(data)
    vectors = tag_vectors(read_hashtag_lists(data), dimensions=8)
    with Descriptions("lite0", backbone, work) as descriptions:
        fitting = Fitting(photos, counts.count(photos, ALONE), vectors, descriptions, ALONE, 1)
        fitting.describe(lambda *_: None)
        yield fitting


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


def test_chunks_hold_no_more_than_they_may_and_every_photo_once(fitting, monkeypatch):
    monkeypatch.setattr(chunking, "CHUNK_RUNS", 2)
    chunks = chunking.Chunks(fitting.photos, ["train"], fitting.descriptions, ALONE, idf={"x": 1.0},
                         themes=["sea"], moments=fitting.sums["train"].moments())  # fmt: skip
    sizes = [len(chunk.rows) for chunk in chunks.epoch(np.random.default_rng(0))]
    assert len(sizes) == chunks.count > 1
    assert max(sizes) <= 2 * RUN
    assert sum(sizes) == fitting.counts.posts["train"]


def test_a_folder_keeps_eight_bytes_a_photo(data):
    photos = TaggedFolder(data)
    assert photos._lines.nbytes == 8 * len(list(each(photos)))


def test_counts_of_parts_add_up(data):
    photos = TaggedFolder(data)
    whole = counts.count(photos, ALONE)
    halves = [counts.Counts(), counts.Counts()]
    for number in range(len(photos)):
        for one in photos.run(number):
            halves[number % 2].add(one)
    both = counts.Counts()
    for half in halves:
        both.merge(half)
    assert both.posts == whole.posts
    assert both.informative(50) == whole.informative(50)
    assert both.themes() == whole.themes() == ("food", "sea", "wood")
    assert both.validation.photos() == whole.validation.photos()
    np.testing.assert_array_equal(both.company(["train"]), whole.company(["train"]))


def test_hashtags_used_beside_the_same_others_lie_close(data):
    vectors = tag_vectors(read_hashtag_lists(data), dimensions=8)
    near = vectors.mean(["sea0", "wave1"]) @ vectors.mean(["beach2"])
    far = vectors.mean(["sea0", "wave1"]) @ vectors.mean(["pasta3"])
    assert near > far + 0.5
    assert not vectors.mean(["never seen"]).any()


def test_a_chunk_knows_the_same_overlap(fitting):
    photos = [p for p in each(fitting.photos) if p.split == "train"]
    used, idf = hashtag_table([p.hashtags for p in photos])
    names = sorted(tag for tag in {t for p in photos for t in p.hashtags}
                   if 1 < sum(tag in p.hashtags for p in photos) <= 0.2 * len(photos))  # fmt: skip
    chunks = chunking.Chunks(fitting.photos, ["train"], fitting.descriptions, ALONE,
                         idf=dict(zip(names, idf, strict=True)), themes=["sea", "food"],
                         moments=fitting.sums["train"].moments())  # fmt: skip
    (chunk,) = chunks.epoch(np.random.default_rng(0))
    chosen = np.array([0, 3, 4, 17])
    expected = weighted_overlap(used[chosen], idf)
    np.fill_diagonal(expected, -1)
    np.testing.assert_allclose(chunk.overlap(chosen), expected, atol=1e-6)
    assert chunk.themes[:3].tolist() == [{"sea": 0, "food": 1}.get(p.page, -1) for p in photos[:3]]
    np.testing.assert_allclose(chunk.rows.mean(dim=0), 0, atol=0.05)


def test_targets_agree_as_far_as_posts_do(data):
    photos = read_tagged_photos(data)
    vectors = tag_vectors(read_hashtag_lists(data), dimensions=8)
    used, idf = hashtag_table([photo.hashtags for photo in photos])
    names = sorted(tag for tag in {t for p in photos for t in p.hashtags}
                   if 1 < sum(tag in p.hashtags for p in photos) <= 0.2 * len(photos))  # fmt: skip
    wanted = Targets(vectors, dict(zip(names, idf, strict=True))).of(photos)
    own = used * np.sqrt(idf)
    own /= np.sqrt(1 + (own**2).sum(axis=1, keepdims=True))
    directions = np.stack([vectors.mean(p.hashtags) for p in photos])
    np.testing.assert_allclose(
        wanted @ wanted.T, directions @ directions.T + own @ own.T, atol=1e-9
    )


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


def test_runs_are_the_whole_folder_in_crawl_order(data, tmp_path):
    lines = (data / "hashtag_photos/posts.jsonl").read_text().splitlines()
    shuffled = tmp_path / "posts.jsonl"
    shuffled.write_text("\n".join(np.random.default_rng(0).permutation(lines)))
    photos = TaggedFolder(tmp_path)
    assert [p.group for p in each(photos)] == [json.loads(line)["group"] for line in lines]
    assert len(photos) == -(-len(lines) // RUN)
    assert len(photos.run(0)) == RUN
