from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from socialsense.hashtag_text import MAX_LENGTH, find_hashtags, hashtag_key

ZWJ, ZWNJ, EMOJI_STYLE, KEYCAP = "\u200d", "\u200c", "\ufe0f", "\u20e3"
ENGLAND = "🏴" + "".join(chr(0xE0000 + ord(c)) for c in "gbeng") + "\U000e007f"

# Text made of what parsers of hashtags stumble over, beside arbitrary text.
PIECES = ("#", "＃", "a", "É", "ß", "ŉ", "ΐ", "ﬃ", "İ", "1", "٣", "_", "-", ".", "/", "&", ";", " ")
PIECES += (ZWJ, ZWNJ, EMOJI_STYLE, KEYCAP, "\u0301", "\u0345", "👍", "🏽", "🇩", "🇪", ENGLAND, "नि")
PIECES += ("https://", "www.", "x.com/", "&#39;", "#️⃣", "\n", "สวัส", "தமி")
REPEATED = ["#", "a.", "a-", "a", "#a", "&#", "&#39;", "www.", "https://", "#1", " ", "_", "a./"]
REPEATED += ["🇩", "👍", ZWJ, f"a{ZWJ}", f"#a{ZWNJ}", "\u0301", "#\u0301"]
captions = st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=60)
tag_like = st.text(st.characters(codec="utf-8"), max_size=20).map(lambda text: "#" + text)


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("#नमस्ते", ["नमस्ते"]),
        ("สวัสดี #สวัสดี", ["สวัสดี"]),
        ("#தமிழ்", ["தமிழ்"]),
        ("#می‌خواهم", ["می‌خواهم"]),
        ("#日本 #한국어 #привет", ["日本", "한국어", "привет"]),
        ("#🍕pizza #pizza🍕", ["🍕pizza", "pizza🍕"]),
        ("#❤️ #👍🏽 #👨‍👩‍👧", ["❤️", "👍🏽", "👨‍👩‍👧"]),
        ("#🇩🇪 #🇩🇪trip", ["🇩🇪", "🇩🇪trip"]),
        (f"#{ENGLAND}", [ENGLAND]),
        ("#top1️⃣0️⃣", ["top1️⃣0️⃣"]),
        ("＃fullwidth", ["fullwidth"]),
        ("#snake_case", ["snake_case"]),
        ("#3d #2026goals", ["3d", "2026goals"]),
    ],
)
def test_every_script_and_emoji(caption: str, expected: list[str]) -> None:
    assert find_hashtags(caption) == tuple(expected)


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("#a#b", ["a", "b"]),
        ("##double", ["double"]),
        ("(#a), #b. #c!", ["a", "b", "c"]),
        ("#new-york", ["new"]),
        ("line\n#next\n.\n#last", ["next", "last"]),
        (f"#joined{ZWJ}", ["joined"]),
        (f"#a{ZWJ}#b{ZWNJ} #c", ["a", "b", "c"]),
        ("#Same #same #SAME #other", ["same", "other"]),
        ("#caf\u00e9 #cafe\u0301 #CAFÉ", ["café"]),
        ("#Straße #STRASSE", ["strasse"]),
    ],
)
def test_where_a_hashtag_begins_and_ends(caption: str, expected: list[str]) -> None:
    assert find_hashtags(caption) == tuple(expected)


@pytest.mark.parametrize(
    "caption",
    [
        None,
        "",
        "#",
        "# ",
        "no hashtag",
        "it&#39;s",
        "&#x27;",
        "https://example.com/#top",
        "http://example.com/a?b=1#part",
        "www.example.com/#top",
        "example.com/#top",
        "and so on...example.com/#top",
        "page#fragment",
        "page##fragment",
        "#1 #2026 #٣",
        "#_ #___",
        "#1️⃣",
        "#️⃣",
        "#️⃣press",
        "#\u20e3",
        "#\u0301",
        f"#{ZWJ}a",
        "#" + "x" * (MAX_LENGTH + 1),
        "#" + "ﬃ" * MAX_LENGTH,
    ],
)
def test_what_is_no_hashtag(caption: str | None) -> None:
    assert find_hashtags(caption) == ()


def test_text_around_a_link_is_read() -> None:
    assert find_hashtags("#a https://example.com/#no #b it&#39;s#no &#39;#c") == ("a", "b", "c")


def test_the_longest_hashtag_is_kept_whole() -> None:
    longest = "x" * MAX_LENGTH
    assert find_hashtags(f"#{longest}") == (longest,)


def test_a_key_needs_no_sign() -> None:
    assert hashtag_key(" #Sunset ") == hashtag_key("sunset") == "sunset"


@given(st.text() | captions)
@example("# #a")
@example(f" {ZWNJ}")
@example(f"a {ZWJ}")
@example("ᾴ\u0345\u0308")
def test_a_key_of_a_key_is_itself(text: str) -> None:
    assert hashtag_key(hashtag_key(text)) == hashtag_key(text)


@given(captions | tag_like)
def test_found_hashtags_are_distinct_keys(caption: str) -> None:
    found = find_hashtags(caption)
    assert list(found) == list(dict.fromkeys(map(hashtag_key, found)))
    assert all(0 < len(tag) <= MAX_LENGTH for tag in found)
    assert not any(set("#＃& \n") & set(tag) for tag in found)


@given(captions | tag_like)
@example(f"#{ZWJ}🏽")
def test_what_was_found_is_found_again(caption: str) -> None:
    found = find_hashtags(caption)
    assert find_hashtags(" ".join(f"#{tag}" for tag in found)) == found
    assert find_hashtags("".join(f"#{tag}" for tag in found)) == found
    for tag in found:
        assert find_hashtags(f"before #{tag} after") == (tag,)


@pytest.mark.parametrize("piece", REPEATED)
@pytest.mark.parametrize("start", ["", "#", "#a", "a"])
def test_no_caption_takes_long(start: str, piece: str) -> None:
    caption = start + piece * (100_000 // len(piece))
    begun = process_time()
    find_hashtags(caption)
    hashtag_key(caption)
    assert process_time() - begun < 0.9
