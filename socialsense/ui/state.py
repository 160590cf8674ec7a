"""What one visitor has given and chosen; it survives switching pages.

Uploads are copied here at once, reduced: the uploader empties when its page is left.
"""

import io
from dataclasses import dataclass
from typing import Any, cast

import streamlit as st
from PIL import Image as PILImage

from socialsense.accounts import Account
from socialsense.answers import RankedHashtag
from socialsense.errors import SocialsenseError
from socialsense.images import encode_jpeg, open_image
from socialsense.types import Image, Mode


@dataclass(frozen=True, slots=True)
class Photo:
    """A candidate photo, as kept between runs: JPEG of at most 1080 px."""

    name: str
    sha256: str
    jpeg: bytes

    @property
    def image(self) -> Image:
        """Under the SHA-256 of the file that was given; Pillow decodes when pixels are read."""
        return Image(self.name, self.sha256, PILImage.open(io.BytesIO(self.jpeg)))


def photos() -> dict[str, Photo]:
    """Candidate photos by SHA-256, in the order they came."""
    return cast("dict[str, Photo]", _kept("photos", {}))


def add_photo(name: str, data: bytes) -> Image:
    """Open a file and keep it. Raises ImageError."""
    image = open_image(data, name)
    photos()[image.sha256] = Photo(name, image.sha256, encode_jpeg(image.pixels, quality=90))
    return image


def remove_photo(sha256: str) -> None:
    """Forget a photo, and the choice if it was chosen."""
    photos().pop(sha256, None)
    if st.session_state.get("chosen") == sha256:
        st.session_state.chosen = None


def remove_all_photos() -> None:
    """Forget every photo."""
    for sha256 in list(photos()):
        remove_photo(sha256)


def choose_photo(sha256: str) -> None:
    """The photo that hashtags are ranked for."""
    st.session_state.chosen = sha256


def chosen_photo() -> Photo | None:
    """None until one is chosen."""
    return photos().get(st.session_state.get("chosen") or "")


def handle() -> str:
    """As typed; may be empty or malformed."""
    return str(st.session_state.get("handle") or "")


def complaints() -> list[SocialsenseError]:
    """Files that the last upload had to refuse."""
    return cast("list[SocialsenseError]", _kept("complaints", []))


def own_hashtags() -> list[str]:
    """Hashtags the visitor added by hand."""
    return cast("list[str]", _kept("own_hashtags", []))


def set_key(account: Account, photo: Photo, mode: Mode) -> str:
    """What a chosen set belongs to."""
    return f"{account.profile.handle}-{photo.sha256[:16]}-{mode}"


def keep_set(key: str, hashtags: list[RankedHashtag]) -> None:
    """Remember which hashtags were chosen for an account and photo."""
    _kept("sets", {})[key] = hashtags


def kept_set(key: str) -> list[RankedHashtag] | None:
    """The hashtags chosen before, None if never."""
    return cast("list[RankedHashtag] | None", _kept("sets", {}).get(key))


def _kept(name: str, empty: Any) -> Any:
    if name not in st.session_state:
        st.session_state[name] = empty
    return st.session_state[name]
