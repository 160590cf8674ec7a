"""One contract for the store on both databases; what belongs to one alone stands at the end."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, inspect

from socialsense.engagement import countable_posts
from socialsense.errors import StoreError
from socialsense.store import Observation, Store, migrate
from socialsense.store.tables import metadata
from socialsense.types import Job, Post, Prediction, Profile

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
NUMBERS = count(1)
SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def a_profile(handle: str = "mill", **changes: object) -> Profile:
    return replace(Profile(handle, 100, 9, NOON, "demo", name="The Mill"), **changes)


def a_post(pk: str = "1", **changes: object) -> Post:
    post = Post(pk, f"S{pk}", "mill", at(-1), "image", "#red", 10, 2, "demo", NOON)
    return replace(post, **changes)


def pks(posts: tuple[Post, ...]) -> list[str]:
    return [post.pk for post in posts]


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL server of this test process's own, on a socket in its own folder."""
    if not SERVERS:
        pytest.skip("no PostgreSQL server in /usr/lib/postgresql")
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []  # root is refused
    if user:
        shutil.chown(folder, "postgres")

    def run(*command: str) -> None:
        subprocess.run(
            [*user, str(SERVERS[-1] / command[0]), "-D", str(folder / "data"), *command[1:]],
            check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    try:
        run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c timezone=Asia/Tokyo"
        run("pg_ctl", "start", "-w", "-l", str(folder / "log"), "-o", options)
        yield f"postgresql://postgres@/postgres?host={folder}"
        run("pg_ctl", "stop", "-w", "-m", "immediate")
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Each call gives the URL of an empty database."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path}/new/{next(NUMBERS)}.db"
    server = request.getfixturevalue("postgres")

    def make() -> str:
        schema = f"s{next(NUMBERS)}"
        engine = create_engine(server.replace("postgresql:", "postgresql+psycopg:"))
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        engine.dispose()
        return f"{server}&options=-csearch_path%3D{schema}"

    return make


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "new_url" in metafunc.fixturenames:
        both = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
        metafunc.parametrize("new_url", both, indirect=True)


@pytest.fixture
def url(new_url: Callable[[], str]) -> str:
    return new_url()


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    with Store.open(url, tmp_path / "images") as opened:
        yield opened


class TestProfiles:
    def test_comes_back_as_it_went_in(self, store: Store) -> None:
        profile = a_profile(private=True, followers=5_000_000_000)
        store.put_profile(profile)
        assert store.profile("mill") == profile
        assert store.profile("nobody") is None

    def test_a_time_of_another_zone_comes_back_in_utc(self, store: Store) -> None:
        tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
        store.put_profile(a_profile(fetched_at=tokyo))
        (profile,) = store.profiles()
        assert (profile.fetched_at, profile.fetched_at.tzinfo) == (NOON, UTC)

    def test_unknown_never_overwrites_known(self, store: Store) -> None:
        store.put_profile(a_profile())
        store.put_profile(a_profile(fetched_at=at(1), followers=None, posts_count=10, name=None))
        assert store.profile("mill") == a_profile(fetched_at=at(1), posts_count=10)

    def test_older_never_overwrites_newer_but_fills_what_is_unknown(self, store: Store) -> None:
        store.put_profile(a_profile(fetched_at=at(1), followers=None, name=None, private=True))
        store.put_profile(a_profile(posts_count=3))
        assert store.profile("mill") == a_profile(fetched_at=at(1), private=True)

    def test_many_in_order_of_their_handles(self, store: Store) -> None:
        for handle in ("b", "_a", "a"):
            store.put_profile(a_profile(handle))
        assert [p.handle for p in store.profiles()] == ["_a", "a", "b"]
        assert set(store.profiles_of(["a", "b", "c", "a"])) == {"a", "b"}


class TestPosts:
    def test_comes_back_as_it_went_in(self, store: Store) -> None:
        full = a_post(image_url="https://x", image_sha256="ab", pinned=True, kind="video")
        bare = a_post("2", taken_at=at(-2), caption=None, likes=None, comments=None)
        store.put_posts([bare, full])
        assert store.posts("mill") == (full, bare)
        assert store.posts("mill", limit=1) == (full,)

    def test_a_reread_never_duplicates(self, store: Store) -> None:
        store.put_posts([a_post(), a_post()])
        store.put_posts([a_post()])
        assert store.counts()["posts"] == 1
        assert store.observations("1") == (Observation(NOON, 10, 2),)

    def test_unknown_never_overwrites_known(self, store: Store) -> None:
        known = a_post(image_url="https://x", image_sha256="ab")
        hidden = a_post(fetched_at=at(1), handle=None, caption=None, likes=None, comments=3)
        store.put_posts([known, hidden])
        assert store.posts("mill") == (replace(known, fetched_at=at(1), comments=3),)
        assert store.observations("1") == (Observation(NOON, 10, 2), Observation(at(1), None, 3))

    def test_older_never_overwrites_newer(self, store: Store) -> None:
        store.put_posts([a_post(fetched_at=at(1))])
        store.put_posts([a_post(caption="old", likes=1, comments=1, shortcode="old")])
        assert store.posts("mill") == (a_post(fetched_at=at(1)),)

    def test_an_author_named_later_gets_the_post(self, store: Store) -> None:
        store.put_posts([a_post(handle=None, fetched_at=at(1)), a_post()])
        assert pks(store.posts("mill")) == ["1"]

    def test_text_that_a_database_would_refuse(self, store: Store) -> None:
        store.put_posts([a_post(caption="a\0b \ud83c #नमस्ते #🍕pizza")])
        (post,) = store.posts("mill")
        assert post.caption == "ab ? #नमस्ते #🍕pizza"
        assert store.hashtags_of(["1"]) == {"1": ("नमस्ते", "🍕pizza")}

    def test_countable_posts_of_many_accounts_as_one_by_one(self, store: Store) -> None:
        handles = [f"h{i}" for i in range(40)]
        store.put_posts(
            a_post(
                str(i),
                handle=handles[i * i % 37],
                taken_at=at(i % 11),
                likes=None if i % 3 == 0 else i,
                pinned=i % 7 == 0,
            )
            for i in range(400)
        )
        slow = {handle: countable_posts(store.posts(handle), last=4) for handle in handles}
        found = store.countable_posts([*handles, "nobody"], 4)
        assert found == {handle: posts for handle, posts in slow.items() if posts}

    def test_oldest_and_newest_reading(self, store: Store) -> None:
        assert store.oldest_and_newest() is None
        store.put_posts([a_post(), a_post("2", fetched_at=at(5))])
        assert store.oldest_and_newest() == (NOON, at(5))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_of_rereads_ends_with_the_newest_known(store: Store, data: st.DataObject) -> None:
    counts = st.none() | st.integers(0, 10**12)
    seen = data.draw(st.dictionaries(st.integers(0, 9), st.tuples(counts, counts), min_size=1))
    order = data.draw(st.lists(st.sampled_from(sorted(seen)), min_size=1, max_size=12))
    pk = f"any{next(NUMBERS)}"
    with store.transaction():
        for hour in order:
            likes, comments = seen[hour]
            fetched = at(hour)
            store.put_posts(
                [a_post(pk, handle=pk, likes=likes, comments=comments, fetched_at=fetched)]
            )
            store.put_profile(a_profile(pk, followers=likes, fetched_at=fetched))
    read = [seen[hour] for hour in sorted(set(order), reverse=True)]
    likes, comments = (
        next((c for c in column if c is not None), None) for column in zip(*read, strict=True)
    )
    newest = at(max(order))
    expected = a_post(pk, handle=pk, likes=likes, comments=comments, fetched_at=newest)
    assert store.posts(pk) == (expected,)
    assert store.profile(pk) == a_profile(pk, followers=likes, fetched_at=newest)
    assert len(store.observations(pk)) == len(read)


class TestHashtags:
    def test_an_edited_caption_takes_its_old_hashtags_along(self, store: Store) -> None:
        store.put_posts([a_post(caption="#red #blue")])
        store.put_posts([a_post(caption="#blue #green", fetched_at=at(1))])
        store.put_posts([a_post(caption="#old", fetched_at=at(-1))])
        assert store.hashtags_of(["1", "2"]) == {"1": ("blue", "green")}

    def test_a_page_keeps_its_order_and_counts_posts_without_caption(self, store: Store) -> None:
        page = [a_post("3", caption=None), a_post("1"), a_post("2", likes=999)]
        store.put_tagged("#Red", page[:2])
        store.put_tagged("red", page[2:], first_rank=2)
        assert pks(store.tagged(["red"], 9)["red"]) == ["3", "1", "2"]
        assert pks(store.tagged(["red"], 2)["red"]) == ["3", "1"]
        assert store.hashtags_of(["3"]) == {"3": ("red",)}

    def test_posts_known_from_captions_follow_by_falling_engagement(self, store: Store) -> None:
        store.put_posts(
            [
                a_post("hidden", likes=None),
                a_post("few", likes=1, comments=None),
                a_post("many", likes=50, comments=None),
                a_post("commented", likes=49, comments=9),
            ]
        )
        store.put_tagged("red", [a_post("top", likes=None)])
        assert pks(store.tagged(["red"], 9)["red"]) == ["top", "commented", "many", "few", "hidden"]

    def test_a_page_read_anew_replaces_the_earlier_order(self, store: Store) -> None:
        store.put_tagged("red", [a_post("left"), a_post("a"), a_post("b")])
        later = {"fetched_at": at(1), "likes": 20}
        store.put_tagged("red", [a_post("b", **later), a_post("a", **later)])
        store.put_tagged("red", [a_post("a", fetched_at=at(-1))])
        assert pks(store.tagged(["red"], 9)["red"]) == ["b", "a", "left"]

    def test_a_page_does_not_unpin(self, store: Store) -> None:
        store.put_posts([a_post(pinned=True)])
        store.put_tagged("red", [a_post(fetched_at=at(1))])
        assert store.posts("mill")[0].pinned
        store.put_posts([a_post(fetched_at=at(2))])
        assert not store.posts("mill")[0].pinned

    def test_answers_in_the_order_asked_and_only_what_is_known(self, store: Store) -> None:
        store.put_posts([a_post(caption="#a #b")])
        assert list(store.tagged(["b", "x", "a", "b"], 9)) == ["b", "a"]
        assert store.tagged([], 9) == {}

    def test_used_by_falling_count_then_alphabet(self, store: Store) -> None:
        store.put_posts([a_post("1", caption="#b #a"), a_post("2", caption="#c #b #a")])
        store.put_posts([a_post("3", caption="#c #c", handle="other")])
        assert store.hashtags_used("mill") == (("a", 2), ("b", 2), ("c", 1))

    def test_size_on_the_platform_where_known(self, store: Store) -> None:
        store.put_tagged("red", [a_post()], posts_count=7_000_000_000)
        store.put_tagged("red", [a_post(fetched_at=at(1))])
        store.put_tagged("blue", [a_post()])
        assert store.hashtag_sizes(["red", "blue"]) == {"red": 7_000_000_000}


class TestImages:
    def test_a_file_named_by_its_hash(self, store: Store) -> None:
        sha256 = store.put_image(b"picture", (4, 3))
        assert store.put_image(b"picture") == sha256
        assert store.image(sha256) == b"picture"
        assert [p.name for p in store.images_dir.rglob("*") if p.is_file()] == [sha256]
        assert store.counts()["images"] == 1

    @pytest.mark.parametrize("name", ["", "0" * 64, "../../etc/passwd", "/etc/passwd"])
    def test_none_where_there_is_none(self, store: Store, name: str) -> None:
        assert store.image(name) is None

    def test_no_row_without_its_file(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match="No space left"):
            store.put_image(b"picture")
        assert store.counts()["images"] == 0
        assert not [p for p in store.images_dir.rglob("*") if p.is_file()]

    def test_only_stored_files_count_as_a_posts_picture(self, store: Store) -> None:
        sha256 = store.put_image(b"picture")
        store.put_posts([a_post(image_sha256=sha256), a_post("2", image_sha256="ab"), a_post("3")])
        assert store.image_hashes(["1", "2", "3", "4"]) == {"1": sha256}

    def test_embeddings_by_picture_and_model(self, store: Store) -> None:
        table = np.arange(12.0).reshape(4, 3)
        store.put_embeddings("color", {"a": table[:, 1], "b": np.float32([1.5])})
        store.put_embeddings("siamese", {"a": np.float32([9])})
        found = store.embeddings("color", ["a", "b", "c"])
        assert {sha: v.tolist() for sha, v in found.items()} == {"a": [1, 4, 7, 10], "b": [1.5]}
        assert found["a"].dtype == np.float32
        assert store.embeddings("siamese", ["a"])["a"].tolist() == [9]

    def test_as_many_as_a_large_collection_holds(self, store: Store) -> None:
        numbers = np.arange(80_000, dtype=np.float32).reshape(20_000, 4)
        names = [f"{i:064x}" for i in range(20_000)]
        store.put_embeddings("m", dict(zip(names, numbers, strict=True)))
        found = store.embeddings("m", names)
        assert np.array_equal(np.stack([found[name] for name in names]), numbers)


class TestPredictionsAndJobs:
    expected = Prediction("mill", 100, 0.1, 0.02, 0.12, None, 12.0, 15.5, 0.8, 9)

    def test_the_same_prediction_is_recorded_once(self, store: Store) -> None:
        for hour in (0, 1):
            store.put_prediction("ab", ("red", "नमस्ते"), {"e": "color"}, self.expected, at(hour))
        (kept,) = store.predictions("mill")
        assert (kept.prediction, kept.made_at, kept.handle) == (self.expected, NOON, "mill")
        assert (kept.image_sha256, kept.tags) == ("ab", ("red", "नमस्ते"))
        assert kept.models == {"e": "color"}

    def test_other_hashtags_make_another_one_and_the_latest_comes_first(self, store: Store) -> None:
        first = store.put_prediction("ab", ("red",), {}, self.expected, NOON)
        second = store.put_prediction("ab", (), {}, self.expected, at(1))
        assert [p.id for p in store.predictions()] == [second, first]
        assert store.predictions("other") == ()

    def test_a_job_is_kept_as_it_stands(self, store: Store) -> None:
        failed = Job("k", "failed", 1, 3, "here", "broke", NOON, NOON)
        running = replace(failed, state="running", cursor=None, error=None, heartbeat_at=at(1))
        store.put_job(failed)
        store.put_job(replace(failed, key="earlier"))
        store.put_job(running)
        assert store.job("k") == running
        assert [job.key for job in store.jobs()] == ["k", "earlier"]
        assert store.job("other") is None


class TestTransactions:
    def test_all_or_nothing(self, store: Store) -> None:
        def stop_half_way() -> None:
            with store.transaction():
                store.put_posts([a_post()])
                store.put_profile(a_profile())
                assert store.posts("mill") == (a_post(),)
                raise RuntimeError

        with pytest.raises(RuntimeError):
            stop_half_way()
        assert not any(store.counts().values())

    def test_a_write_that_fails_leaves_the_transaction_usable(self, store: Store) -> None:
        with store.transaction():
            store.put_profile(a_profile())
            with pytest.raises(StoreError):
                store.put_posts([a_post(), a_post("2", shortcode=None)])
            store.put_posts([a_post("3")])
        assert (pks(store.posts("mill")), len(store.profiles())) == (["3"], 1)

    def test_other_threads_see_it_when_it_is_done(self, store: Store) -> None:
        def others_see() -> int:
            with ThreadPoolExecutor(1) as pool:
                return pool.submit(store.counts).result()["posts"]

        with store.transaction():
            store.put_posts([a_post()])
            assert others_see() == 0
        assert others_see() == 1

    def test_threads_write_side_by_side(self, store: Store) -> None:
        def write(thread: int) -> None:
            for i in range(10):
                store.put_posts([a_post("shared"), a_post(f"{thread}-{i}")])

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(4)))
        assert store.counts()["posts"] == 41


