"""Small profiles, posts and predictions, for tests that do not care which."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from PIL import Image as PILImage

from socialsense.answers import Prediction
from socialsense.types import Post, Profile

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def a_profile(handle: str = "mill", **changes: object) -> Profile:
    return replace(Profile(handle, 100, 9, NOON, "small", name="The Mill"), **changes)


def a_post(pk: str = "1", **changes: object) -> Post:
    post = Post(pk, f"S{pk}", "mill", at(-1), "image", "#red", 10, 2, "small", NOON)
    return replace(post, **changes)


def a_prediction(handle: str = "mill", **changes: object) -> Prediction:
    prediction = Prediction(handle, 100, 0.1, 0.02, 0.12, None, 12.0, 15.5, 0.8, 9)
    return replace(prediction, **changes)


def pks(posts: tuple[Post, ...]) -> list[str]:
    return [post.pk for post in posts]


def every(listing, key: str) -> list[Post]:
    """All items of a paged listing."""
    page = listing(key)
    items = list(page.items)
    while page.cursor is not None:
        page = listing(key, page.cursor)
        items += page.items
    return items


def quarters() -> PILImage.Image:
    """Red and green above blue and white, twice as wide as high: no two orientations agree."""
    colors = np.array([["red", "green"], ["blue", "white"]])
    image = PILImage.new("RGB", (64, 32))
    for (row, column), color in np.ndenumerate(colors):
        image.paste(color, (column * 32, row * 16, column * 32 + 32, row * 16 + 16))
    return image
