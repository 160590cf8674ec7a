"""The dialect of the logged-out web client (Polaris).

An account's `id` is that of Facebook here; `pk` is Instagram's. Only the page of a single post
tells likes: where they are not told they are unknown.
"""

from typing import Any

from socialsense.dialects.changed import changed
from socialsense.dialects.fields import Node, count, node, number, text
from socialsense.dialects.media import read_connection, read_media
from socialsense.dialects.reading import Draft, Root

_TIMELINE = "polaris_ordered_timeline_connection"


def _read_user(_parent: Node, value: Any, draft: Draft) -> None:
    if value is None:
        draft.gone = "missing"
        return
    user = node(value)
    handle, pk = text(user.get("username")), number(user.get("pk"))
    if not handle or not {"follower_count", _TIMELINE} & user.keys():
        raise changed("A profile on Instagram tells neither followers nor posts.", value)
    draft.owner(pk, handle)
    if "follower_count" in user:
        followers, posts = count(user.get("follower_count")), count(user.get("all_media_count"))
        draft.profile(user, pk, followers, posts)
    if _TIMELINE in user:
        read_connection(user[_TIMELINE], draft)


def _read_connection(_parent: Node, value: Any, draft: Draft) -> None:
    read_connection(value, draft)


def _read_post(_parent: Node, value: Any, draft: Draft) -> None:
    """The post alone; its owner's other posts beside it tell no likes, and come with a profile."""
    if value is None:
        draft.gone = "missing"
        return
    inside = node(value)
    if "if_not_gated_logged_out" not in inside:
        raise changed("A page of one post on Instagram holds none.", value)
    if inside["if_not_gated_logged_out"] is None:
        draft.gone = "gated" if inside.get("gating_ruling") else "missing"
        return
    post = node(inside["if_not_gated_logged_out"])
    if "like_count" not in post and post.get("like_and_view_counts_disabled") is not True:
        raise changed("A page of one post on Instagram does not tell its likes.", post)
    read_media([post], draft)


ROOTS: dict[str, tuple[Root, ...]] = {
    "xig_user_by_username": (Root("profile", _read_user),),
    _TIMELINE: (Root("profile", _read_connection),),
    "xig_polaris_media": (Root("post", _read_post),),
    "xig_logged_out_popular_search_media_info": (Root("hashtag", _read_connection),),
}
