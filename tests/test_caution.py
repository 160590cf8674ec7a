import os
import tomllib
from pathlib import Path

import pytest

from socialsense.caution import KINDS, MAX_BYTES, SHIPPED, load_caution
from socialsense.errors import InputError
from socialsense.settings import ROOT


@pytest.fixture
def lists(tmp_path: Path):
    """Loads lists from text in a file of a person's own."""

    def load(text: str | bytes):
        path = tmp_path / "own.toml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return load_caution(path)

    return load


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        ("instagood", "generic"),
        ("#InstaGood", "generic"),
        ("l4l", "banned"),
        ("thinspo", "banned"),
        ("desk", "sensitive"),
        ("windmill", None),
        ("windenergy", None),
        ("", None),
    ],
)
def test_what_the_shipped_lists_say(tag, kind):
    assert load_caution().of(tag) == kind


def test_the_shipped_lists_are_small_dated_and_apart():
    caution = load_caution()
    assert caution.version == "2026-11-24"
    sizes = [len(getattr(caution, kind)) for kind in KINDS]
    assert all(10 < size < 70 for size in sizes)
    assert len(caution.banned | caution.sensitive | caution.generic) == sum(sizes)


def test_a_list_of_ones_own_takes_the_place_of_the_shipped_one(lists):
    own = lists('version = "mine"\ngeneric = ["#Windmill", "CAFÉ"]')
    assert own.version == "mine"
    assert own.generic == {"windmill", "café"}
    assert own.banned == load_caution().banned
    assert own.sensitive == load_caution().sensitive


def test_a_list_may_be_empty(lists):
    assert lists("banned = []").of("l4l") is None


def test_a_version_left_out_says_whose_lists_these_are(lists):
    assert lists("").version == "2026-11-24 + own.toml"


def test_the_gravest_list_wins(lists):
    assert lists('banned = ["a"]\nsensitive = ["a"]\ngeneric = ["a"]').of("a") == "banned"
    assert lists('banned = []\nsensitive = ["a"]\ngeneric = ["a"]').of("a") == "sensitive"


def test_a_byte_order_mark_is_no_fault(lists):
    assert lists(b'\xef\xbb\xbfgeneric = ["a"]').generic == {"a"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("generic = [", "not TOML"),
        (b"\xff\xfe\x00", "not TOML in UTF-8"),
        ("generic = " + "[" * 20_000, "not TOML"),
        ("version = 2026-11-24", "version is no text"),
        ('generic = "love"', "'generic' is no list"),
        ("banned = {love = 1}", "'banned' is no list"),
        ("sensitive = [1]", "'sensitive' holds 1, which is no hashtag"),
        ('generic = ["two words"]', "holds 'two words', which is no hashtag"),
        ('generic = ["#"]', "no hashtag"),
        ('genric = ["love"]', "'genric', which is no list"),
        ("#" * (MAX_BYTES + 1), "larger than 1,000 kB"),
    ],
    ids=lambda value: value[:20],
)
def test_a_file_at_fault_is_named_and_explained(text, why, lists):
    with pytest.raises(InputError, match=rf"own\.toml cannot be used.*{why}"):
        lists(text)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.toml cannot be used.*No such file"):
        load_caution(tmp_path / "nowhere.toml")


def test_a_folder_and_a_pipe_are_no_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(InputError, match="a folder or a device"):
            load_caution(path)


@pytest.mark.parametrize("kind", KINDS)
def test_the_shipped_lists_hold_keys(kind):
    keys = getattr(load_caution(), kind)
    assert keys == set(tomllib.loads(SHIPPED.read_text(encoding="utf-8"))[kind])


def test_the_shipped_lists_are_installed_with_the_code():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert SHIPPED.name in project["tool"]["setuptools"]["package-data"]["socialsense"]
