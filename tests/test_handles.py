import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialsense.errors import HandleError
from socialsense.handles import clean_handle

handles = st.text(string.ascii_lowercase + string.digits + "._", min_size=1, max_size=30).filter(
    lambda text: ".." not in text and text.strip(".") == text
)


@pytest.mark.parametrize(
    "text",
    [
        "anna.b_1",
        "@anna.b_1",
        "  @Anna.B_1\n",
        "instagram.com/anna.b_1",
        "https://www.instagram.com/anna.b_1/",
        "https://m.instagram.com/Anna.B_1",
        "http://instagram.com/@anna.b_1?hl=de",
        "HTTPS://WWW.INSTAGRAM.COM/ANNA.B_1/reels/#top",
    ],
)
def test_the_ways_people_write_one(text: str) -> None:
    assert clean_handle(text) == "anna.b_1"


@pytest.mark.parametrize("text", ["p", "reel", "tv", "instagram.com/peter", "reels.daily"])
def test_names_that_look_like_paths_are_names(text: str) -> None:
    assert clean_handle(text) == text.removeprefix("instagram.com/")


@pytest.mark.parametrize("text", ["", "  ", "@", " @ "])
def test_none_given(text: str) -> None:
    with pytest.raises(HandleError, match="No handle was given"):
        clean_handle(text)


@pytest.mark.parametrize(
    "text",
    [
        ".anna",
        "anna.",
        "an..na",
        "anna b",
        "an-na",
        "änna",
        "@@anna",
        "anna\n@bert",
        "a" * 31,
        "anna@example.com",
        "#anna",
        "../../etc/passwd",
        "'; drop table posts; --",
        "https://example.com/anna",
        "https://www.instagram.com/",
        "https://www.instagram.com/p/Cx1yZ2/",
        "https://www.instagram.com/reel/Cx1yZ2",
        "https://www.instagram.com/explore/tags/sunset/",
        "https://instagram.com/p",
    ],
)
def test_no_handle(text: str) -> None:
    with pytest.raises(HandleError) as caught:
        clean_handle(text)
    assert text.removeprefix("@")[:60].lower() in caught.value.what


def test_a_long_text_is_not_repeated_whole() -> None:
    with pytest.raises(HandleError) as caught:
        clean_handle("x" * 10_000)
    assert len(caught.value.what) < 120


@given(handles)
def test_every_possible_handle_is_read(handle: str) -> None:
    for text in (handle, f"@{handle}", f" {handle.upper()} "):
        assert clean_handle(text) == handle


@given(st.text() | st.text("aZ0._@/ \nİK"))
def test_whatever_is_typed(text: str) -> None:
    """A handle Instagram could have given, or a HandleError."""
    try:
        handle = clean_handle(text)
    except HandleError:
        return
    assert clean_handle(handle) == handle
    assert set(handle) <= set(string.ascii_lowercase + string.digits + "._")
    assert 1 <= len(handle) <= 30
