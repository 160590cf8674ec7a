"""What training makes of a folder of photos, against the slow obvious version."""

import json

import numpy as np

from socialsense.datasets import RUN, TaggedFolder, each, read_tagged_photos
from socialsense.evaluate.overlap import hashtag_table, weighted_overlap
from socialsense.train import chunks as chunking
from socialsense.train import counts
from socialsense.train.ridge import Targets
from socialsense.train.tag_vectors import read_hashtag_lists, tag_vectors
from tests.training_fixtures import ALONE, backbone, data, fitting, work

__all__ = ["backbone", "data", "fitting", "work"]


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


def test_runs_are_the_whole_folder_in_crawl_order(data, tmp_path):
    lines = (data / "hashtag_photos/posts.jsonl").read_text().splitlines()
    shuffled = tmp_path / "posts.jsonl"
    shuffled.write_text("\n".join(np.random.default_rng(0).permutation(lines)))
    photos = TaggedFolder(tmp_path)
    assert [p.group for p in each(photos)] == [json.loads(line)["group"] for line in lines]
    assert len(photos) == -(-len(lines) // RUN)
    assert len(photos.run(0)) == RUN
