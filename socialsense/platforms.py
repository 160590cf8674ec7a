"""How many hashtags a platform takes, and since when.

Limits change: each carries the date at which it was last known to hold, and
callers warn rather than refuse.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class HashtagLimit:
    """At most `max_tags` hashtags on a post of this surface, as of that date."""

    platform: str
    surface: Literal["post", "reel"]
    max_tags: int
    as_of: date
    note: str


LIMITS: tuple[HashtagLimit, ...] = (
    HashtagLimit("instagram", "post", 30, date(2011, 1, 1), "the limit until December 2025"),
    HashtagLimit("instagram", "reel", 30, date(2020, 8, 5), "the limit until December 2025"),
    HashtagLimit("instagram", "post", 5, date(2025, 12, 18), "rolled out account by account"),
    HashtagLimit("instagram", "reel", 5, date(2025, 12, 18), "rolled out account by account"),
)

SELECTABLE = (3, 5, 30)
"""Caps a user may choose: careful, today's, and that of accounts not yet changed."""


def hashtag_limit(
    platform: str = "instagram",
    surface: Literal["post", "reel"] = "post",
    on: date | None = None,
) -> HashtagLimit:
    """The limit in force on a day (default: the newest known).

    Raises ValueError for a platform or day without a known limit.
    """
    known = [
        limit
        for limit in LIMITS
        if (limit.platform, limit.surface) == (platform, surface)
        and (on is None or limit.as_of <= on)
    ]
    if not known:
        raise ValueError(f"no hashtag limit is known for {platform} {surface} on {on}")
    return max(known, key=lambda limit: limit.as_of)
