"""`/_replica/`: what tests and people at the keyboard ask of the replica itself."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

if TYPE_CHECKING:
    from tests.replica.server import Replica
    from tests.replica.world import Post


class Controls:
    """`log`, `truth` to read; `faults`, `settings`, `clear`, `forget` to post to."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/_replica/log", self.log),
            Route("/_replica/truth", self.truth),
            Route("/_replica/faults", self.faults, methods=["POST"]),
            Route("/_replica/settings", self.settings, methods=["POST"]),
            Route("/_replica/clear", self.clear, methods=["POST"]),
            Route("/_replica/forget", self.forget, methods=["POST"]),
        ]

    async def log(self, request: Request) -> Response:
        """Requests since `?after=`, each with the fault it met."""
        after = int(request.query_params.get("after", 0))
        return JSONResponse([line.as_dict() for line in self.replica.gate.log[after:]])

    async def truth(self, request: Request) -> Response:
        """Accounts and hashtags; with `?tag=` or `?handle=` the posts there as well."""
        world, asked = self.replica.world, request.query_params
        if tag := asked.get("tag"):
            return JSONResponse([told(post) for post in world.top_posts(tag)])
        if handle := asked.get("handle"):
            return JSONResponse([told(post) for post in world.grid(handle)])
        people = [asdict(account) for account in world.people.values()]
        return JSONResponse({"seed": world.seed, "hashtags": world.tags, "accounts": people})

    async def faults(self, request: Request) -> Response:
        """A new programme: any of seed, rate, kinds, delay, ahead."""
        try:
            self.replica.faults.programme(**json.loads(await request.body()))
        except (ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"ok": True})

    async def settings(self, request: Request) -> Response:
        """`lifetime` of picture addresses in seconds; `embedded`: whether pages hold data."""
        changes = json.loads(await request.body())
        self.replica.links.lifetime = float(changes.get("lifetime", self.replica.links.lifetime))
        self.replica.embedded = bool(changes.get("embedded", self.replica.embedded))
        return JSONResponse({"ok": True})

    async def clear(self, request: Request) -> Response:
        self.replica.faults.clear()
        return JSONResponse({"ok": True})

    async def forget(self, request: Request) -> Response:
        self.replica.gate.log.clear()
        return JSONResponse({"ok": True})


def told(post: Post) -> dict[str, object]:
    return asdict(post) | {"code": post.code}
