"""Reading a handle the way people give it."""

import re

from socialsense.errors import HandleError

# A link to a post, a reel or a story is no profile; read as one it would name "p".
_LINK = re.compile(
    r"(?:https?://)?(?:www\.|m\.)?instagram\.com/"
    r"(?!(?:p|reels?|tv|stories|explore|accounts|direct)(?:[/?#]|$))@?([^/?#\s]+)",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?!\.)(?!.*\.\.)[a-z0-9._]{1,30}(?<!\.)")


def clean_handle(text: str) -> str:
    """'@Name', ' name ' or a profile link to 'name'. Raises HandleError."""
    bare = text.strip()
    link = _LINK.match(bare)
    handle = (link[1] if link else bare.removeprefix("@")).lower()
    if _HANDLE.fullmatch(handle):
        return handle
    if not handle:
        raise HandleError(
            "No handle was given.",
            means="The handle names the account whose posts set the scale.",
            do="Type one, for instance demo.windmills.",
        )
    raise HandleError(
        f"'{handle[:60]}' cannot be an Instagram handle.",
        means="Handles have 1 to 30 letters a–z, digits, dots and underscores, "
        "and no dot at an end or beside another.",
        do="Type it as it stands in the profile, with or without '@'.",
    )
