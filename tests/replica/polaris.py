"""What a visitor who is not logged in is told: the Polaris dialect."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.replica.pictures import Links
from tests.replica.shapes import (
    GRID,
    MEDIA_TYPE,
    PRODUCT,
    Json,
    caption,
    fb_id,
    page_info,
    place_after,
    videos,
)
from tests.replica.shortcodes import to_code
from tests.replica.world import Account, Post, World

TYPES = {
    "image": "XIGPolarisImageMedia",
    "video": "XIGPolarisVideoMedia",
    "carousel": "XIGPolarisCarouselMedia",
}
PHRASES = ("aesthetic", "photography", "ideas", "quotes", "captions", "art", "wallpaper")


def profile(account: Account | None, links: Links) -> Json:
    """The header; `all_media_count` is never told here. Null for a missing account."""
    if account is None:
        return {"xig_user_by_username": None}
    user = {
        "pk": str(account.pk),
        "username": account.handle,
        "profile_pic_url": links.url(account.pk, 150, 150, kind="19"),
        "is_private": account.private,
        "is_unpublished": False,
        "biography": "slowly, and on purpose",
        "full_name": account.name,
        "is_verified": account.verified,
        "account_badges": [],
        "bio_links": [],
        "pronouns": [],
        "follower_count": account.followers,
        "following_count": account.following,
        "all_media_count": None,
        "id": fb_id(account),
        "lox_highlights_connection": {"edges": [], "page_info": page_info(None)},
        "is_coppa_enforced": False,
        "is_memorialized": False,
        "latest_reel_media": 0,
        "linked_fb_info": None,
        "has_any_clips": True,
    }
    return {"xig_user_by_username": user}


def grid_post(world: World, post: Post, links: Links) -> Json:
    """A post on a grid: no likes, no comments, no time."""
    owner = world.people[post.owner]
    kind = TYPES[post.kind]
    return {
        "__typename": kind,
        "pk": str(post.pk),
        "__isXIGPolarisMedia": kind,
        "accessibility_caption": f"Photo by {owner.name}.",
        "caption": None if post.caption is None else {"text": post.caption},
        "code": post.code,
        "seo_canonical_url": None,
        "display_uri": links.url(post.pk, 640, 800),
        "media_type": MEDIA_TYPE[post.kind],
        "product_type": PRODUCT[post.kind],
        "user": {"pk": str(owner.pk), "username": owner.handle, "id": fb_id(owner)},
        "carousel_media_count": post.slides or None,
        "id": f"POLARIS_{post.pk}",
    }


def connection(world: World, account: Account, links: Links, after: str | None = None) -> Json:
    """Twelve posts of a profile from a cursor."""
    posts = world.grid(account.handle)
    start = place_after(posts, after)
    page, more = posts[start : start + GRID], start + GRID < len(posts)
    end = f"AQHT{page[-1].pk}" if page and more else None
    edges = [{"node": grid_post(world, post, links), "cursor": f"AQHT{post.pk}"} for post in page]
    return {"edges": edges, "page_info": page_info(end) | {"start_cursor": "AQHTstart"}}


def grid_embedded(world: World, account: Account, links: Links) -> Json:
    known = {"pk": str(account.pk), "id": fb_id(account), "username": account.handle}
    grid = {"polaris_ordered_timeline_connection": connection(world, account, links)}
    return {"xig_user_by_username": known | {"is_private": account.private} | grid}


def grid_page(world: World, account: Account, links: Links, after: str | None) -> Json:
    """The same as the next page's own request is answered."""
    grid = connection(world, account, links, after)
    known = {"__typename": "User", "id": fb_id(account)}
    return {"node": known | {"polaris_ordered_timeline_connection": grid}}


def post_page(world: World, code: str, links: Links) -> Json:
    """A single post: the one place where a visitor is told likes, comments and time."""
    post = world.post(code)
    if post is None:
        return {"xig_polaris_media": None}
    owner = world.people[post.owner]
    shown = grid_post(world, post, links) | {
        "caption": caption(post),
        "caption_is_edited": False,
        "commenting_disabled_for_viewer": None,
        "image_versions2": {"candidates": links.candidates(post.pk, tall=post.kind == "video")},
        "taken_at": post.taken_at,
        "coauthor_producers": [{"username": post.coauthor}] if post.coauthor else [],
        "location": None if post.place is None else {"name": post.place},
        "like_count": 3 if post.likes_hidden else post.likes,
        "like_and_view_counts_disabled": post.likes_hidden,
        "comment_count": post.comments,
        "original_height": 1350,
        "original_width": 1080,
        "video_versions": videos(post, links),
        "carousel_media": [slide(post.pk + n, links) for n in range(1, post.slides + 1)] or None,
    }
    six = [{"node": edge["node"]} for edge in connection(world, owner, links)["edges"][:6]]
    shown["user"] |= {
        "__typename": "XIGPolarisUser",
        "full_name": owner.name,
        "is_private": owner.private,
        "is_verified": owner.verified,
        "polaris_ordered_timeline_connection": {"edges": six},
    }
    known = {"__typename": TYPES[post.kind], "pk": str(post.pk), "code": post.code}
    more = {"if_not_gated_logged_out": shown, "gating_ruling": None, "id": f"POLARIS_{post.pk}"}
    return {"xig_polaris_media": known | more}


def slide(pk: int, links: Links) -> Json:
    return {
        "__typename": TYPES["image"],
        "code": to_code(pk),
        "display_uri": links.url(pk, 640, 800),
        "accessibility_caption": None,
        "original_height": 1350,
        "original_width": 1080,
        "image_versions2": {"candidates": links.candidates(pk)},
        "id": f"POLARIS_{pk}",
        "pk": str(pk),
        "media_type": 1,
    }


def popular(world: World, tag: str, links: Links) -> Json:
    """A hashtag's page for visitors: reels alone, plays but no likes, related phrases."""
    reels = [post for post in world.top_posts(tag) if post.kind == "video"][:12]
    edges = [
        {
            "node": grid_post(world, post, links)
            | {"play_count": post.likes * 31, "video_versions": videos(post, links)},
            "cursor": f"AQHT{post.pk}",
        }
        for post in reels
    ]
    related = [
        {"node": {"query_text": f"{tag} {word}"}, "cursor": str(n)}
        for n, word in enumerate(PHRASES)
    ]
    return {
        "xig_logged_out_popular_search_media_info": {"edges": edges, "page_info": page_info(None)},
        "popular_search_related_keywords_connection": {
            "edges": related,
            "page_info": page_info(None),
        },
        "popular_search_keyword_description": {"plain_text": tag, "source_uris": []},
    }


def short_number(n: int) -> str:
    """As the description in a page's head tells it: exact below 10,000, then 15K, 1.2M."""
    if n < 10_000:
        return f"{n:,}"
    size, sign = (1_000_000, "M") if n >= 1_000_000 else (1000, "K")
    figure = f"{n / size:.1f}".removesuffix(".0") if n < 10 * size else str(n // size)
    return figure + sign


def description(world: World, account: Account) -> str:
    count = sum(post.owner == account.handle for post in world.grid(account.handle))
    return (
        f"{short_number(account.followers)} Followers, {short_number(account.following)} "
        f"Following, {count:,} Posts - See Instagram photos and videos from {account.name}"
    )


def post_description(post: Post) -> str:
    day = datetime.fromtimestamp(post.taken_at, UTC).strftime("%B %d, %Y")
    likes = 3 if post.likes_hidden else post.likes
    return f"{short_number(likes)} likes, {post.comments:,} comments - {post.owner} on {day}"