class TestOpening:
    def test_what_was_kept_is_there_after_reopening(self, url: str, tmp_path: Path) -> None:
        for hour in (0, 1):
            with Store.open(url, tmp_path) as store:
                assert store.counts()["posts"] == hour
                store.put_posts([a_post()])

    def test_many_may_open_an_empty_database_at_once(self, url: str, tmp_path: Path) -> None:
        together = threading.Barrier(6)

        def open_and_write(i: int) -> None:
            together.wait()
            with Store.open(url, tmp_path) as store:
                store.put_posts([a_post(str(i))])

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(open_and_write, range(6)))
        with Store.open(url, tmp_path) as store:
            assert store.counts()["posts"] == 6

    def test_a_newer_database_is_left_alone(self, url: str, tmp_path: Path) -> None:
        with Store.open(url, tmp_path) as store, store._writing() as connection:
            connection.exec_driver_sql("UPDATE migrations SET number = 9000")
        with pytest.raises(StoreError, match=r"newer version \(9000\)"):
            Store.open(url, tmp_path)


def schema(store: Store) -> dict[str, object]:
    """What the database itself says about its tables."""
    found = inspect(store._engine)
    return {
        table: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table)),
            found.get_pk_constraint(table)["constrained_columns"],
            sorted(
                (key["constrained_columns"], key["referred_table"], key["referred_columns"])
                for key in found.get_foreign_keys(table)
            ),
            sorted((i["name"], i["column_names"], i["unique"]) for i in found.get_indexes(table)),
        )
        for table in found.get_table_names()
    }


