"""The pages' own requests: chosen by the name of the query, as the real endpoints do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.replica import polaris, serp, shapes
from tests.replica.pages import stream
from tests.replica.pictures import Links
from tests.replica.shapes import Json
from tests.replica.world import Account, World

EXECUTION_ERROR: Json = {
    "data": None,
    "errors": [{"message": "execution error", "severity": "CRITICAL"}],
}
FINAL: Json = {"extensions": {"is_final": True}}


def answer(world: World, links: Links, form: Mapping[str, str], *, logged_in: bool) -> str | None:
    """What `/api/graphql` says; None where one has to be logged in."""
    name = form.get("fb_api_req_friendly_name", "")
    try:
        asked = json.loads(form.get("variables", "{}"))
    except json.JSONDecodeError:
        asked = None
    if not isinstance(asked, dict):
        return stream(EXECUTION_ERROR)
    if "LoggedOut" in name:
        data = visitor(world, links, name, asked)
    elif not logged_in:
        return None
    else:
        data = member(world, links, name, asked)
    if data is None:
        return stream(EXECUTION_ERROR)
    if serp.KEYWORD in data:
        deferred = {"label": f"{name}$defer$viewer", "path": ["xdt_viewer"], "data": {}}
        return stream({"data": data}, deferred | FINAL)
    return stream({"data": data} | FINAL | {"status": "ok"})


def member(world: World, links: Links, name: str, asked: dict[str, Any]) -> Json | None:
    after = asked.get("after")
    if name.startswith("PolarisKeywordSearchExplorePage"):
        return serp.keyword_grid(world, str(asked.get("query", "")), links, after)
    if name.startswith("PolarisPostRootQuery"):
        return shapes.post_root(world, str(asked.get("shortcode", "")), links)
    if name.startswith("PolarisProfilePostsTabContentQuery"):
        account = world.people.get(str(asked.get("username", "")))
        return shapes.timeline(world, account, links, after) if account else None
    if name.startswith("PolarisProfilePageContentQuery"):
        account = by_number(world, str(asked.get("id", "")))
        return shapes.profile(world, account, links) if account else None
    return None


def visitor(world: World, links: Links, name: str, asked: dict[str, Any]) -> Json | None:
    if name.startswith("PolarisLoggedOutDesktopWWWProfileRootContentQuery"):
        return polaris.profile(world.people.get(str(asked.get("username", ""))), links)
    if name.startswith("PolarisLoggedOutDesktopWWWPostRootContentQuery"):
        post = world.by_pk.get(int(asked.get("media_id", 0)))
        return polaris.post_page(world, post.code if post else "", links)
    if name.startswith("PolarisLoggedOutDesktopWWWProfilePostsTabContentQuery"):
        account = by_number(world, str(asked.get("id", "")))
        return polaris.grid_page(world, account, links, asked.get("after")) if account else None
    return None


def by_number(world: World, number: str) -> Account | None:
    """The account of a pk or of its other, longer number."""
    return next((a for a in world.people.values() if number in (str(a.pk), shapes.fb_id(a))), None)
