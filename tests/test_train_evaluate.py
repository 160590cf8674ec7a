"""Training learns what is there to learn; measures equal their textbook versions."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sklearn.metrics import average_precision_score, ndcg_score, roc_auc_score

from socialsense.datasets import TaggedPhoto, read_liked_photos, read_tagged_photos
from socialsense.embedders.color import ColorEmbedder
from socialsense.errors import InputError
from socialsense.evaluate.metrics import average_precision, calibration_error, ndcg_at, roc_auc
from socialsense.evaluate.overlap import hashtag_table, weighted_overlap
from socialsense.evaluate.popularity import accuracy, evaluate_popularity
from socialsense.evaluate.similarity import evaluate_similarity
from socialsense.settings import Settings
from socialsense.train.color import Pair, fit_color, same_account_pairs


def write_photos(folder, rows):
    """A folder as the commands eat it; each row's `color` becomes a picture."""
    (folder / "images").mkdir(parents=True)
    with (folder / "posts.jsonl").open("w") as lines:
        for number, row in enumerate(rows):
            file = f"images/{number}.png"
            Image.new("RGB", row.get("size", (24, 24)), row.pop("color")).save(folder / file)
            lines.write(json.dumps({"file": file, **row}) + "\n")
    return folder


def tagged(number, color, tags):
    return {
        "color": color,
        "hashtags": tags,
        "page": tags[0],
        "tags_complete": True,
        "group": number,
    }


