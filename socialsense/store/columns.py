"""Kinds of columns that SQLite and PostgreSQL keep alike."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text, TypeDecorator

SERIAL = BigInteger().with_variant(Integer, "sqlite")
"""A primary key that the database counts up itself."""


class UtcTime(TypeDecorator[datetime]):
    """A moment, kept in UTC and returned aware; one given without a zone is taken as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """To UTC."""
        return None if value is None else _utc(value)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """From SQLite naive, from PostgreSQL in the session's zone: both to UTC."""
        return None if value is None else _utc(value)


class Words(TypeDecorator[str]):
    """Text that both databases take: without NUL, which PostgreSQL refuses, or half surrogates."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Drop NUL; a lone surrogate becomes '?'."""
        return value and value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
