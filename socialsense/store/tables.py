"""The tables as they are now; `migrations/` tells how they came to be so.

Where a table mirrors a dataclass of `types`, its columns carry the field's names.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)


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


metadata = MetaData()

migrations = Table(
    "migrations",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", Words, nullable=False),
    Column("applied_at", UtcTime, nullable=False),
)

profiles = Table(
    "profiles",
    metadata,
    Column("handle", Words, primary_key=True),
    Column("name", Words),
    Column("private", Boolean, nullable=False),
    Column("followers", BigInteger),
    Column("posts_count", BigInteger),
    Column("source", Words, nullable=False),
    Column("fetched_at", UtcTime, nullable=False),
)

profile_observations = Table(
    "profile_observations",
    metadata,
    Column("handle", Words, ForeignKey("profiles.handle"), primary_key=True),
    Column("observed_at", UtcTime, primary_key=True),
    Column("followers", BigInteger),
    Column("posts_count", BigInteger),
)

# No foreign keys to profiles and images: a hashtag's page names authors never
# collected, and a source may know a picture's hash without supplying the file.
posts = Table(
    "posts",
    metadata,
    Column("pk", Words, primary_key=True),
    Column("shortcode", Words, nullable=False),
    Column("handle", Words),
    Column("taken_at", UtcTime, nullable=False),
    Column("kind", Words, nullable=False),
    Column("caption", Words),
    Column("likes", BigInteger),
    Column("comments", BigInteger),
    Column("image_url", Words),
    Column("image_sha256", Words),
    Column("pinned", Boolean, nullable=False),
    Column("source", Words, nullable=False),
    Column("fetched_at", UtcTime, nullable=False),
    Index("posts_of_handle", "handle", "taken_at"),
)

post_observations = Table(
    "post_observations",
    metadata,
    Column("pk", Words, ForeignKey("posts.pk"), primary_key=True),
    Column("observed_at", UtcTime, primary_key=True),
    Column("likes", BigInteger),
    Column("comments", BigInteger),
)

hashtags = Table(
    "hashtags",
    metadata,
    Column("tag", Words, primary_key=True),
    Column("posts_count", BigInteger),
    Column("fetched_at", UtcTime, nullable=False),
)

# page_rank: the post's position on the hashtag's page of top posts, at `seen_at`.
# Both are null where only the caption tells of the hashtag.
post_hashtags = Table(
    "post_hashtags",
    metadata,
    Column("pk", Words, ForeignKey("posts.pk"), primary_key=True),
    Column("tag", Words, primary_key=True),
    Column("page_rank", Integer),
    Column("seen_at", UtcTime),
    Index("post_hashtags_of_tag", "tag", "page_rank"),
)

images = Table(
    "images",
    metadata,
    Column("sha256", Words, primary_key=True),
    Column("byte_size", BigInteger, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("added_at", UtcTime, nullable=False),
)

# Uploads have embeddings too, but no row in images: they are not collected.
embeddings = Table(
    "embeddings",
    metadata,
    Column("model_id", Words, primary_key=True),
    Column("sha256", Words, primary_key=True),
    Column("dim", Integer, nullable=False),
    Column("vector", LargeBinary, nullable=False),
)

predictions = Table(
    "predictions",
    metadata,
    Column("id", Words, primary_key=True),
    Column("handle", Words, nullable=False),
    Column("image_sha256", Words, nullable=False),
    Column("tags", Words, nullable=False),
    Column("models", Words, nullable=False),
    Column("followers", BigInteger, nullable=False),
    Column("usual_rate", Double, nullable=False),
    Column("set_score", Double, nullable=False),
    Column("rate", Double, nullable=False),
    Column("low", Double),
    Column("median", Double, nullable=False),
    Column("high", Double),
    Column("coverage", Double, nullable=False),
    Column("history", Integer, nullable=False),
    Column("mode", Words, nullable=False),
    Column("gain", Double, nullable=False),
    Column("gain_low", Double),
    Column("gain_high", Double),
    Column("helps", Double),
    Column("photo", Double, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Index("predictions_of_handle", "handle", "made_at"),
)

# One a prediction: what became of the post it was made for.
outcomes = Table(
    "outcomes",
    metadata,
    Column("prediction_id", Words, ForeignKey("predictions.id"), primary_key=True),
    Column("pk", Words),
    Column("posted_at", UtcTime),
    Column("likes", BigInteger, nullable=False),
    Column("comments", BigInteger),
    Column("seen_at", UtcTime, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("key", Words, primary_key=True),
    Column("state", Words, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer),
    Column("cursor", Words),
    Column("error", Words),
    Column("started_at", UtcTime, nullable=False),
    Column("heartbeat_at", UtcTime, nullable=False),
)
