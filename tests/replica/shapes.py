"""What the logged-in web client is told: the XDT dialect.

`viewer` is the account that is logged in. Every function returns the object under `data`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from tests.replica.pictures import Links
from tests.replica.world import Account, Post, World

Json: TypeAlias = dict[str, Any]

VIEWER: Json = {"pk": "7199999999", "id": "7199999999", "username": "my.own.account"}
GRID = 12  # posts a page of a profile
MEDIA_TYPE = {"image": 1, "video": 2, "carousel": 8}
PRODUCT = {"image": "feed", "video": "clips", "carousel": "carousel_container"}
HIDDEN_LIKES = 3  # what the client is told where likes are hidden
TIMELINE = "xdt_api__v1__feed__user_timeline_graphql_connection"
NOTHING = (
    *("boosted_status", "inventory_source", "video_dash_manifest", "sponsor_tags", "link", "group"),
    *("title", "preview", "comments_disabled", "commenting_disabled_for_viewer", "top_likers"),
    *("facepile_top_likers", "view_count", "media_overlay_info", "carousel_parent_id"),
    *("has_viewer_saved", "usertags", "clips_metadata", "is_dash_eligible", "number_of_qualities"),
)
UNKNOWN_OF_USER = (
    *("friendship_status", "latest_besties_reel_media", "latest_reel_media"),
    *("live_broadcast_visibility", "live_broadcast_id"),
)


def fb_id(account: Account) -> str:
    """The other number of an account, which must not be taken for its pk."""
    return f"1784140{account.pk}"


def short_user(account: Account, links: Links) -> Json:
    face = links.url(account.pk, 150, 150, kind="19")
    return dict.fromkeys(UNKNOWN_OF_USER) | {
        "pk": str(account.pk),
        "profile_pic_url": face,
        "username": account.handle,
        "is_private": account.private,
        "is_verified": account.verified,
        "is_embeds_disabled": False,
        "is_unpublished": False,
        "id": str(account.pk),
        "hd_profile_pic_url_info": {"url": face},
        "__typename": "XDTUserDict",
        "full_name": account.name,
    }


def profile(world: World, account: Account, links: Links) -> Json:
    """The answer of PolarisProfilePageContentQuery."""
    no = ("following", "blocking", "incoming_request", "outgoing_request", "followed_by")
    user = short_user(account, links) | {
        "friendship_status": dict.fromkeys(no, False),
        "gating": None,
        "fbid_v2": fb_id(account),
        "biography": "slowly, and on purpose",
        "account_type": 3,
        "follower_count": account.followers,
        "following_count": account.following,
        "media_count": sum(post.owner == account.handle for post in world.grid(account.handle)),
        "category": "Artist",
        "is_business": False,
        "pronouns": [],
        "bio_links": [],
        "biography_with_entities": {"entities": []},
        "external_url": None,
        "is_memorialized": False,
        "is_professional_account": None,
        "mutual_followers_count": 0,
        "should_show_category": True,
        "total_clips_count": 0,
    }
    for key in (*UNKNOWN_OF_USER[1:], "is_embeds_disabled", "__typename"):
        del user[key]
    return {"user": user, "viewer": {"user": VIEWER}}


def media(world: World, post: Post, links: Links) -> Json:
    """One post as grids and post pages hold it."""
    owner = world.people[post.owner]
    tall = post.kind == "video"
    return dict.fromkeys(NOTHING) | {
        "code": post.code,
        "pk": str(post.pk),
        "id": f"{post.pk}_{owner.pk}",
        "ad_id": f"2385{post.pk % 10**12}" if post.ad else None,
        "caption": caption(post),
        "caption_is_edited": False,
        "taken_at": post.taken_at,
        "video_versions": videos(post, links),
        "image_versions2": {"candidates": links.candidates(post.pk, tall=tall)},
        "is_paid_partnership": post.sponsored,
        "original_height": 1920 if tall else 1350,
        "original_width": 1080,
        "user": short_user(owner, links),
        "owner": {"pk": str(owner.pk), "id": str(owner.pk), "username": owner.handle}
        | {"__typename": "XDTUserDict"},
        "coauthor_producers": coauthors(world, post, links),
        "invited_coauthor_producers": [],
        "comment_count": post.comments,
        "like_and_view_counts_disabled": post.likes_hidden,
        "has_liked": False,
        "like_count": HIDDEN_LIKES if post.likes_hidden else post.likes,
        "photo_of_you": False,
        "product_type": PRODUCT[post.kind],
        "media_type": MEDIA_TYPE[post.kind],
        "carousel_media_count": post.slides or None,
        "carousel_media": slides(post, owner, links),
        "location": location(post),
        "has_audio": True if tall else None,
        "timeline_pinned_user_ids": [str(owner.pk)] if post.pinned else None,
        "accessibility_caption": f"Photo by {owner.name}.",
        "__typename": "XDTMediaDict",
    }


def location(post: Post) -> Json | None:
    if post.place is None:
        return None
    return {"pk": str(sum(post.place.encode())), "name": post.place}


def caption(post: Post) -> Json | None:
    if post.caption is None:
        return None
    known = {"has_translation": None, "created_at": post.taken_at, "pk": f"18{post.pk % 10**15}"}
    return known | {"text": post.caption}


def videos(post: Post, links: Links) -> list[Json] | None:
    if post.kind != "video":
        return None
    url = links.video(post.pk)
    return [{"width": 720, "height": 1280, "url": url, "type": kind} for kind in (101, 102, 103)]


def coauthors(world: World, post: Post, links: Links) -> list[Json]:
    if post.coauthor is None:
        return []
    keys = ("pk", "profile_pic_url", "username", "is_verified", "id", "full_name")
    user = short_user(world.people[post.coauthor], links)
    return [{key: user[key] for key in keys}]


def slides(post: Post, owner: Account, links: Links) -> list[Json] | None:
    """The pictures of a carousel; the first is the post's own."""
    if not post.slides:
        return None
    rest = {"accessibility_caption": None, "user": None, "usertags": None, "video_versions": None}
    return [
        rest
        | {
            "id": f"{post.pk + n}_{owner.pk}",
            "pk": str(post.pk + n),
            "media_type": 1,
            "original_height": 1350,
            "original_width": 1080,
            "image_versions2": {"candidates": links.candidates(post.pk + n - (n == 1))},
            "carousel_parent_id": f"{post.pk}_{owner.pk}",
            "link": None,
        }
        for n in range(1, post.slides + 1)
    ]


