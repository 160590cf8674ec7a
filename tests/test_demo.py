"""The embedded demo keeps what it promises: sizes, licences, gaps, and findable effects."""

import csv
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from urllib.parse import unquote

import pytest
from PIL import Image as PILImage

from socialsense import images
from socialsense.errors import SourceError
from socialsense.hashtag_text import hashtag_key
from socialsense.sources.demo import NOTICE, Credit, Demo
from socialsense.types import Post
from tests.examples import every

REPO = Path(__file__).resolve().parents[1]
ROOT = REPO / "data" / "demo"
ORIGINALS = REPO.parent / "shared" / "data"
GENERATED = ("accounts.json", "posts.jsonl", "hashtags.json", "effects.json", "ATTRIBUTION.csv")
LICENCES = {"CC0-1.0", "public-domain"} | {
    f"CC-BY{sa}-{version}" for sa in ("", "-SA") for version in ("1.0", "2.0", "2.5", "3.0", "4.0")
}
SAMPLE_THEMES = {
    "windmills": 1,
    "underwater": 1,
    "landscapes": 2,
    "wildlife": 1,
    "home": 1,
    "landmarks": 1,
    "tools": 1,
}
CAP_SINCE = datetime(2025, 12, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo() -> Demo:
    return Demo(ROOT)


@pytest.fixture(scope="module")
def posts(demo: Demo) -> dict[str, list[Post]]:
    """Every account's posts, newest first; private accounts have none to show."""
    public = [h for h in demo.handles if not demo.profile(h).private]
    return {handle: every(demo.posts, handle) for handle in public}


@pytest.fixture(scope="module")
def attribution() -> list[dict[str, str]]:
    with (ROOT / "ATTRIBUTION.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shipped() -> list[Path]:
    return sorted([*(ROOT / "photos").iterdir(), *(ROOT / "samples").iterdir()])


def test_says_that_it_is_simulated() -> None:
    assert NOTICE == "demo data, simulated engagement"


def test_small_enough_to_live_in_the_repository() -> None:
    files = [f for f in ROOT.rglob("*") if f.is_file() and "__pycache__" not in f.parts]
    assert sum(f.stat().st_size for f in files) < 8_000_000


def test_accounts_of_every_size(demo: Demo, posts: dict[str, list[Post]]) -> None:
    profiles = [demo.profile(handle) for handle in posts if len(posts[handle]) >= 18]
    followers = sorted(p.followers or 0 for p in profiles)
    assert len(profiles) >= 10
    assert (followers[0], followers[-1]) == (300, 900_000)
    assert sum(f < 10_000 for f in followers) >= 4
    assert all(len(own) <= 36 for own in posts.values())
    assert all(h.startswith("demo.") and demo.profile(h).name for h in demo.handles)
    assert all(demo.profile(h).posts_count == len(own) for h, own in posts.items())


def test_accounts_for_honest_empty_states(demo: Demo, posts: dict[str, list[Post]]) -> None:
    assert demo.profile("demo.private").private
    assert demo.profile("demo.newcomer").followers == 0
    assert posts["demo.newcomer"] == []
    assert len(posts["demo.silent"]) >= 10
    assert not any(post.hashtags for post in posts["demo.silent"])
    assert any(post.caption is None for post in posts["demo.silent"])
    assert len(posts["demo.hidden"]) >= 10
    assert all(post.likes is None for post in posts["demo.hidden"])


def test_posts_have_the_gaps_of_real_ones(posts: dict[str, list[Post]]) -> None:
    shown = [p for handle, own in posts.items() for p in own if handle != "demo.hidden"]
    assert 280 <= sum(map(len, posts.values())) <= 360
    assert 0.04 < fmean(p.likes is None for p in shown) < 0.12
    assert 0.03 < fmean(p.caption is None for p in shown) < 0.10
    assert 0.1 < fmean(p.kind == "carousel" for p in shown) < 0.35
    assert all((p.comments or 0) >= 0 and (p.likes is None or p.likes > 0) for p in shown)


def test_pinned_posts_stand_above_their_account(posts: dict[str, list[Post]]) -> None:
    counts = []
    for own in posts.values():
        pinned = [p.engagement for p in own if p.pinned]
        if pinned:
            counts.append(len(pinned))
            assert min(pinned) > fmean(p.engagement for p in own if p.engagement is not None)
    assert len(counts) >= 5
    assert max(counts) <= 3


def test_dates_are_fixed_and_the_cap_on_hashtags_is_kept(posts: dict[str, list[Post]]) -> None:
    everything = [post for own in posts.values() for post in own]
    assert min(p.taken_at for p in everything).year == 2025
    assert max(p.taken_at for p in everything) < datetime(2026, 11, 1, tzinfo=UTC)
    assert {p.fetched_at for p in everything} == {datetime(2026, 11, 1, tzinfo=UTC)}
    assert max(len(p.hashtags) for p in everything if p.taken_at >= CAP_SINCE) <= 5
    assert max(len(p.hashtags) for p in everything if p.taken_at < CAP_SINCE) > 5


def test_captions_are_all_different(posts: dict[str, list[Post]]) -> None:
    texts = [p.caption for own in posts.values() for p in own if p.caption]
    without_tags = [" ".join(w for w in t.split() if not w.startswith("#")) for t in texts]
    assert len(set(without_tags)) == len(texts)


def test_hashtags_are_well_supported(demo: Demo) -> None:
    pages = {tag: every(demo.tagged, tag) for tag in demo.tags}
    assert len(pages) >= 44
    for tag, page in pages.items():
        assert 9 <= len(page) <= 18, tag
        assert len({post.handle for post in page}) >= 3, tag
        assert all(tag in post.hashtags for post in page if post.caption), tag
    assert any(post.caption is None for page in pages.values() for post in page)
    assert {hashtag_key(tag) for tag in ("#風車", "#windmühle", "#🐠", "#प्रकृति")} <= pages.keys()


def test_samples_are_in_no_post_and_cover_the_themes(
    demo: Demo, posts: dict[str, list[Post]], attribution: list[dict[str, str]]
) -> None:
    samples = {images.sha256_of(path.read_bytes()) for path in demo.samples()}
    assert len(samples) == 10
    assert not samples & {post.image_sha256 for own in posts.values() for post in own}
    rows = [row for row in attribution if "samples/" in row["files"]]
    assert all(row["files"].count("/") == 1 for row in rows)  # the sample alone, no crop
    themes = Counter(row["theme"] for row in rows)
    assert all(themes[theme] >= count for theme, count in SAMPLE_THEMES.items())


def test_every_picture_is_credited(demo: Demo, attribution: list[dict[str, str]]) -> None:
    credited = [file for row in attribution for file in row["files"].split(";")]
    assert sorted(credited) == sorted(str(f.relative_to(ROOT)) for f in shipped())
    assert len({row["original"] for row in attribution}) == len(attribution)
    for row in attribution:
        assert row["licence"] in LICENCES
        assert row["credit"]
        assert row["source"]
        assert len(row["alt"]) > 15
        assert row["files"].count(";") < 4
    for file in shipped():
        credit = demo.credit(images.sha256_of(file.read_bytes()))
        assert isinstance(credit, Credit)
        assert credit.credit in credit.text
        assert credit.licence in credit.text
    assert len(demo.credits()) == len(credited)
    assert demo.credit("0" * 64) is None


def test_pictures_of_the_package_have_the_credits_of_its_own_lists(
    attribution: list[dict[str, str]],
) -> None:
    with (ROOT / "credits.csv").open(encoding="utf-8", newline="") as file:
        known = {row.pop("file"): row for row in csv.DictReader(file)}
    rows = {row["original"]: row for row in attribution if "gcompris" in row["source"]}
    assert rows.keys() == known.keys()
    for name, own in known.items():
        assert {column: rows[name][column] for column in own} == own
        assert own["licence"] in {"CC0-1.0", "public-domain"}
        assert own["url"].startswith("https://")


def test_titles_are_for_people(attribution: list[dict[str, str]]) -> None:
    for row in attribution:
        assert row["title"]
        assert row["title"] == unquote(row["title"])
        assert "_" not in row["title"]


def test_every_picture_opens_and_carries_no_metadata(demo: Demo) -> None:
    for file in shipped():
        picture = images.open_image(file.read_bytes(), file.name)
        longest = 1080 if file.parent.name == "samples" else 480
        assert max(picture.pixels.size) <= longest
        assert min(picture.pixels.size) >= 175
        with PILImage.open(file) as opened:
            assert opened.format == "JPEG"
            assert len(opened.getexif()) == 0
            assert not {"icc_profile", "comment", "xmp"} & opened.info.keys()


def test_version_names_the_content(demo: Demo, tmp_path: Path) -> None:
    for file in GENERATED:
        (tmp_path / file).write_bytes((ROOT / file).read_bytes())
    assert Demo(tmp_path).version == demo.version
    (tmp_path / "hashtags.json").write_text("{}", "utf-8")
    assert Demo(tmp_path).version != demo.version


@pytest.mark.parametrize("file", ["accounts.json", "posts.jsonl", "hashtags.json"])
@pytest.mark.parametrize("content", [None, b"", b"nonsense", b'{"a": 1}', b"[1, 2]", b"\xff\xfe"])
def test_damaged_files_are_explained(file: str, content: bytes | None, tmp_path: Path) -> None:
    for name in GENERATED:
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    if content is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_bytes(content)
    with pytest.raises(SourceError, match=r"cannot be used.*git checkout"):
        _read_all(Demo(tmp_path))


def _read_all(demo: Demo) -> None:
    for handle in demo.handles:
        if not demo.profile(handle).private:
            every(demo.posts, handle)
    for tag in demo.tags:
        demo.tagged(tag)


def test_missing_pictures_and_samples_are_explained(demo: Demo, tmp_path: Path) -> None:
    for name in GENERATED:
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    bare = Demo(tmp_path)
    with pytest.raises(SourceError, match="cannot be used"):
        bare.image(demo.posts("demo.reef").items[0])
    with pytest.raises(SourceError, match="cannot be used"):
        bare.samples()


@pytest.mark.skipif(
    not (ORIGINALS / "demo_photos").exists(),
    reason="the shared originals (../shared/data/demo_photos) are not beside this checkout",
)
def test_making_it_again_gives_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, ROOT / "make_demo.py", "--data", ORIGINALS, "--out", tmp_path], check=True
    )
    made = sorted(f.relative_to(tmp_path) for f in tmp_path.rglob("*") if f.is_file())
    kept = [Path(name) for name in GENERATED] + [f.relative_to(ROOT) for f in shipped()]
    assert made == sorted(kept)
    for file in made:
        assert (tmp_path / file).read_bytes() == (ROOT / file).read_bytes(), file
