"""What one can ask the site for, where it stands, and when an answer to it is complete."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from socialsense.dialects.reading import Reading
from socialsense.types import Post, Profile

_PATHS = {"profile": "/{}/", "hashtag": "/explore/tags/{}/", "post": "/p/{}/"}
_PRIVATE_TAIL = 28
"""The code of a private post ends in so many characters more than the post's own."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An account's posts, a hashtag's, or one post."""

    kind: Literal["profile", "hashtag", "post"]
    name: str

    @property
    def path(self) -> str:
        """Its address on the site."""
        return _PATHS[self.kind].format(quote(self.name, safe=""))

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    def is_told_by(self, reading: Reading) -> bool:
        """Whether nothing more needs to come for its first page."""
        if self.kind != "profile":
            return reading.kind == self.kind
        profile = self.profile(reading)
        return profile is not None and bool(
            reading.posts or reading.left_out or profile.private or profile.posts_count == 0
        )

    def profile(self, reading: Reading) -> Profile | None:
        """The account that was asked for; the viewer's own may stand there as well."""
        return next((item for item in reading.profiles if item.handle == self.name), None)

    def post(self, reading: Reading) -> Post | None:
        """The post that was asked for; others of its owner may stand beside it."""
        codes = {self.name, self.name[:-_PRIVATE_TAIL] or self.name}
        return next((post for post in reading.posts if post.shortcode in codes), None)
