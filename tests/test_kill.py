"""kill -9 while a store is being filled: nothing committed is lost, nothing is there twice.

Run as a program (`test_kill.py FOLDER`) this file is the process that is killed.
"""

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from socialsense.collect import Listings, collect
from socialsense.images import sha256_of
from socialsense.store import Store
from socialsense.types import Job, Page, Post, Profile

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HANDLES = tuple(f"account{i}" for i in range(8))
TAGS = tuple(f"tag{i}" for i in range(8))
PAGES, PAGE = 12, 4
KILLS = 20


class Steady:
    """Always the same posts: 16 listings of 12 pages, each page at least a few milliseconds."""

    name = "steady"

    def posts(self, handle: str, cursor: str | None = None) -> Page[Post]:
        profile = Profile(handle, 1000, PAGES * PAGE, NOON, self.name)
        return replace(self._page(handle, handle, cursor), profiles=(profile,))

    def tagged(self, tag: str, cursor: str | None = None) -> Page[Post]:
        # Half of a hashtag's posts are known from an account already.
        return self._page(HANDLES[TAGS.index(tag)] if int(cursor or 0) % 2 else tag, None, cursor)

    def post(self, shortcode: str) -> Page[Post]:
        raise AssertionError("no picture fails here")

    def image(self, post: Post) -> bytes | None:
        return post.pk.encode() * 500

    def _page(self, prefix: str, handle: str | None, cursor: str | None) -> Page[Post]:
        time.sleep(0.004)  # on any machine the kills come before the end
        number = int(cursor or 0)
        posts = tuple(
            Post(
                f"{prefix}-{i}", f"{prefix}-{i}", handle, NOON - timedelta(hours=i), "image",
                f"#tag{i % 9} #every", i, 1, self.name, NOON,
            )
            for i in range(number * PAGE, (number + 1) * PAGE)
        )  # fmt: skip
        return Page(posts, str(number + 1) if number + 1 < PAGES else None)


def open_store(folder: Path) -> Store:
    return Store.open(f"sqlite:///{folder}/store.db", folder / "images")


def fill(folder: Path) -> None:
    """Tell how many posts and pictures are committed, after each page."""
    print("ready", flush=True)  # noqa: T201
    with open_store(folder) as store:

        def tell(job: Job) -> None:
            counts = store.counts()
            print(counts["posts"], counts["images"], job.done, flush=True)  # noqa: T201

        collect(Steady(), store, Listings("k", HANDLES, TAGS), on_progress=tell)


@contextmanager
def filling(folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, __file__, str(folder)]
    root = Path(__file__).parents[1]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=root, env={"PYTHONPATH": str(root)}
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def kill_while_filling(folder: Path, chance: random.Random) -> list[int]:
    """What the process had told before it was killed at a random moment: posts, pictures, done."""
    with filling(folder) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(chance.randrange(5))]
        time.sleep(chance.uniform(0, 0.03))
        process.kill()
        lines += process.stdout.readlines()
    assert process.returncode == -9, "it was to be killed before its end"
    whole = [line for line in lines if line.endswith("\n")]
    return [int(number) for number in whole[-1].split()] if whole else [0, 0, 0]


def check(folder: Path, told: list[int]) -> None:
    with open_store(folder) as store:
        counts, job = store.counts(), store.job("k")
        done = job.done if job else 0
        kept = [counts["posts"], counts["images"], done]
        assert all(now >= before for now, before in zip(kept, told, strict=True)), (kept, told)
    with closing(sqlite3.connect(folder / "store.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        for sha256, size in database.execute("SELECT sha256, byte_size FROM images"):
            data = (folder / "images" / sha256[:2] / sha256).read_bytes()
            assert (sha256_of(data), len(data)) == (sha256, size)


def content(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, without the clock's own times."""
    columns = {
        "images": "sha256, byte_size",
        "items": "job, kind, name, wanted, pictures, state, cursor, posts, tries, error",
        "jobs": "key, state, done, total, error, owner, cancel_asked",
        "migrations": "number, name",
    }
    with closing(sqlite3.connect(folder / "store.db")) as database:
        tables = [
            name
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {
            table: sorted(
                database.execute(f"SELECT {columns.get(table, '*')} FROM {table}"), key=repr
            )
            for table in tables
        }


def test_a_store_killed_twenty_times_ends_as_one_filled_in_peace(tmp_path: Path) -> None:
    killed, peaceful = tmp_path / "killed", tmp_path / "peaceful"
    chance = random.Random(20)
    told = [0, 0, 0]
    for _ in range(KILLS):
        told = max(told, kill_while_filling(killed, chance))
        check(killed, told)
    for folder in (killed, peaceful):
        with filling(folder) as process:
            assert process.wait() == 0
    assert content(killed) == content(peaceful)
    assert len(content(killed)["posts"]) == (8 + 8 / 2) * PAGES * PAGE


if __name__ == "__main__":
    fill(Path(sys.argv[1]))