@pytest.fixture(scope="module")
def coloured(tmp_path_factory):
    """200 photos in 40 colours; photos of one colour share two hashtags, and nothing else."""
    rng = np.random.default_rng(0)
    places = rng.choice(125, 40, replace=False)  # each a colour bin of its own
    palette = [tuple(25 + 51 * (int(p) // 5**axis % 5) for axis in range(3)) for p in places]
    rows = []
    for number in range(200):
        theme = number % 40
        tags = [f"c{theme}", f"d{theme}", f"own{number}"]
        rows.append(tagged(number, palette[theme], tags))
    return write_photos(tmp_path_factory.mktemp("tagged"), rows)


def test_splits_are_by_group_and_never_move(coloured):
    photos = read_tagged_photos(coloured)
    counts = {s: sum(p.split == s for p in photos) for s in ("train", "validation", "test")}
    assert counts["train"] > counts["validation"] > 0 < counts["test"]
    twin = TaggedPhoto(photos[0].path, frozenset(), "other", False, photos[0].group)
    assert twin.split == photos[0].split
    assert [p.group for p in photos] == sorted(p.group for p in photos)


def test_colour_finds_what_colour_explains(coloured):
    report = evaluate_similarity(
        read_tagged_photos(coloured), {"color": ColorEmbedder()}, split="train"
    )
    color, constant = report.embedders["color"], report.embedders["constant"]
    assert color.share.value > 0.95
    assert color.precision.value > 0.9
    assert color.nearest.value > 0.9
    for scores in (color, constant):
        for name in ("share", "overlap", "precision", "nearest", "calibration"):
            estimate = getattr(scores, name)
            assert estimate.low <= estimate.value <= estimate.high
    assert constant.share.value == pytest.approx(0.5)
    assert constant.precision.value == pytest.approx(report.base_rate)
    assert constant.calibration.value == pytest.approx(0.5 - report.base_rate)
    assert 0 < report.base_rate < 0.2
    assert report.overlap_base_rate <= report.base_rate


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=60))
def test_auc_and_average_precision_equal_the_textbook(pairs):
    score = np.array([s for s, _ in pairs], dtype=float)
    label = np.array([y for _, y in pairs])
    if label.all() or not label.any():
        return
    weights = np.array([[1.0] * len(pairs), [1.0 + i % 3 for i in range(len(pairs))]])
    for measure, textbook in (
        (roc_auc, roc_auc_score),
        (average_precision, average_precision_score),
    ):
        for row, weight in enumerate(weights):
            expected = textbook(label, score, sample_weight=weight)
            assert measure(score, label, weights)[row] == pytest.approx(expected)


def test_ndcg_equals_the_textbook():
    rng = np.random.default_rng(3)
    score, gain = rng.random((20, 30)), rng.random((20, 30)) * (rng.random((20, 30)) < 0.2)
    found = ndcg_at(10, score, gain, np.ones_like(score, dtype=bool))
    for row in range(20):
        if gain[row].any():
            expected = ndcg_score(gain[row : row + 1], score[row : row + 1], k=10)
            assert found[row] == pytest.approx(expected)
        else:
            assert np.isnan(found[row])
    allowed = rng.random((20, 30)) < 0.7
    only = ndcg_at(10, score, gain, allowed)
    shown = ndcg_at(
        10, score[:1, allowed[0]], gain[:1, allowed[0]], np.ones((1, 30), bool)[:, allowed[0]]
    )
    assert only[0] == pytest.approx(shown[0], nan_ok=True)


def test_calibration_error_is_small_for_true_probabilities_and_large_for_false_ones():
    rng = np.random.default_rng(5)
    truth = rng.random(20_000)
    label = rng.random(20_000) < truth
    draws = np.ones((1, 20_000))
    assert calibration_error(truth, label, draws)[0] < 0.02
    assert calibration_error(truth**3, label, draws)[0] > 0.1


@given(st.lists(st.sets(st.sampled_from("abcdef"), max_size=4), min_size=3, max_size=8))
def test_weighted_jaccard_equals_the_obvious_loop(sets):
    # Enough other posts that none of the six hashtags is common.
    tags = [frozenset(s) for s in sets] + [frozenset()] * 200
    counts = {t: sum(t in s for s in tags) for t in "abcdef"}
    idf = {t: np.log(len(tags) / (1 + n)) for t, n in counts.items() if n > 1}
    table = weighted_overlap(*hashtag_table(tags))
    informative = [s & idf.keys() for s in tags]
    for i, a in enumerate(informative[: len(sets) + 1]):
        for j, b in enumerate(informative[: len(sets) + 1]):
            union = sum(idf[t] for t in a | b)
            expected = sum(idf[t] for t in a & b) / union if union > 0 else 0
            assert table[i, j] == pytest.approx(expected, abs=1e-9)


def test_the_siamese_network_learns_and_reports(coloured):
    from socialsense.train.siamese import Epoch, train_siamese

    epochs: list[Epoch] = []
    train_siamese(coloured, epochs=2, pairs=48, batch=16, on_epoch=epochs.append)
    assert [epoch.number for epoch in epochs] == list(range(1, len(epochs) + 1))
    assert epochs[0].best
    assert min(e.validation_loss for e in epochs) <= epochs[0].validation_loss
    assert all(np.isfinite([e.train_loss, e.validation_loss]).all() for e in epochs)


def test_training_repeats_with_its_seed(coloured):
    import torch

    from socialsense.train.siamese import train_siamese

    first, second = (train_siamese(coloured, epochs=1, pairs=16, seed=5) for _ in range(2))
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(a, b)


@pytest.fixture(scope="module")
def liked(tmp_path_factory):
    """Five accounts; in each the brighter photo has more likes."""
    rows = []
    for account in range(5):
        for step in range(8):
            grey = 20 + 30 * step
            rows.append(
                {
                    "color": (grey, grey, grey),
                    "account": f"a{account}",
                    "taken_at": 86400 * step,
                    "likes": int(1000 * (account + 1) * 1.5**step),
                }
            )
    return write_photos(tmp_path_factory.mktemp("liked"), rows)


def test_pairs_are_of_one_account_close_in_time_and_apart_in_likes(liked):
    photos = read_liked_photos(liked)
    pairs = same_account_pairs(photos)
    assert pairs
    for pair in pairs:
        more, fewer = photos[pair.more], photos[pair.fewer]
        assert more.account == fewer.account == pair.account
        assert more.likes >= 1.3 * fewer.likes


def test_popularity_learns_brightness_across_accounts(liked):
    report = evaluate_popularity(liked, Settings())
    assert (report.accounts, report.pairs) == (5, 140)
    assert report.models["color"].value > 0.95
    assert report.models["probe"].value > 0.95
    assert report.baselines["newer wins"].value == 1
    assert report.baselines["brighter wins"].value == 1
    assert 0.2 < report.baselines["random"].value < 0.8
    assert report.shuffled[0] < 0.8


def test_accuracy_is_the_mean_over_accounts_and_ties_count_half():
    pairs = [Pair(0, 1, "a"), Pair(0, 2, "a"), Pair(3, 4, "b")]
    np.testing.assert_allclose(accuracy(np.array([2.0, 1, 3, 5, 5]), pairs), [0.5, 0.5])


def test_fit_prefers_the_bright_photo():
    table = np.zeros((2, 8))
    table[0, 0] = 1.0
    model = fit_color(table, [Pair(0, 1, "a")])
    assert model.weight[0] > 0


@pytest.mark.parametrize("read", [read_tagged_photos, read_liked_photos])
def test_a_folder_without_data_says_what_is_expected(tmp_path, read):
    with pytest.raises(InputError, match=r"posts\.jsonl"):
        read(tmp_path)
    (tmp_path / "posts.jsonl").write_text("not json\n")
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path)
    (tmp_path / "posts.jsonl").write_text('{"file": "x.jpg"}\n')
    with pytest.raises(InputError, match="lacks"):
        read(tmp_path)


def test_too_few_photos_to_measure_says_so(tmp_path, liked):
    lonely = write_photos(tmp_path / "t", [tagged(1, "red", ["a", "b", "c"])])
    with pytest.raises(InputError, match="Too few photos"):
        evaluate_similarity(read_tagged_photos(lonely), {"color": ColorEmbedder()})
    one = write_photos(
        tmp_path / "l", [{"color": "red", "account": "a", "taken_at": 0, "likes": 5}]
    )
    with pytest.raises(InputError, match="too few"):
        evaluate_popularity(one, Settings())
