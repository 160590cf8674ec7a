"""A collected dataset as a folder that training reads."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialsense.collect import ForDataset
from socialsense.collect.dataset import write_dataset
from socialsense.collect.groups import Groups
from socialsense.datasets import TaggedFolder, each, read_tagged_photos
from socialsense.errors import InputError
from socialsense.store import Store
from tests.small_site import SmallSite, gather

PLAN = ForDataset(9, ("red", "blue"))


def site() -> SmallSite:
    """Two hashtags' pages; b1 and c1 are the same picture, m1 and m2 one account's."""
    return SmallSite(
        {"mill": "m1 m2", "boat": "b1", "cart": "c1"},
        {"red": "m1 b1 x1", "blue": "c1 m2 b1"},
        {"m1": "#red #Sail", "b1": "A boat. #red #blue", "m2": "no hashtag", "x1": "#red"},
        files={"b1": b"the same", "c1": b"the same"},
        size=9,
    )


@pytest.fixture
def folder(small_store: Store, tmp_path: Path) -> Path:
    gather(site(), small_store, PLAN)
    assert write_dataset(small_store, PLAN, tmp_path / "set") == 4
    return tmp_path / "set"


def rows(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "posts.jsonl").read_text().splitlines()]


def test_every_picture_and_its_hashtags_are_those_of_the_site(folder: Path) -> None:
    found = {
        photo.path.read_bytes(): (photo.hashtags, photo.page, photo.complete)
        for photo in each(TaggedFolder(folder))
    }
    assert found == {
        b"picture of m1": ({"red", "sail"}, "red", True),
        b"the same": ({"red", "blue"}, "red", True),
        b"picture of x1": ({"red"}, "red", True),
        b"picture of m2": ({"blue"}, "blue", True),
    }


def test_hashtags_stand_as_written_then_those_of_pages(folder: Path) -> None:
    assert [row["hashtags"] for row in rows(folder)][:2] == [["red", "sail"], ["red", "blue"]]


def test_an_account_and_a_picture_make_groups(folder: Path) -> None:
    groups = {photo.path.read_bytes(): photo.group for photo in read_tagged_photos(folder)}
    assert groups == {
        b"picture of m1": 0, b"picture of m2": 0, b"the same": 1, b"picture of x1": 2,
    }  # fmt: skip


def test_without_a_caption_the_pages_hashtag_is_not_all(small_store: Store, tmp_path: Path) -> None:
    source = site()
    made = source.made
    source.made = lambda pk: replace(made(pk), caption=None)  # type: ignore[method-assign]
    gather(source, small_store, PLAN)
    write_dataset(small_store, PLAN, tmp_path / "set")
    assert {photo.complete for photo in read_tagged_photos(tmp_path / "set")} == {False}


def test_written_anew_it_is_the_same(folder: Path, small_store: Store) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    write_dataset(small_store, PLAN, folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_what_came_later_is_added(folder: Path, small_store: Store) -> None:
    source = site()
    source.hashtags["red"] += " x2"
    gather(source, small_store, PLAN, again=True)
    assert write_dataset(small_store, PLAN, folder) == 5
    assert b"picture of x2" in {photo.path.read_bytes() for photo in read_tagged_photos(folder)}


def test_of_an_unfinished_one_what_there_is(small_store: Store, tmp_path: Path) -> None:
    source = site()
    gather(source, small_store, PLAN, cancelled=lambda: len(source.pages) == 1)
    assert source.pages == ["#red 0"]
    assert write_dataset(small_store, PLAN, tmp_path / "set") == 3
    assert len(read_tagged_photos(tmp_path / "set")) == 3


def test_none_at_all(small_store: Store, tmp_path: Path) -> None:
    assert write_dataset(small_store, PLAN, tmp_path / "set") == 0
    assert read_tagged_photos(tmp_path / "set") == []


def test_a_folder_that_cannot_be_written_is_told(small_store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot be written"):
        write_dataset(small_store, PLAN, tmp_path / "file" / "set")


def slowly(things: Sequence[set[int]]) -> list[int]:
    """The group of each thing: joined with all that share something, again and again."""
    groups = [set(shares) for shares in things]
    for _ in groups:
        for mine in groups:
            for other in groups:
                if mine & other:
                    mine |= other
    seen: list[set[int]] = []
    for group in groups:
        if group not in seen:
            seen.append(group)
    return [seen.index(group) for group in groups]


@given(st.lists(st.sets(st.integers(0, 9), min_size=1, max_size=3), max_size=9))
def test_groups_are_what_is_joined_by_anything_shared(things: list[set[int]]) -> None:
    groups = Groups()
    for place, shares in enumerate(things):
        groups.add(str(place), sorted(shares))
    assert [groups[str(place)] for place in range(len(things))] == slowly(things)
