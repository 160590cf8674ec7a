"""The tables as they are now; `migrations/` tells how they came to be so.

Where a table mirrors a dataclass, its columns carry the field's names.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    false,
)

from socialsense.store.columns import SERIAL, UtcTime, Words

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
    Column("error", Words),
    Column("started_at", UtcTime, nullable=False),
    Column("heartbeat_at", UtcTime, nullable=False),
    Column("doing", Words, nullable=False, server_default=""),
    Column("request", Words),
    Column("until", UtcTime),
    Column("owner", Words),
    Column("cancel_asked", Boolean, nullable=False, server_default=false()),
)

# place: the order within the job. The key begins with what all jobs are searched by.
items = Table(
    "items",
    metadata,
    Column("kind", Words, primary_key=True),
    Column("name", Words, primary_key=True),
    Column("job", Words, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("wanted", Integer),
    Column("pictures", Integer),
    Column("state", Words, nullable=False),
    Column("cursor", Words),
    Column("posts", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("error", Words),
    Column("updated_at", UtcTime),
    Index("items_in_order", "job", "place"),
    Index("items_by_state", "job", "state", "kind", "place"),
)

# The body stands last: what precedes it is read without it.
payloads = Table(
    "payloads",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("job", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("first_rank", Integer, nullable=False),
    Column("fetched_at", UtcTime, nullable=False),
    Column("readable", Boolean, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

requests = Table(
    "requests",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("site", Words, nullable=False),
    Column("what", Words, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Index("requests_of_site", "site", "asked_at"),
)

breakers = Table(
    "breakers",
    metadata,
    Column("site", Words, primary_key=True),
    Column("kind", Words, nullable=False),
    Column("what", Words, nullable=False),
    Column("means", Words, nullable=False),
    Column("do", Words, nullable=False),
    Column("tripped_at", UtcTime, nullable=False),
    Column("until", UtcTime),
)

consents = Table(
    "consents",
    metadata,
    Column("site", Words, primary_key=True),
    Column("words", Words, nullable=False),
    Column("given_at", UtcTime, nullable=False),
)
