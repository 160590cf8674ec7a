"""Bringing a database up to date, by numbered SQL files that never change once released.

Statements end with a semicolon at a line's end. $timestamp, $bytes, $double and
$serial stand for types whose names differ between the two databases.
"""

from datetime import UTC, datetime
from pathlib import Path
from string import Template

from sqlalchemy import Connection, func, insert, inspect, select
from sqlalchemy.schema import CreateTable

from socialsense.errors import StoreError
from socialsense.store.tables import migrations

FOLDER = Path(__file__).parent / "migrations"

_TYPES = {
    "sqlite": {
        "timestamp": "DATETIME",
        "bytes": "BLOB",
        "double": "DOUBLE",
        "serial": "INTEGER",
    },
    "postgresql": {
        "timestamp": "TIMESTAMP WITH TIME ZONE",
        "bytes": "BYTEA",
        "double": "DOUBLE PRECISION",
        "serial": "BIGSERIAL",
    },
}


def scripts() -> dict[int, Path]:
    """The migrations by number, in order."""
    return {int(path.name[:4]): path for path in sorted(FOLDER.glob("[0-9]*.sql"))}


def version(connection: Connection) -> int:
    """The number of the last migration applied; 0 for an empty database."""
    if not inspect(connection).has_table(migrations.name):
        return 0
    return connection.scalar(select(func.max(migrations.c.number))) or 0


def is_current(connection: Connection) -> bool:
    """Whether nothing is left to apply. Raises StoreError for a newer version's database."""
    found, latest = version(connection), max(scripts())
    if found > latest:
        raise StoreError(
            f"The database is of a newer version ({found}) than this program ({latest}).",
            means="A newer Socialsense has written it; this one could damage it.",
            do="Update Socialsense, or choose another database.",
        )
    return found == latest


def migrate(connection: Connection, upto: int | None = None) -> None:
    """Apply what is missing; to be called inside one writing transaction."""
    if is_current(connection):  # another process was faster
        return
    connection.execute(CreateTable(migrations, if_not_exists=True))
    found = version(connection)
    for number, path in scripts().items():
        if number <= found or (upto is not None and number > upto):
            continue
        sql = Template(path.read_text("utf-8")).substitute(_TYPES[connection.dialect.name])
        for statement in sql.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
        connection.execute(
            insert(migrations).values(
                number=number, name=path.stem[5:], applied_at=datetime.now(UTC)
            )
        )
