"""What was sent to a crawl, kept so that a later version can read it again."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from socialsense.store.database import Database
from socialsense.store.tables import payloads
from socialsense.types import Item, ItemKind

CHUNK = 8
"""Payloads in memory at a time; one is some hundred kilobytes."""


@dataclass(frozen=True, slots=True)
class StoredPayload:
    """One page as it was sent.

    Attributes:
        id: names it; later ones have larger ids.
        job, kind, name: the item whose page it is.
        first_rank: posts of the item's listing before this page.
        fetched_at: when it came.
        readable: whether it was understood.
        text: what was sent.
    """

    id: int
    job: str
    kind: ItemKind
    name: str
    first_rank: int
    fetched_at: datetime
    readable: bool
    text: str


class Payloads(Database):
    """The part of the store that keeps payloads."""

    def put_payload(
        self, job: str, item: Item, fetched_at: datetime, text: str, readable: bool
    ) -> None:
        """Keep a page of an item, as the item stood before it was read."""
        row = {
            "job": job,
            "kind": item.kind,
            "name": item.name,
            "first_rank": item.posts,
            "fetched_at": fetched_at,
            "readable": readable,
            "body": zlib.compress(text.encode("utf-8", "surrogatepass")),
        }
        with self._writing() as connection:
            connection.execute(insert(payloads), row)

    def payloads(self) -> Iterator[StoredPayload]:
        """All, in the order they came; a few in memory at a time.

        What is written while they are gone through may come too.
        """
        statement = select(payloads).order_by(payloads.c.id).limit(CHUNK)
        last = 0
        while True:
            with self._reading() as connection:
                found = connection.execute(statement.where(payloads.c.id > last))
                rows = found.mappings().all()
            if not rows:
                return
            for row in rows:
                about = dict(row)
                text = zlib.decompress(about.pop("body")).decode("utf-8", "surrogatepass")
                yield StoredPayload(**about, text=text)
            last = rows[-1]["id"]

    def payloads_naming(self, handle: str) -> list[int]:
        """The ids of those whose text holds a handle, as a word of its own; reads them all."""
        word = re.compile(rf"(?<![\w.]){re.escape(handle)}(?![\w.])")
        return [
            kept.id for kept in self.payloads() if handle in kept.text and word.search(kept.text)
        ]

    def mark_readable(self, payload_id: int) -> None:
        """Note that a payload is understood by now."""
        with self._writing() as connection:
            connection.execute(
                update(payloads).where(payloads.c.id == payload_id).values(readable=True)
            )

    def drop_payloads(self, before: datetime) -> None:
        """Forget those that came before a time; what is not understood stays until it is."""
        old = (payloads.c.fetched_at < before, payloads.c.readable)
        with self._writing() as connection:
            connection.execute(delete(payloads).where(*old))
