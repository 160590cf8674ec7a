"""A hashtag's page for members: the keyword grid, with the overlaps and the ads of the real one."""

from __future__ import annotations

import base64
import binascii

from tests.replica.pictures import Links
from tests.replica.shapes import VIEWER, Json, media, page_info
from tests.replica.world import World

KEYWORD = "xdt_fbsearch__top_serp_graphql"
TOP, OVERLAP, ROW = 24, 3, 3


def keyword_grid(world: World, query: str, links: Links, after: str | None = None) -> Json:
    """24 posts of a hashtag, three a row; the next page begins with the last row of this one."""
    posts = world.top_posts(query.removeprefix("#"))
    start = read_cursor(after)
    page = posts[start : start + TOP]
    more = start + TOP < len(posts)
    rows: list[Json] = (
        [] if after or not page else [unit("Header"), unit("AccountsHCM"), unit("Header")]
    )
    shown = [media(world, post, links) for post in page]
    rows += [unit("MediaGrid", shown[n : n + ROW]) for n in range(0, len(shown), ROW)]
    if start and world.ads and page:
        ad = world.ads[start // (TOP - OVERLAP) % len(world.ads)]
        rows.append(unit("MediaGrid", [media(world, ad, links)]))
    end = write_cursor(start + TOP - OVERLAP) if more else None
    edges: list[Json] = [{"node": row, "cursor": None} for row in rows]
    if edges:
        edges[-1]["cursor"] = end
    viewer = {"id": VIEWER["id"], "hide_like_and_view_counts": False}
    return {"xdt_viewer": {"user": viewer}, KEYWORD: {"edges": edges, "page_info": page_info(end)}}


def unit(kind: str, items: list[Json] | None = None) -> Json:
    known = None if items is None else "media_grid"
    return {"__typename": f"XDTTopSerp{kind}Unit", "unit_type": known, "items": items}


def write_cursor(start: int) -> str:
    return "r:" + base64.urlsafe_b64encode(f"serp{start}".encode()).decode()


def read_cursor(cursor: str | None) -> int:
    """The place a cursor stands for; past every end if it is none of ours."""
    if not cursor:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor.removeprefix("r:")).decode()
        return int(text.removeprefix("serp"))
    except (ValueError, binascii.Error):
        return 10**9
