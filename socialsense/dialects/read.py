"""Reading a page or an answer, in whichever dialect its keys are."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from socialsense.dialects import legacy, polaris, xdt
from socialsense.dialects.documents import answers, embedded
from socialsense.dialects.fields import Node
from socialsense.dialects.reading import Draft, Reading, Root
from socialsense.types import Page, Post

SOURCE = "browser"

_ROOTS: dict[str, tuple[Root, ...]] = {**xdt.ROOTS, **polaris.ROOTS, **legacy.ROOTS}


def read_page(html: str, fetched_at: datetime, source: str = SOURCE) -> Reading:
    """What a page's embedded data tell. Raises PageChanged."""
    return read_documents(embedded(html), fetched_at, source)


def read_answer(body: str, fetched_at: datetime, source: str = SOURCE) -> Reading:
    """What the body of an answer to the page tells. Raises PageChanged."""
    return read_documents(answers(body), fetched_at, source)


def read_documents(documents: Iterable[Any], fetched_at: datetime, source: str = SOURCE) -> Reading:
    """What JSON documents of one page tell together.

    Raises PageChanged where nothing is known, where a post or a list of posts has another shape
    than it had, and where posts should be and are not. A hashtag that nobody uses, or that is
    banned, is an empty reading without more.
    """
    seen = list(documents)
    draft = Draft(fetched_at, source)
    fill(draft, seen)
    return draft.finish(seen)


def fill(draft: Draft, documents: Iterable[Any]) -> None:
    """Writes what JSON documents tell into a draft. Raises PageChanged."""
    for root, parent, value in _matches(list(documents)):
        draft.kinds.add(root.kind)
        root.read(parent, value, draft)


def is_known(documents: Iterable[Any]) -> bool:
    """Whether an answer is of the kinds read here; a page asks for much else."""
    return next(_matches(list(documents)), None) is not None


def page_of(reading: Reading, payload: str | None = None, handle: str | None = None) -> Page[Post]:
    """What was read, as a source gives it; of its accounts, the viewer's among them, only one."""
    asked = tuple(profile for profile in reading.profiles if profile.handle == handle)
    return Page(reading.posts, reading.cursor, asked, reading.sizes, payload)


def _matches(documents: list[Any]) -> Iterator[tuple[Root, Node, Any]]:
    """Known keys anywhere, in order, with the object that holds them and their value.

    What stands under a known key is its reader's. Without recursion: depth is the sender's.
    """
    stack = documents[::-1]
    while stack:
        value = stack.pop()
        inside: list[Any] = []
        if isinstance(value, list):
            inside = value
        elif isinstance(value, dict):
            for key, child in value.items():
                roots = _ROOTS.get(key, ())
                root = next((r for r in roots if r.claims(value, child)), None) if roots else None
                if root is None:
                    inside.append(child)
                else:
                    yield root, value, child
        stack.extend(reversed(inside))
