"""Inputs that more than one page needs: the handle, the photos, the way back."""

from typing import get_args

import streamlit as st

from socialsense.accounts import Account
from socialsense.errors import SocialsenseError, UnknownAccount
from socialsense.handles import clean_handle
from socialsense.types import Image, Mode
from socialsense.ui import frame, resources, state
from socialsense.words import followers

MODES = {"calibrated": "calibrated", "faithful": "as in 2020"}
DEMO_HANDLE = "demo.windmills"
TYPES = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif"]


def handle_input() -> None:
    """The box for the handle; its text survives page switches."""
    st.text_input(
        "Instagram handle",
        key="handle",
        placeholder=DEMO_HANDLE,
        help="The account that will post. Its past posts set the scale.",
        max_chars=100,
        persist_state="session",
    )


def account_or_words(*, link: bool = True) -> Account | None:
    """The account of the handle; where there is none, says why, with a link to collect it."""
    text = state.handle()
    if not text.strip():
        st.info("Type a handle to compare with the account's own posts.", icon=":material/person:")
        return None
    try:
        account = resources.recommender().account(clean_handle(text))
    except SocialsenseError as error:
        frame.show(error)
        if link and isinstance(error, UnknownAccount):
            st.page_link(
                "pages/data.py", label="Go to Data and collect it", icon=":material/database:"
            )
        return None
    profile = account.profile
    st.caption(
        f"@{frame.plain(profile.handle)} · {followers(profile.followers)} · "
        f"{len(account.posts)} posts stored, read {profile.fetched_at:%d %B %Y}"
    )
    frame.demo_notice({profile.source})
    return account


def mode_input() -> Mode:
    """Which setting of the formula; both pages that use it share the choice."""
    options: tuple[Mode, ...] = get_args(Mode)
    return st.selectbox(
        "Formula",
        options,
        index=options.index(resources.recommender().settings.mode),
        format_func=lambda mode: MODES[mode],
        key="mode",
        persist_state="session",
        help="Calibrated: corrected for what top pages show by selection, drawn towards no effect "
        "where evidence is thin, with ranges that held on accounts kept apart. The formula of "
        "2020 does none of this and promises too much.",
    )


def photo_drop() -> None:
    """The place to drop photos: copies them at once, then empties itself."""
    generation = st.session_state.setdefault("uploads", 0)
    files = st.file_uploader(
        "Candidate photos",
        type=TYPES,
        accept_multiple_files=True,
        key=f"upload-{generation}",
        help="Photos stay on the machine that runs this page.",
    )
    if files:
        _take([(file.name, file.getvalue()) for file in files])
        st.session_state.uploads = generation + 1
        st.rerun()
    if st.session_state.pop("demo_wanted", False):
        _take([(path.name, path.read_bytes()) for path in resources.demo().samples()])
    for error in state.complaints():
        frame.show(error)


def start_demo() -> None:
    """Fill in the demo's account, and have `photo_drop` take its samples.

    A callback runs outside the page's frame, where errors would not become words.
    """
    st.session_state.handle = DEMO_HANDLE
    st.session_state.demo_wanted = True


def _take(files: list[tuple[str, bytes]]) -> None:
    state.complaints().clear()
    recommender = resources.recommender()
    room = recommender.settings.max_photos - len(state.photos())
    bar = st.progress(0.0, "Reading photos…")
    images: list[Image] = []
    for number, (name, data) in enumerate(files, start=1):
        bar.progress(number / len(files), f"Reading photo {number} of {len(files)}…")
        try:
            if len(images) >= room:
                raise too_many(name, recommender.settings.max_photos)
            images.append(state.add_photo(name, data))
        except SocialsenseError as error:
            state.complaints().append(error)
    bar.progress(1.0, "Looking at the photos…")
    recommender.look_at(images)
    bar.empty()


def too_many(name: str, limit: int) -> SocialsenseError:
    """The complaint about a photo beyond the limit."""
    return SocialsenseError(
        f"{name} was not added.",
        means=f"Up to {limit} photos are compared at a time.",
        do="Remove some of the others first.",
    )


def photo_and_account() -> tuple[state.Photo, Account]:
    """What the later pages work on; where one is missing, the page ends with the way to it."""
    photo = chosen_photo_or_words()
    if photo is None:
        st.stop()
    account = account_or_words()
    if account is None:
        back_to_images("Go to Images for the handle")
        st.stop()
    return photo, account


def chosen_photo_or_words() -> state.Photo | None:
    """The chosen photo; where there is none, says how to choose one."""
    photo = state.chosen_photo()
    if photo is None:
        st.info("No photo is chosen yet.", icon=":material/photo_library:")
        back_to_images("Go to Images and choose one")
    return photo


def show_chosen(photo: state.Photo) -> None:
    """The chosen photo, as pages show it beside their results."""
    st.image(photo.jpeg, width="stretch", alt=f"Your chosen photo {photo.name}")
    credit(photo.sha256)


def credit(sha256: str) -> None:
    """Whom to thank, where the picture is one of the demo's."""
    known = resources.demo().credit(sha256)
    if known:
        st.caption(f"Photo: {frame.plain(known.text)}")


def alt(sha256: str) -> str:
    """What is seen on a stored picture, for who cannot see it."""
    known = resources.demo().credit(sha256)
    return known.alt if known else "The picture of a top post"


def back_to_images(label: str) -> None:
    """A link to where handle and photos are given."""
    st.page_link("pages/images.py", label=label, icon=":material/arrow_back:")
