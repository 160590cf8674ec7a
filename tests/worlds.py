"""Small stores filled by hand, whose answers are visible by eye."""

from datetime import UTC, datetime, timedelta

from PIL import Image as PILImage

from socialsense.images import encode_jpeg, open_image
from socialsense.recommend import Recommender
from socialsense.settings import Settings
from socialsense.types import Post, Profile

NOW = datetime(2026, 11, 1, tzinfo=UTC)
RED, BLUE = (220, 30, 30), (30, 30, 220)
MODES = ("calibrated", "faithful")


class World:
    """A store that is easy to fill by hand."""

    def __init__(self, store):
        self.store = store
        self.posts = 0

    def account(self, handle, followers=1000, private=False):
        self.store.put_profile(Profile(handle, followers, 0, NOW, "test", private))

    def steady(self, handle, count=10, likes=100):
        """An account whose usual rate is 10 %."""
        self.account(handle)
        for _ in range(count):
            self.post(handle, likes)

    def picture(self, color):
        """A JPEG of nearly that colour, different each time."""
        shade = tuple(min(255, c + self.posts % 20) for c in color)
        return encode_jpeg(PILImage.new("RGB", (32, 24), shade))

    def post(
        self, handle, likes, caption=None, color=None, age=None, on_page=None, sha=None, **more
    ):
        """One post, of a picture of its own unless `sha` names a stored one."""
        self.posts += 1
        if color is not None:
            sha = self.store.put_image(self.picture(color))
        post = Post(
            pk=f"p{self.posts}",
            shortcode=f"s{self.posts}",
            handle=handle,
            taken_at=NOW - timedelta(days=age if age is not None else self.posts),
            kind="image",
            caption=caption,
            likes=likes,
            comments=0,
            source="test",
            fetched_at=NOW,
            image_sha256=sha,
            **more,
        )
        self.store.put_posts([post])
        if on_page:
            self.store.put_tagged(on_page, [post], first_rank=self.posts)
        return post


def recommender(world, embedder="color", **settings):
    return Recommender.load(world.store, Settings(embedder=embedder, **settings))


def photo(color, name="photo.jpg"):
    return open_image(encode_jpeg(PILImage.new("RGB", (60, 40), color)), name)


def red_and_blue(world):
    """#red does well on red pictures and #blue on blue ones; each has some of the other."""
    world.account("me")
    world.post("me", 100, "#red #blue")
    world.steady("painter")
    for color, good, bad in ((RED, "red", "blue"), (BLUE, "blue", "red")):
        for _ in range(5):
            world.post("painter", 200, f"well placed #{good}", color, age=400)
            world.post("painter", 90, f"badly placed #{bad}", color, age=400)


def four_painters(world, **likes):
    """Posts of four accounts under each hashtag, all red: #tag=likes, where 100 are usual."""
    world.account("me")
    for age in range(10, 30):
        world.post("me", 100, " ".join(f"#{tag}" for tag in likes), age=age)
    for number in range(4):
        name = f"painter{number}"
        world.steady(name)
        for tag, count in likes.items():
            world.post(name, count + 5 * number, f"#{tag}", RED)
