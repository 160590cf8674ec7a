r"""Finding hashtags in text, and the one spelling under which each is kept.

The rule is Unicode's (UTS #31 hashtag identifiers): letters, marks, digits and
underscore of every script, and emoji. `\w` would cut Hindi, Thai and Tamil
tags short and drop emoji.
"""

from unicodedata import normalize

import regex

MAX_LENGTH = 100
"""Longer runs are no hashtags on Instagram; they are left out, not cut."""

_LINK = regex.compile(r"(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)+/\S*", regex.IGNORECASE)
# ZWJ and ZWNJ join emoji and Indic or Persian letters; U+FE0F asks for emoji style.
_BODY = (
    r"[\p{XID_Continue}\p{Extended_Pictographic}]"
    r"[\p{XID_Continue}\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}"
    r"\u200c\u200d\ufe0f]*+"
)
_FLAG = r"\p{Regional_Indicator}{2}"
# "&#39;" is an entity, "page#part" a fragment; "#one#two" is two hashtags.
_RUN = regex.compile(rf"(?<![\p{{XID_Continue}}&])(?:[#＃]++((?:{_FLAG}|{_BODY})++))++")
_MEANINGFUL = regex.compile(r"[^\p{Nd}_\u200c\u200d\ufe0f]")


def hashtag_key(text: str) -> str:
    """The form under which a hashtag is stored and compared: no '#', NFC, casefolded."""
    bare = text.strip().lstrip("#＃")
    return normalize("NFC", normalize("NFD", bare).casefold())


def find_hashtags(text: str | None) -> tuple[str, ...]:
    """The distinct hashtags of a caption, as keys, in order of first appearance."""
    if not text:
        return ()
    found = (
        hashtag_key(body)
        for run in _RUN.finditer(_LINK.sub(" ", normalize("NFC", text)))
        for body in run.captures(1)
        if len(body) <= MAX_LENGTH and _MEANINGFUL.search(body)
    )
    return tuple(dict.fromkeys(found))
