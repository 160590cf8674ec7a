"""What one page told: its known documents, read together, and the text of them to keep."""

import json
import re
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from socialsense.dialects.documents import answers, embedded
from socialsense.dialects.read import is_known, read_documents
from socialsense.dialects.reading import Reading
from socialsense.errors import PageChanged

MOST_KEPT = 4 * 2**20
"""Characters kept of a page whose shape is not known."""

_SECRET = re.compile(
    r"""(?P<mark>\\*")(?P<key>[\w-]*(?:token|dtsg|csrf|sessionid)[\w-]*|lsd|jazoest)(?P=mark)"""
    r"""\s*:\s*(?P=mark)(?!(?P=mark)).*?(?<!\\)(?P=mark)""",
    re.IGNORECASE,
)


class Told:
    """Documents as they come; `reading` is what those so far tell together."""

    def __init__(self) -> None:
        self._at = datetime.now(UTC)
        self._documents: list[Any] = []

    def add_page(self, html: str) -> bool:
        """Whether anything embedded in a page is known. Raises PageChanged."""
        return self._add(embedded, html)

    def add_answer(self, body: str) -> bool:
        """Whether anything in an answer is known. Raises PageChanged."""
        return self._add(answers, body)

    def _add(self, parse: Any, text: str) -> bool:
        try:
            known = [document for document in parse(text) if is_known([document])]
        except PageChanged as problem:
            problem.payload = masked(text)[:MOST_KEPT]
            raise
        self._documents += known
        self.__dict__.pop("reading", None)
        return bool(known)

    @cached_property
    def reading(self) -> Reading:
        """Raises PageChanged, which carries the documents."""
        try:
            return read_documents(self._documents, self._at)
        except PageChanged as problem:
            problem.payload = self.payload[:MOST_KEPT]
            raise

    @property
    def payload(self) -> str:
        """The documents, one a line, without secrets; `read_answer` reads the same of it."""
        return masked("\n".join(map(_dumped, self._documents)))

    def __bool__(self) -> bool:
        return bool(self._documents)


def masked(text: str) -> str:
    """A text of JSON without the values of its tokens, also where JSON stands in a string."""
    return _SECRET.sub(r"\g<mark>\g<key>\g<mark>:\g<mark>-\g<mark>", text)


def _dumped(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"))
