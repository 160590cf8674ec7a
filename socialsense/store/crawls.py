"""The frontier of what jobs collect: each item, in its job's order, and what became of it."""

from collections.abc import Collection, Iterable
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, get_args

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    update,
)

from socialsense.store.database import Database
from socialsense.store.sql import Columns, merge, read_each, wanted
from socialsense.store.tables import items
from socialsense.types import Item, ItemKind, ItemState

KINDS: tuple[ItemKind, ...] = get_args(ItemKind)
STATES: tuple[ItemState, ...] = get_args(ItemState)
WAITING: tuple[ItemState, ...] = ("waiting",)
FINAL: tuple[ItemState, ...] = ("done", "gone", "private", "gated")
"""The states of an item from which nothing more is to be had."""

_KEY = ("kind", "name")
_FIELDS = [field.name for field in fields(Item)]
_SELECT = select(*(items.c[name] for name in _FIELDS))


class Crawls(Database):
    """The part of the store that keeps the items of jobs."""

    def put_items(self, job: str, found: Iterable[Item]) -> None:
        """Add items at the end of a job, in their order.

        One that is there already stays where and as it is, but `wanted` and `pictures` may
        grow; where a "done" one's listing goes on and more of it is wanted than was read, it
        waits again.
        """
        with self._writing() as connection:
            last = connection.scalar(select(func.max(items.c.place)).where(items.c.job == job))
            first = 0 if last is None else last + 1
            rows = [
                {**_row(item), "job": job, "place": place}
                for place, item in enumerate(found, start=first)
            ]
            merge(connection, items, rows, _grown)

    def set_items(self, job: str, changed: Iterable[Item]) -> None:
        """Keep items as they stand now, told at their `updated_at` or else now.

        One that is not among the job's items is left out.
        """
        now = datetime.now(UTC)
        rows = [
            {f"new_{name}": value for name, value in _row(item).items()}
            | {"new_updated_at": item.updated_at or now}
            for item in changed
        ]
        same = [items.c[name] == bindparam(f"new_{name}") for name in _KEY]
        values: dict[str, Any] = {
            name: bindparam(f"new_{name}") for name in _FIELDS if name not in _KEY
        }
        with self._writing() as connection:
            if rows:
                connection.execute(
                    update(items).where(items.c.job == job, *same).values(values), rows
                )

    def next_item(
        self,
        job: str,
        kinds: Collection[ItemKind] = KINDS,
        states: Collection[ItemState] = WAITING,
    ) -> Item | None:
        """A job's first item of these kinds and states; None where there is none."""
        found = self.items_of(job, kinds, states, limit=1)
        return found[0] if found else None

    def items_of(
        self,
        job: str,
        kinds: Collection[ItemKind] = KINDS,
        states: Collection[ItemState] = STATES,
        limit: int | None = None,
        after: Item | None = None,
    ) -> tuple[Item, ...]:
        """A job's items of these kinds and states, in order: the first `limit` behind `after`."""
        statement = _SELECT.where(
            items.c.job == job, items.c.kind.in_(kinds), items.c.state.in_(states)
        )
        if after is not None:
            same = and_(items.c.kind == after.kind, items.c.name == after.name)
            place = select(items.c.place).where(items.c.job == job, same).scalar_subquery()
            statement = statement.where(items.c.place > place)
        statement = statement.order_by(items.c.place).limit(limit)
        with self._reading() as connection:
            return tuple(Item(*row) for row in connection.execute(statement))

    def count_items(self, job: str) -> dict[tuple[ItemKind, ItemState], int]:
        """How many of a job's items are of each kind and state that occurs."""
        kind = (items.c.kind, items.c.state)
        statement = select(*kind, func.count()).where(items.c.job == job).group_by(*kind)
        with self._reading() as connection:
            return {(row[0], row[1]): row[2] for row in connection.execute(statement)}

    def fresh_items(
        self, kind: ItemKind, names: Iterable[str], since: datetime
    ) -> dict[str, list[Item]]:
        """Of all jobs, the items in a final state told since then, by name, the latest first."""
        statement = _SELECT.where(
            items.c.kind == kind,
            items.c.name.in_(wanted()),
            items.c.state.in_(FINAL),
            items.c.updated_at >= since,
        ).order_by(items.c.updated_at.desc())
        found: dict[str, list[Item]] = {}
        with self._reading() as connection:
            for row in read_each(connection, statement, names):
                found.setdefault(row.name, []).append(Item(*row))
        return found

    def known_items(self, job: str, kind: ItemKind, names: Iterable[str]) -> frozenset[str]:
        """Those of the names that are among a job's items of a kind."""
        same = (items.c.job == job, items.c.kind == kind, items.c.name.in_(wanted()))
        with self._reading() as connection:
            rows = read_each(connection, select(items.c.name).where(*same), names)
            return frozenset(row.name for row in rows)

    def drop_items(self, job: str, dropped: Iterable[Item]) -> None:
        """Forget some of a job's items."""
        rows = [{f"old_{name}": getattr(item, name) for name in _KEY} for item in dropped]
        same = [items.c[name] == bindparam(f"old_{name}") for name in _KEY]
        with self._writing() as connection:
            if rows:
                connection.execute(delete(items).where(items.c.job == job, *same), rows)


def _row(item: Item) -> dict[str, Any]:
    return {name: getattr(item, name) for name in _FIELDS}


def _grown(new: Columns) -> dict[str, ColumnElement[Any]]:
    """What an item that is there already becomes when it is put again."""
    old = items.c
    more = _larger(new.wanted, old.wanted)
    unread = or_(new.wanted.is_(None), new.wanted > old.posts)
    goes_on = and_(old.state == "done", old.cursor.is_not(None), more, unread)
    return {
        "wanted": case((more, new.wanted), else_=old.wanted),
        "pictures": case((_larger(new.pictures, old.pictures), new.pictures), else_=old.pictures),
        "state": case((goes_on, "waiting"), else_=old.state),
    }


def _larger(new: ColumnElement[Any], old: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether more is wanted; null is all."""
    return and_(old.is_not(None), or_(new.is_(None), new > old))
