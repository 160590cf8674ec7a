"""Stands before the site: writes down what is asked, and lets the programme of faults act."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qs, unquote_plus

from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.replica.faults import INSIDE, INSTEAD, Faults, Surface, redirect, spoil

UNSEEN = ("/_replica/", "/static/", "/favicon")
SPARED = ("/challenge/", "/accounts/")
ANSWERS = ("/api/", "/graphql/")


@dataclass(frozen=True, slots=True)
class Request:
    """One line of the log."""

    n: int
    method: str
    path: str
    what: str
    surface: str
    fault: str | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Gate:
    """The site with its faults."""

    def __init__(self, site: ASGIApp, faults: Faults) -> None:
        self.site = site
        self.faults = faults
        self.log: list[Request] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or path.startswith(UNSEEN):
            await self.site(scope, receive, send)
            return
        surface = surface_of(path)
        body = await read(receive) if scope["method"] == "POST" else b""
        what = described(scope, body)
        spared = path.startswith(SPARED) or path == "/"
        fault = None if spared else self.faults.next(surface, what)
        self.log.append(Request(len(self.log), scope["method"], path, what, surface, fault))
        await self._answer(fault, surface, scope, again(body), send)

    async def _answer(
        self, fault: str | None, surface: Surface, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if fault is None:
            await self.site(scope, receive, send)
        elif fault in INSIDE:
            await self._spoilt(fault, scope, receive, send)
        elif (target := redirect(fault, surface, scope["path"])) is not None:
            await RedirectResponse(target, 302)(scope, receive, send)
        else:
            status, kind, text = INSTEAD[fault]
            await Response(text, status, {"content-type": kind})(scope, receive, send)

    async def _spoilt(self, fault: str, scope: Scope, receive: Receive, send: Send) -> None:
        if fault == "slow":
            await asyncio.sleep(self.faults.delay)
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(dict(message))

        await self.site(scope, receive, keep)
        start, body = kept[0], b"".join(message.get("body", b"") for message in kept[1:])
        if fault in ("renamed", "malformed", "shell"):
            body = spoil(fault, body)
            start["headers"] = resized(start["headers"], len(body))
        await send(start)
        # A cut answer stops half-way: the server closes the connection on it.
        half = fault == "cut"
        part = body[: len(body) // 2] if half else body
        await send({"type": "http.response.body", "body": part, "more_body": half})


def surface_of(path: str) -> Surface:
    if path.startswith("/v/"):
        return "image"
    return "answer" if path.startswith(ANSWERS) else "page"


def described(scope: Scope, body: bytes) -> str:
    """What is asked for, the same whenever it is asked for again (signatures left out)."""
    path: str = scope["path"]
    if path.startswith("/v/"):
        return path
    form = parse_qs(body.decode(errors="replace"))
    query = unquote_plus(scope.get("query_string", b"").decode())
    said = [*form.get("fb_api_req_friendly_name", []), *form.get("variables", [])]
    return " ".join([path + (f"?{query}" if query else ""), *said])


async def read(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message: MutableMapping[str, Any] = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def again(body: bytes) -> Receive:
    """A body that was read already, to be read once more."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def resized(headers: list[tuple[bytes, bytes]], length: int) -> list[tuple[bytes, bytes]]:
    kept = [(name, value) for name, value in headers if name != b"content-length"]
    return [*kept, (b"content-length", str(length).encode())]
