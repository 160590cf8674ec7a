"""What a dataset's job has collected, as a folder that `train similarity --data` eats.

Pictures stand in crawl order, each once, with the hashtags of their post; those of one account,
and posts of one picture, make a group.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from socialsense.collect.groups import Groups
from socialsense.errors import InputError

if TYPE_CHECKING:
    from socialsense.collect.plans import ForDataset
    from socialsense.store import Store
    from socialsense.types import Post

CHUNK = 500
"""Posts in memory at a time."""


@dataclass(frozen=True, slots=True)
class _Photo:
    post: Post
    sha256: str
    pages: frozenset[str]


def write_dataset(store: Store, plan: ForDataset, folder: Path) -> int:
    """Writes posts.jsonl and images/ as far as they are collected; gives the number of pictures.

    Written anew each time, under another name until it is whole. Raises InputError.
    """
    groups = Groups()
    for photo in _photos(store, plan):
        groups.add(photo.post.pk, (f"@{photo.post.handle or photo.post.pk}", photo.sha256))
    try:
        (folder / "images").mkdir(parents=True, exist_ok=True)
        unfinished = folder / ".posts.jsonl"
        written: set[str] = set()
        with unfinished.open("w", encoding="utf-8") as file:
            for photo in _photos(store, plan):
                if photo.sha256 not in written:
                    written.add(photo.sha256)
                    row = _row(store, plan, photo, folder, groups[photo.post.pk])
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
        unfinished.replace(folder / "posts.jsonl")
    except OSError as error:
        raise InputError(
            f"The folder {folder} cannot be written.",
            means=f"The system says: {error.strerror}. What was collected is kept in the store.",
            do="Give another folder with --out, or make room on the disk.",
        ) from error
    return len(written)


def _photos(store: Store, plan: ForDataset) -> Iterator[_Photo]:
    """Those whose file is there, in crawl order."""
    pks = [item.name for item in store.items_of(plan.key, ["picture"], ["done"])][: plan.images]
    for start in range(0, len(pks), CHUNK):
        chunk = pks[start : start + CHUNK]
        posts, stored = store.posts_of(chunk), store.image_hashes(chunk)
        pages = store.pages_of(chunk)
        for pk in chunk:
            if pk in stored:
                yield _Photo(posts[pk], stored[pk], pages.get(pk, frozenset()))


def _row(
    store: Store, plan: ForDataset, photo: _Photo, folder: Path, group: int
) -> dict[str, object]:
    page = _first(plan.tags, photo.pages)
    written = photo.post.hashtags
    return {
        "file": _file(store.image_path(photo.sha256), folder),
        "hashtags": [*written, *sorted(photo.pages.difference(written))],
        "page": page,
        "tags_complete": photo.post.caption is not None,
        "group": group,
    }


def _first(tags: Sequence[str], pages: frozenset[str]) -> str | None:
    """Under which of the hashtags it was found first: they were read in this order."""
    return next((tag for tag in tags if tag in pages), None)


def _file(stored: Path, folder: Path) -> str:
    """The picture beside the list: the same file where the disk allows, else a copy."""
    name = f"images/{stored.name}.jpg"
    target = folder / name
    if target.exists() and target.stat().st_size == stored.stat().st_size:
        return name
    unfinished = folder / "images" / ".new"
    unfinished.unlink(missing_ok=True)
    try:
        os.link(stored, unfinished)
    except OSError:
        shutil.copyfile(stored, unfinished)
    unfinished.replace(target)
    return name
