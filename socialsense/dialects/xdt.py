"""The dialect of the logged-in web client (XDT), and its REST twins."""

from collections.abc import Iterator
from typing import Any

from socialsense.dialects.changed import changed
from socialsense.dialects.fields import Node, count, node, nodes, number, text
from socialsense.dialects.media import (
    edges,
    is_left_out,
    read_connection,
    read_media,
    read_page_info,
)
from socialsense.dialects.reading import Draft, Root
from socialsense.hashtag_text import hashtag_key

_WITHOUT_POSTS = ("XDTTopSerpHeaderUnit", "XDTTopSerpAccountsHCMUnit")


def _read_profile(parent: Node, _value: Any, draft: Draft) -> None:
    followers, posts = count(parent.get("follower_count")), count(parent.get("media_count"))
    draft.profile(parent, number(parent.get("pk")), followers, posts)


def _read_no_user(_parent: Node, _value: Any, draft: Draft) -> None:
    draft.gone = "missing"


def _read_timeline(_parent: Node, value: Any, draft: Draft) -> None:
    _check_likes(edges(value))
    read_connection(value, draft)


def _read_grid(_parent: Node, value: Any, draft: Draft) -> None:
    entries: list[Any] = []
    for unit in map(node, edges(value)):
        if is_left_out(unit):
            draft.left_out += 1
        elif unit.get("__typename") not in _WITHOUT_POSTS:
            if not isinstance(unit.get("items"), list):
                raise changed("A row of a hashtag's posts is of an unknown type.", unit)
            entries += unit["items"]
    _read_entries(entries, draft)
    read_page_info(value, len(entries), draft)


def _read_post(_parent: Node, value: Any, draft: Draft) -> None:
    items = node(value).get("items")
    if value is not None and not isinstance(items, list):
        raise changed("A page of one post has no list of items.", value)
    if not items:
        draft.gone = "missing"
    _read_entries(nodes(items), draft)


def _read_feed(parent: Node, value: Any, draft: Draft) -> None:
    _read_entries(value, draft)
    _read_rest_cursor(parent, len(value), draft)


def _read_sections(parent: Node, value: Any, draft: Draft) -> None:
    entries = [entry for section in value for entry in _of_section(node(section))]
    _read_entries(entries, draft)
    _read_rest_cursor(parent, len(entries), draft)


def _of_section(section: Node) -> Iterator[Any]:
    """The posts of a section, which stand in one to three containers."""
    content = node(section.get("layout_content"))
    clips = node(node(content.get("one_by_two_item")).get("clips"))
    containers = (clips.get("items"), content.get("medias"), content.get("fill_items"))
    if not any(isinstance(container, list) for container in containers):
        raise changed("A section of a hashtag's posts holds none that is known.", section)
    for container in containers:
        for item in nodes(container):
            yield node(item).get("media")


def _read_entries(entries: list[Any], draft: Draft) -> None:
    _check_likes(entries)
    read_media(entries, draft)


def _check_likes(entries: list[Any]) -> None:
    """A page on which no post speaks of likes has renamed them; it did not hide them all."""
    spoken = any(
        "like_count" in entry or entry.get("like_and_view_counts_disabled") is True
        for entry in map(node, entries)
    )
    if entries and not spoken:
        raise changed("No post of a page tells its likes.", entries)


def _read_rest_cursor(parent: Node, entries: int, draft: Draft) -> None:
    more = any(parent.get(key) is True for key in ("more_available", "has_more"))
    cursor = parent.get("next_max_id")
    known = number(cursor) if isinstance(cursor, int) else text(cursor)
    draft.listing(entries, more=more, cursor=known, seen=parent)


def _read_size(parent: Node, value: Any, draft: Draft) -> None:
    draft.sizes.setdefault(hashtag_key(text(parent.get("name")) or ""), value)


def _is_profile(parent: Node, _value: Any) -> bool:
    return bool(text(parent.get("username")))


def _is_no_user(_parent: Node, value: Any) -> bool:
    inside = node(value)
    beside = {"user", "viewer", "xdt_viewer"}
    return "user" in inside and inside["user"] is None and inside.keys() <= beside


def _is_hashtag(parent: Node, value: Any) -> bool:
    return bool(text(parent.get("name"))) and count(value) is not None and "id" in parent


def _is_feed(parent: Node, value: Any) -> bool:
    return isinstance(value, list) and "more_available" in parent and not _is_info(parent, value)


def _is_info(parent: Node, value: Any) -> bool:
    """`media/<pk>/info/`; the feed, too, counts its items, but in pages of more than one."""
    asked_for_one = parent.get("num_results") == 1 and "user" not in parent
    return isinstance(value, list) and asked_for_one


ROOTS: dict[str, tuple[Root, ...]] = {
    "xdt_api__v1__feed__user_timeline_graphql_connection": (Root("profile", _read_timeline),),
    "xdt_fbsearch__top_serp_graphql": (Root("hashtag", _read_grid),),
    "xdt_api__v1__media__shortcode__web_info": (Root("post", _read_post),),
    "follower_count": (Root("profile", _read_profile, _is_profile),),
    "data": (Root("profile", _read_no_user, _is_no_user),),
    "sections": (Root("hashtag", _read_sections, lambda _, value: isinstance(value, list)),),
    "media_count": (Root("search", _read_size, _is_hashtag),),
    "items": (
        Root("profile", _read_feed, _is_feed),
        Root("post", lambda parent, _, draft: _read_post(parent, parent, draft), _is_info),
    ),
}
