r"""Finding hashtags in text, and the one spelling under which each is kept.

The rule is Unicode's (UTS #31 hashtag identifiers): letters, marks, digits and
underscore of every script, and emoji. `\w` would cut Hindi, Thai and Tamil
tags short and drop emoji.
"""

from unicodedata import normalize

import regex

from socialsense.errors import InputError

MAX_LENGTH = 100
"""Longer runs are no hashtags on Instagram; they are left out, not cut."""

# Every start is looked at once: a run is entered at its beginning or not at all.
_LINK = regex.compile(
    r"(?:https?://|www\.)\S+|(?<![\w-])(?<![\w-]\.)[\w-]++(?:\.[\w-]++)++/\S*", regex.IGNORECASE
)
_LETTER = r"\p{XID_Continue}\p{Extended_Pictographic}"
# ZWJ and ZWNJ join emoji and Indic or Persian letters (at an end they join nothing: see
# hashtag_key); an emoji may hold skin, flag letters, a keycap's frame, a region's tags.
_INNER = r"\u200c\u200d\p{Emoji_Modifier}\p{Regional_Indicator}\u20e3\U000e0020-\U000e007f"
_BODY = rf"(?:\p{{Regional_Indicator}}{{2}}|[{_LETTER}])[{_LETTER}{_INNER}]*+"
# "&#39;" is an entity, "page#part" a fragment; a mark makes of "#" another sign, such
# as the keycap; "#one#two" is two hashtags.
_RUN = regex.compile(
    rf"(?<![\p{{XID_Continue}}&#＃])(?:[#＃]++(?![\p{{M}}\u200c\u200d])({_BODY}))++"
)
_MEANINGFUL = regex.compile(r"[^\p{Nd}_\u200c\u200d\ufe0f\u20e3]")
_EDGE = regex.compile(r"\A[\s#＃\u200c\u200d]++|(?<![\s\u200c\u200d])[\s\u200c\u200d]++\Z")


def hashtag_key(text: str) -> str:
    """The form under which a hashtag is stored and compared: no '#', NFC, casefolded."""
    return normalize("NFC", normalize("NFD", _EDGE.sub("", text)).casefold())


def typed_hashtags(text: str) -> tuple[str, ...]:
    """What a person named, as keys: every word is a hashtag here, with # or without."""
    words = text.replace(",", " ").split()
    return find_hashtags(" ".join(f"#{word.lstrip('#')}" for word in words))


def clean_hashtags(text: str) -> tuple[str, ...]:
    """The same. Raises InputError where it names none."""
    if found := typed_hashtags(text):
        return found
    raise InputError(
        "No hashtag is named.",
        means="There is nothing to collect.",
        do="Name some, with or without #.",
    )


def find_hashtags(text: str | None) -> tuple[str, ...]:
    """The distinct hashtags of a caption, as keys, in order of first appearance."""
    if not text:
        return ()
    keys = (
        hashtag_key(body)
        for run in _RUN.finditer(_LINK.sub(" ", normalize("NFC", text)))
        for body in run.captures(1)
    )
    return tuple(
        dict.fromkeys(key for key in keys if len(key) <= MAX_LENGTH and _MEANINGFUL.search(key))
    )
