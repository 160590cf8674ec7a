"""What every topic writes and reads with: one upsert for both databases, and reads in chunks."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Literal, TypeVar

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
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

    def changes(given: Columns) -> dict[str, ColumnElement[Any]]:
        columns = [c for c in table.columns if c.name in rows[0] and c.name not in keep]
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

    merge(connection, table, rows, changes)


def merge(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    changes: Callable[[Columns], Mapping[str, ColumnElement[Any]]],
) -> None:
    """Insert rows; where one is there already, `changes` tells its new columns from those given."""
    if not rows:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    insert = dialect.insert(table)
    keys, new = list(table.primary_key.columns), dict(changes(insert.excluded))
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=new), rows)


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
