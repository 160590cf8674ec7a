"""The connection: opening, transactions, and the one place where SQLAlchemy's errors are mapped."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Self

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from socialsense.errors import StoreError
from socialsense.store.migrate import is_current, migrate

BUSY_SECONDS = 30
"""How long a writer waits for another one to finish."""
WRITERS_LOCK = 0x50C1A1
"""PostgreSQL's advisory lock of that number admits one writer at a time, as SQLite does."""

_WRITES = {"socialsense_writes": True}


class Database:
    """What all topics of the store share. May be used from several threads at once."""

    def __init__(self, engine: Engine, images_dir: Path) -> None:
        self.images_dir = images_dir
        self._engine = engine
        self._writer = engine.execution_options(**_WRITES)
        self._thread = threading.local()

    @classmethod
    def open(cls, url: str, images_dir: Path) -> Self:
        """Open the database, creating or updating it where needed. Raises StoreError."""
        database = cls(_engine(_parse(url)), images_dir)
        try:
            with database._reading() as connection:
                current = is_current(connection)
            if not current:
                with database._writing() as connection:
                    migrate(connection)
        except BaseException:
            database.close()
            raise
        return database

    def close(self) -> None:
        """Close all connections; those in use close when they are done."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything written inside is kept together, or not at all when an error leaves it."""
        with self._writing():
            yield

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """This thread's transaction where there is one (as a savepoint), else one of its own."""
        joined = self._joined
        with self._errors():
            if joined is not None:
                with joined.begin_nested():
                    yield joined
                return
            with self._writer.begin() as connection:
                self._thread.connection = connection
                try:
                    yield connection
                finally:
                    self._thread.connection = None

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """One consistent view, which sees what this thread's transaction has written."""
        joined = self._joined
        with self._errors():
            if joined is not None:
                yield joined
                return
            with self._engine.connect() as connection:
                yield connection

    @property
    def _joined(self) -> Connection | None:
        return getattr(self._thread, "connection", None)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise _unusable(self._engine.url, error) from error


def _parse(text: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    backend = url.get_backend_name() if url else ""
    # An '@' inside the password would make the driver's messages show the rest of it.
    if url is None or backend not in ("sqlite", "postgresql") or "@" in (url.host or ""):
        raise StoreError(
            "The database's URL cannot be used.",
            means="It is no SQLAlchemy URL of SQLite or PostgreSQL, or its password holds "
            "characters that must be written as %40 and the like.",
            do="Write sqlite:///path/to/file.db or postgresql://user:password@host/database.",
        )
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if not url.database or ":memory:" in url.database:
        raise StoreError(
            "A database in memory cannot be used.",
            means="Each thread would see a database of its own.",
            do="Name a file: sqlite:///path/to/file.db.",
        )
    return url


def _engine(url: URL) -> Engine:
    try:
        if url.get_backend_name() == "sqlite":
            Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(url)
            event.listen(engine, "connect", _set_up_sqlite)
        else:
            engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    except (OSError, ImportError, SQLAlchemyError) as error:
        raise _unusable(url, error) from error
    event.listen(engine, "begin", _begin)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # `_begin` says BEGIN; the driver would spare DDL from it
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    _switch_to_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")  # a commit is on the disk when it returns
    connection.execute("PRAGMA foreign_keys = ON")


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Ask until it is granted: of several that open a new file, SQLite lets only one wait."""
    until = monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
            sleep(0.01)
        else:
            return


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().keys() >= _WRITES.keys()
    if connection.dialect.name == "sqlite":
        # A reader that turns writer half-way fails when another one wrote in between.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
    elif writes:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")


def _unusable(url: URL, error: Exception) -> StoreError:
    """In words, with the database's place but no secret of its URL."""
    is_file = url.get_backend_name() == "sqlite"
    place = url.database if is_file else f"{url.host or 'local'}/{url.database}"
    reason = str(getattr(error, "orig", None) or error).strip().rstrip(".")
    if url.password:
        reason = reason.replace(str(url.password), "***")
    if isinstance(error, ImportError):
        do = "Install the driver: pip install 'psycopg[binary]'."
    elif "lock" in reason:
        do = "Wait until the other program that writes to it is done, or close it; then try again."
    elif is_file:
        do = "Check the path, its permissions and the disk, or restore the file from a backup."
    else:
        do = "Check that the server runs, and the host, user, password and database in the URL."
    return StoreError(
        f"The database {place} cannot be used.", means=f"It answers: {reason}.", do=do
    )
