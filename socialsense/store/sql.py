"""What every topic writes and reads with: one upsert for both databases, and reads in chunks."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, Literal, TypeVar

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Executable,
    Row,
    ScalarSelect,
    Select,
    Table,
    bindparam,
    case,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.base import ReadOnlyColumnCollection

T = TypeVar("T")
Winner = Literal["newest", "first", "last"]
Columns = ReadOnlyColumnCollection[str, Any]
Changes = Callable[[Columns], Mapping[str, ColumnElement[Any]]]

CHUNK = 5000
"""Values in one IN (…); SQLite takes 32,766 parameters, PostgreSQL 65,535."""

_TIME = {"added_at", "fetched_at", "seen_at"}


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    winner: Winner,
    keep: Collection[str] = (),
) -> None:
    """Insert rows; where one is there already, `winner` says whose columns stand.

    "newest": those of the later time, and "first": those stored first; in both an
    unknown (null) gives way to what is known. "last": those given now, nulls too.
    Columns in `keep` stay as stored.
    """
    if rows:
        given = tuple(c.name for c in table.columns if c.name in rows[0] and c.name not in keep)
        merge(connection, table, rows, _changes(table, winner, given))


def merge(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    changes: Changes,
) -> None:
    """Insert rows; where one is there already, `changes` tells its new columns from those given.

    The statement is made once for each `changes`, so give the same function again.
    """
    if rows:
        connection.execute(_merging(connection.dialect.name, table, changes), rows)


@lru_cache(maxsize=200)
def _merging(dialect: str, table: Table, changes: Changes) -> Executable:
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    keys, new = list(table.primary_key.columns), dict(changes(insert.excluded))
    statement: Executable = insert.on_conflict_do_update(index_elements=keys, set_=new)
    return statement


@lru_cache(maxsize=200)
def _changes(table: Table, winner: Winner, names: tuple[str, ...]) -> Changes:
    """Which of two rows' columns stand."""

    def changes(given: Columns) -> dict[str, ColumnElement[Any]]:
        columns = [table.c[name] for name in names]
        if winner == "last":
            return {old.name: given[old.name] for old in columns}
        if winner == "first":
            return {old.name: func.coalesce(old, given[old.name]) for old in columns}
        (time,) = (c for c in table.columns if c.name in _TIME)
        later = given[time.name] >= time
        return {
            old.name: case(
                (later, func.coalesce(given[old.name], old)),
                else_=func.coalesce(old, given[old.name]),
            )
            for old in columns
        }

    return changes


def newest_known(key: Column[Any], observations: Table, name: str) -> ScalarSelect[Any]:
    """The count last known of what `key` identifies, in whatever order observations came."""
    count = observations.c[name]
    return (
        select(count)
        .where(observations.c[key.name] == key, count.is_not(None))
        .order_by(observations.c.observed_at.desc())
        .limit(1)
        .correlate(key.table)
        .scalar_subquery()
    )


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The distinct values, in order, in lists of at most `size`."""
    rest = iter(dict.fromkeys(values))
    while chunk := list(islice(rest, size)):
        yield chunk


def wanted() -> BindParameter[Any]:
    """Stands in a statement for one chunk of the values `read_each` is given."""
    return bindparam("wanted", expanding=True)


def read_each(
    connection: Connection, statement: Select[*tuple[Any, ...]], values: Iterable[object]
) -> Iterator[Row[*tuple[Any, ...]]]:
    """The rows of `statement`, read for one chunk of values after the other."""
    for chunk in chunks(values):
        yield from connection.execute(statement, {"wanted": chunk})
