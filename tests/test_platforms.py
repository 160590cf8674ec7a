from datetime import date, timedelta

import pytest

from socialsense.platforms import LIMITS, SELECTABLE, hashtag_limit

CHANGED = date(2025, 12, 18)


@pytest.mark.parametrize("surface", ["post", "reel"])
def test_five_today_thirty_before(surface: str) -> None:
    assert hashtag_limit(surface=surface).max_tags == 5
    assert hashtag_limit(surface=surface, on=CHANGED).max_tags == 5
    assert hashtag_limit(surface=surface, on=CHANGED - timedelta(days=1)).max_tags == 30


def test_every_limit_says_since_when() -> None:
    for limit in LIMITS:
        assert hashtag_limit(limit.platform, limit.surface, limit.as_of) == limit


def test_every_limit_known_can_be_chosen() -> None:
    assert {limit.max_tags for limit in LIMITS} | {3} == set(SELECTABLE)


@pytest.mark.parametrize(
    ("platform", "surface", "on"),
    [
        ("nowhere", "post", None),
        ("instagram", "banner", None),
        ("instagram", "post", date(2009, 1, 1)),
    ],
)
def test_unknown(platform: str, surface: str, on: date | None) -> None:
    with pytest.raises(ValueError, match=f"no hashtag limit is known for {platform} {surface}"):
        hashtag_limit(platform, surface, on)
