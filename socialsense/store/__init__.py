"""What is kept: one database (SQLite, or PostgreSQL by its URL) and a folder of picture files."""

from socialsense.store.hashtags import TaggedPicture
from socialsense.store.ledger import Breaker
from socialsense.store.outcomes import Tracked
from socialsense.store.payloads import StoredPayload
from socialsense.store.posts import Observation
from socialsense.store.predictions import RecordedPrediction
from socialsense.store.store import Store

__all__ = [
    "Breaker",
    "Observation",
    "RecordedPrediction",
    "Store",
    "StoredPayload",
    "TaggedPicture",
    "Tracked",
]
