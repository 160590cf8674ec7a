"""What `web_profile_info` still says: the GraphQL dialect of old."""

from __future__ import annotations

from tests.replica.pictures import Links
from tests.replica.shapes import GRID, Json, fb_id, page_info
from tests.replica.shortcodes import to_code
from tests.replica.world import Account, Post, World

GRAPH = {"image": "GraphImage", "video": "GraphVideo", "carousel": "GraphSidecar"}


def profile(world: World, account: Account, links: Links) -> Json:
    """web_profile_info: hidden likes are −1 here."""
    posts = world.grid(account.handle)
    more = len(posts) > GRID
    edges = [{"node": node(world, post, links)} for post in posts[:GRID]]
    user = {
        "edge_followed_by": {"count": account.followers},
        "edge_follow": {"count": account.following},
        "fbid": fb_id(account),
        "full_name": account.name,
        "id": str(account.pk),
        "is_private": account.private,
        "is_verified": account.verified,
        "username": account.handle,
        "edge_owner_to_timeline_media": {
            "count": len(posts),
            "page_info": page_info("QVFE==" if more else None),
            "edges": edges,
        },
        "profile_pic_url": links.url(account.pk, 150, 150, kind="19"),
        "edge_related_profiles": {"edges": []},
    }
    return {"data": {"user": user}, "status": "ok"}


def node(world: World, post: Post, links: Links) -> Json:
    owner = world.people[post.owner]
    who = {"id": str(owner.pk), "username": owner.handle}
    likes = {"count": -1 if post.likes_hidden else post.likes}
    text = [] if post.caption is None else [{"node": {"text": post.caption}}]
    return {
        "__typename": GRAPH[post.kind],
        "id": str(post.pk),
        "shortcode": post.code,
        "dimensions": {"height": 1350, "width": 1080},
        "display_url": links.url(post.pk),
        "owner": who,
        "is_video": post.kind == "video",
        "edge_media_to_caption": {"edges": text},
        "edge_media_to_comment": {"count": post.comments},
        "taken_at_timestamp": post.taken_at,
        "edge_liked_by": likes,
        "edge_media_preview_like": likes,
        "thumbnail_src": links.url(post.pk, 640, 640),
        "accessibility_caption": f"Photo by {owner.name}.",
        "location": None if post.place is None else {"name": post.place},
        "coauthor_producers": [{"username": post.coauthor}] if post.coauthor else [],
        "edge_media_to_tagged_user": {"edges": []},
        "thumbnail_resources": [
            {"src": links.url(post.pk, size, size), "config_width": size, "config_height": size}
            for size in (150, 240, 320, 480, 640)
        ],
        **children(post, links),
        "pinned_for_users": [who] if post.pinned else [],
    }


def children(post: Post, links: Links) -> Json:
    """The slides of a carousel; other posts have no such key."""
    if not post.slides:
        return {}
    slides = [
        {"__typename": "GraphImage", "id": str(pk), "shortcode": to_code(pk), "is_video": False}
        | {"dimensions": {"height": 1350, "width": 1080}, "display_url": links.url(pk)}
        for pk in range(post.pk + 1, post.pk + post.slides + 1)
    ]
    return {"edge_sidecar_to_children": {"edges": [{"node": slide} for slide in slides]}}
