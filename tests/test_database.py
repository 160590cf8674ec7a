"""The database under the store: transactions, opening, migrations, and what goes wrong."""

import shutil
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect

from socialsense.answers import Outcome, Prediction
from socialsense.errors import StoreError
from socialsense.store import RecordedPrediction, Store, Tracked, migrate
from socialsense.store.tables import metadata
from socialsense.types import Job
from tests.examples import NOON, a_post, a_profile, pks


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
            newest = "(SELECT max(number) FROM migrations AS m)"
            connection.exec_driver_sql(
                f"UPDATE migrations SET number = 9000 WHERE number = {newest}"
            )
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
                " VALUES ('mill', false, 100, 'small', '2026-05-01 12:00:00.000000+00:00')"
                if connection.dialect.name == "postgresql"
                else "INSERT INTO profiles (handle, private, followers, source, fetched_at)"
                " VALUES ('mill', 0, 100, 'small', '2026-05-01 12:00:00.000000')"
            )
            migrate.migrate(connection, upto=number)
            assert migrate.version(connection) == number
        with Store.open(old, tmp_path) as upgraded, Store.open(new_url(), tmp_path) as new:
            assert schema(upgraded) == schema(new)
            assert upgraded.profile("mill") == a_profile(name=None, posts_count=None)

    def test_predictions_of_the_first_version_are_kept_as_faithful_ones(
        self, url: str, tmp_path: Path, unmigrated: Callable[[str], Store]
    ) -> None:
        with unmigrated(url) as store, store._writing() as connection:
            migrate.migrate(connection, upto=1)
            connection.exec_driver_sql(
                "INSERT INTO predictions (id, handle, image_sha256, tags, models, followers,"
                " usual_rate, set_score, rate, low, median, high, coverage, history, made_at)"
                " VALUES ('p', 'mill', 'ab', '[\"red\"]', '{}', 100, 0.1, 0.02, 0.12, NULL, 12,"
                " 15.5, 0.8, 9, '2026-05-01 12:00:00.000000"
                + ("+00:00')" if connection.dialect.name == "postgresql" else "')")
            )
        old = Prediction("mill", 100, 0.1, 0.02, 0.12, None, 12.0, 15.5, 0.8, 9, "faithful", 1.0)
        with Store.open(url, tmp_path) as upgraded:
            (kept,) = upgraded.outcomes()
            assert kept == Tracked(RecordedPrediction("p", "ab", ("red",), {}, old, NOON), None)
            upgraded.put_outcome(Outcome("p", None, None, 9, None, NOON))
            assert upgraded.counts()["outcomes"] == 1

    def test_jobs_of_the_second_version_go_on_without_their_cursor(
        self, url: str, tmp_path: Path, unmigrated: Callable[[str], Store]
    ) -> None:
        with unmigrated(url) as store, store._writing() as connection:
            migrate.migrate(connection, upto=2)
            noon = "2026-05-01 12:00:00.000000"
            noon += "+00:00" if connection.dialect.name == "postgresql" else ""
            connection.exec_driver_sql(
                "INSERT INTO jobs (key, state, done, total, cursor, started_at, heartbeat_at)"
                f" VALUES ('demo:1', 'running', 4, 9, 'here', '{noon}', '{noon}')"
            )
        with Store.open(url, tmp_path) as upgraded:
            assert upgraded.jobs() == (Job("demo:1", "running", 4, 9, None, NOON, NOON),)
            assert not upgraded.cancel_asked("demo:1")
            assert upgraded.claim_job("demo:1", "me", NOON)

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