@pytest.fixture
def unmigrated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Store]:
    def make(url: str) -> Store:
        with monkeypatch.context() as patch:
            patch.setattr("socialsense.store.database.is_current", lambda _: True)
            return Store.open(url, tmp_path)

    return make


class TestMigrations:
    def test_from_nothing_they_make_the_tables_of_the_program(
        self, new_url: Callable[[], str], tmp_path: Path, unmigrated: Callable[[str], Store]
    ) -> None:
        with Store.open(new_url(), tmp_path) as migrated, unmigrated(new_url()) as made:
            metadata.create_all(made._engine)
            assert schema(migrated) == schema(made)
            assert set(schema(made)) == set(metadata.tables)

    @pytest.mark.parametrize("number", migrate.scripts())
    def test_every_earlier_version_is_brought_up_to_date(
        self, number: int, new_url: Callable[[], str], tmp_path: Path,
        unmigrated: Callable[[str], Store],
    ) -> None:  # fmt: skip
        old = new_url()
        with unmigrated(old) as store, store._writing() as connection:
            migrate.migrate(connection, upto=1)
            connection.exec_driver_sql(
                "INSERT INTO profiles (handle, private, followers, source, fetched_at)"
                " VALUES ('mill', false, 100, 'demo', '2026-05-01 12:00:00.000000+00:00')"
                if connection.dialect.name == "postgresql"
                else "INSERT INTO profiles (handle, private, followers, source, fetched_at)"
                " VALUES ('mill', 0, 100, 'demo', '2026-05-01 12:00:00.000000')"
            )
            migrate.migrate(connection, upto=number)
            assert migrate.version(connection) == number
        with Store.open(old, tmp_path) as upgraded, Store.open(new_url(), tmp_path) as new:
            assert schema(upgraded) == schema(new)
            assert upgraded.profile("mill") == a_profile(name=None, posts_count=None)

    def test_one_that_fails_changes_nothing(
        self, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Store.open(url, tmp_path).close()
        folder = tmp_path / "migrations"
        shutil.copytree(migrate.FOLDER, folder)
        (folder / "9000_broken.sql").write_text("CREATE TABLE half (a TEXT);\nNONSENSE;\n")
        with monkeypatch.context() as patch:
            patch.setattr(migrate, "FOLDER", folder)
            with pytest.raises(StoreError, match="NONSENSE"):
                Store.open(url, tmp_path)
        with Store.open(url, tmp_path) as store:
            assert "half" not in schema(store)


class TestUnusable:
    def refused(self, url: str, images: Path) -> str:
        with pytest.raises(StoreError) as caught:
            Store.open(url, images)
        return str(caught.value)

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "nonsense",
            "mysql://u:hunter2@localhost/x",
            "postgresql://u:hun@hunter2@nowhere/x",
            "postgresql://u:hunter2@nowhere:port/x",
            "sqlite://",
            "sqlite:///:memory:",
        ],
    )
    def test_a_url_says_what_to_write_and_keeps_its_secret(self, url: str, tmp_path: Path) -> None:
        words = self.refused(url, tmp_path)
        assert "sqlite:///" in words
        assert "hunter2" not in words

    def test_a_server_that_does_not_answer(self, tmp_path: Path) -> None:
        url = f"postgresql://u:hunter2@/x?host={tmp_path}&password=hunter2"
        words = self.refused(url, tmp_path)
        assert "Check that the server runs" in words
        assert "hunter2" not in words

    def test_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        file = tmp_path / "x.db"
        file.write_bytes(b"I am a letter, not a database. " * 100)
        assert "file is not a database" in self.refused(f"sqlite:///{file}", tmp_path)
        assert file.read_bytes().startswith(b"I am a letter")

    def test_a_database_that_was_damaged(self, tmp_path: Path) -> None:
        file = tmp_path / "x.db"
        with Store.open(f"sqlite:///{file}", tmp_path) as store:
            store.put_posts(a_post(str(i), caption="long " * 200) for i in range(200))
        data = bytearray(file.read_bytes())
        data[4096:] = b"\xff" * (len(data) - 4096)
        file.write_bytes(data)
        with pytest.raises(StoreError, match="malformed"):
            Store.open(f"sqlite:///{file}", tmp_path).posts("mill")

    def test_a_folder_that_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        assert "file" in self.refused(f"sqlite:///{tmp_path}/file/x.db", tmp_path)
        with (
            Store.open(f"sqlite:///{tmp_path}/x.db", tmp_path / "file") as store,
            pytest.raises(StoreError, match="picture folder"),
        ):
            store.put_image(b"picture")

    def test_sqlite_loses_nothing_that_was_committed(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path}/x.db"
        with Store.open(url, tmp_path) as store, store._reading() as connection:
            kept = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
        assert kept == ["wal", 2, 1]

    def test_sqlite_waits_for_who_writes_to_the_new_file(self, tmp_path: Path) -> None:
        writer = sqlite3.connect(tmp_path / "x.db", isolation_level=None, check_same_thread=False)
        writer.execute("BEGIN IMMEDIATE")
        done = threading.Timer(0.1, writer.rollback)
        done.start()
        Store.open(f"sqlite:///{tmp_path}/x.db", tmp_path).close()
        done.join()
        writer.close()

    def test_a_writer_that_does_not_end_is_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("socialsense.store.database.BUSY_SECONDS", 0)
        url = f"sqlite:///{tmp_path}/x.db"
        with Store.open(url, tmp_path) as one, Store.open(url, tmp_path) as other:
            with one.transaction(), pytest.raises(StoreError, match="other program that writes"):
                other.put_posts([a_post()])
            other.put_posts([a_post()])
