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

    def steady(self, handle, count=10):
        """An account whose usual rate is 10 %."""
        self.account(handle)
        self.store.put_posts([self.made(handle, 100) for _ in range(count)])

    def picture(self, color):
        """A JPEG of that colour, another file each time."""
        return encode_jpeg(PILImage.new("RGB", (32 + self.posts, 24), color))

    def post(self, handle, likes, caption=None, color=None, on_page=None, **more):
        """A stored post; of a picture of its own where it has a colour."""
        if color is not None:
            more["image_sha256"] = self.store.put_image(self.picture(color))
        post = self.made(handle, likes, caption, **more)
        self.store.put_posts([post])
        if on_page:
            self.store.put_tagged(on_page, [post], first_rank=self.posts)
        return post

    def made(self, handle, likes, caption=None, age=None, source="test", **more):
        """A post, older than those before and read today."""
        self.posts += 1
        return Post(
            pk=f"p{self.posts}",
            shortcode=f"s{self.posts}",
            handle=handle,
            taken_at=NOW - timedelta(days=self.posts + 2 if age is None else age),
            kind="image",
            caption=caption,
            likes=likes,
            comments=0,
            source=source,
            fetched_at=NOW,
            **more,
        )


def recommender(world, embedder="color", popularity="color", **settings):
    """With models that load at once, unless others are named."""
    chosen = Settings(embedder=embedder, popularity=popularity, **settings)
    return Recommender.load(world.store, chosen)


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
    caption = " ".join(f"#{tag}" for tag in likes)
    world.store.put_posts([world.made("me", 100, caption, age) for age in range(10, 30)])
    for number in range(4):
        name = f"painter{number}"
        world.steady(name)
        for tag, count in likes.items():
            world.post(name, count + 5 * number, f"#{tag}", RED, on_page=tag)
