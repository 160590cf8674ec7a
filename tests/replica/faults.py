"""A programme of faults by seed and rate, and what each looks like to a client.

Whether a request fails depends on the seed, on what is asked for and on how often it was asked
before, never on the order of different requests: the same programme whoever comes first.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Literal, TypeAlias

Surface: TypeAlias = Literal["page", "answer", "image"]

KINDS: dict[Surface, tuple[str, ...]] = {
    "page": ("shell", "rate", "login", "home", "error", "slow", "cut", "renamed", "malformed"),
    "answer": (
        "wait",
        "rate",
        "graphql_rate",
        "login_required",
        "stale",
        "html",
        "error",
        "slow",
        "cut",
        "renamed",
        "malformed",
    ),
    "image": ("error", "rate", "slow", "cut", "expired"),
}
"""Challenge and feedback come only when asked for by name: they are meant to stop a client."""
STOPPING = ("challenge", "feedback")
INSIDE = ("slow", "cut", "renamed", "malformed", "shell")
"""Faults of an answer that is under way; all others come in place of one."""

WAIT = "Please wait a few minutes before you try again."
ROOT_KEYS = (
    "xdt_fbsearch__top_serp_graphql",
    "xdt_api__v1__feed__user_timeline_graphql_connection",
    "xdt_api__v1__media__shortcode__web_info",
    "xig_user_by_username",
    "xig_polaris_media",
    "polaris_ordered_timeline_connection",
    "follower_count",
    "edge_followed_by",
)


def _failed(message: str, **more: object) -> str:
    return json.dumps({"message": message, **more, "status": "fail"})


JSON, HTML, SCRIPT, TEXT = (
    f"{kind}; charset=utf-8"
    for kind in ("application/json", "text/html", "text/javascript", "text/plain")
)
INSTEAD: dict[str, tuple[int, str, str]] = {
    "wait": (401, JSON, _failed(WAIT, require_login=True)),
    "rate": (429, JSON, _failed(WAIT, require_login=True)),
    "graphql_rate": (
        200,
        SCRIPT,
        'for (;;);{"__ar":1,"error":1675004,"errorSummary":"Rate limit exceeded"}',
    ),
    "login_required": (
        403,
        JSON,
        _failed("login_required", error_title="You've Been Logged Out", logout_reason=8),
    ),
    "stale": (
        400,
        JSON,
        _failed("invalid request", errors=[{"message": "execution error", "severity": "CRITICAL"}]),
    ),
    "feedback": (400, JSON, _failed("feedback_required", spam=True)),
    "challenge": (
        400,
        JSON,
        _failed("challenge_required", challenge={"url": "/challenge/", "lock": True}),
    ),
    "html": (200, HTML, "<!DOCTYPE html><html><body>Log in</body></html>"),
    "error": (500, HTML, "<!DOCTYPE html><html><body>5xx Server Error</body></html>"),
    "expired": (403, TEXT, "URL signature expired"),
}
REDIRECTS = {"login": "/accounts/login/?next=", "home": "/", "challenge": "/challenge/"}


@dataclass
class Faults:
    """Of `rate` (0 to 1) of all requests, one of `kinds` (all but the stopping ones by default)."""

    seed: int = 1
    rate: float = 0.0
    kinds: tuple[str, ...] = ()
    delay: float = 1.0
    ahead: deque[str] = field(default_factory=deque)
    challenged: bool = False
    asked: Counter[str] = field(default_factory=Counter)

    def next(self, surface: Surface, what: str) -> str | None:
        """The fault of this request, or None; a challenge stays until it is cleared."""
        if surface != "image" and self.challenged:
            return "challenge"
        fault = self._ahead(surface) or self._drawn(surface, what)
        self.challenged |= fault == "challenge"
        return fault

    def clear(self) -> None:
        """The person has answered the challenge."""
        self.challenged = False

    def programme(self, **changes: object) -> None:
        """A new programme from here on; `ahead` names faults of the very next requests.

        `cut` is for the next page or answer, `image:cut` for the next picture alone.
        """
        if isinstance(ahead := changes.pop("ahead", ()), Iterable):
            self.ahead = deque(map(str, ahead))
        if isinstance(kinds := changes.pop("kinds", self.kinds), Iterable):
            self.kinds = tuple(map(str, kinds))
        known = {*STOPPING, *(kind for kinds in KINDS.values() for kind in kinds)}
        if unknown := {name.rpartition(":")[2] for name in (*self.ahead, *self.kinds)} - known:
            raise ValueError(f"no such faults: {sorted(unknown)}; there are {sorted(known)}")
        for name, kind in (("seed", int), ("rate", float), ("delay", float)):
            if name in changes:
                setattr(self, name, kind(str(changes[name])))
        self.asked.clear()

    def _ahead(self, surface: Surface) -> str | None:
        where, _, fault = self.ahead[0].rpartition(":") if self.ahead else ("", "", "")
        meant = where == surface if where else surface != "image"
        if not (meant and fault in self._possible(surface)):
            return None
        self.ahead.popleft()
        return fault

    def _drawn(self, surface: Surface, what: str) -> str | None:
        if not self.rate:
            return None
        self.asked[what] += 1
        random = Random(f"{self.seed} {what} {self.asked[what]}")
        possible = [
            kind
            for kind in self._possible(surface)
            if (kind in self.kinds if self.kinds else kind not in STOPPING)
        ]
        return random.choice(possible) if possible and random.random() < self.rate else None

    @staticmethod
    def _possible(surface: Surface) -> tuple[str, ...]:
        stopping = {"page": ("challenge",), "answer": STOPPING, "image": ()}
        return KINDS[surface] + stopping[surface]


def redirect(fault: str, surface: Surface, path: str) -> str | None:
    """Where a page is sent instead; answers to scripts are not redirected."""
    if surface != "page" or fault not in REDIRECTS:
        return None
    return REDIRECTS[fault] + (path if fault == "login" else "")


def spoil(fault: str, body: bytes) -> bytes:
    """The body with its keys renamed, its JSON broken, or its data left out."""
    text = body.decode()
    if fault == "renamed":
        for key in ROOT_KEYS:
            text = text.replace(f'"{key}"', f'"{key}_v2"')
    elif fault == "malformed":
        # Every embedded block and every line loses a brace, whichever of them is read.
        text = text.replace('": {', '": ')
    elif fault == "shell":
        head, *rest = text.split('<script type="application/json"  data-content-len=')
        text = head + (rest[-1].partition("</script>")[2] if rest else "")
    return text.encode()