def timeline(world: World, account: Account, links: Links, after: str | None = None) -> Json:
    """Twelve posts of a profile from a cursor, `<pk>_<owner pk>` of the last one seen."""
    posts = world.grid(account.handle)
    start = place_after(posts, after)
    page, more = posts[start : start + GRID], start + GRID < len(posts)
    end = f"{page[-1].pk}_{account.pk}" if page and more else None
    return {
        TIMELINE: {
            "edges": [{"node": media(world, post, links), "cursor": ""} for post in page],
            "page_info": page_info(end) | {"has_previous_page": False, "start_cursor": None},
        },
        "xdt_viewer": {"user": {"id": VIEWER["id"]}},
    }


def place_after(posts: Sequence[Post], after: str | None) -> int:
    """Where to go on behind a cursor; at the end if it is of no post here."""
    if not after:
        return 0
    pk = after.removeprefix("AQHT").split("_")[0]
    return next((n + 1 for n, post in enumerate(posts) if str(post.pk) == pk), len(posts))


def page_info(end: str | None) -> Json:
    return {"end_cursor": end, "has_next_page": end is not None}


def post_root(world: World, code: str, links: Links) -> Json:
    """The answer of PolarisPostRootQuery; nothing under its key where there is no such post."""
    post = world.post(code)
    found = None if post is None else {"items": [media(world, post, links)]}
    return {
        "xdt_api__v1__media__shortcode__web_info": found,
        "xdt_viewer": {"user": {"id": VIEWER["id"]}},
    }
