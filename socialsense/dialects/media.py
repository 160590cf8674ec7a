"""A post as the web client spells it, logged in (XDT) and logged out (Polaris) alike."""

import re
from collections.abc import Iterable
from typing import Any

from socialsense.dialects.changed import changed
from socialsense.dialects.fields import (
    Node,
    count,
    link,
    moment,
    moment_of,
    node,
    nodes,
    number,
    picture,
    pk_of,
    shortcode_of,
    text,
    visible_likes,
)
from socialsense.dialects.reading import Draft
from socialsense.types import Post, PostKind

_KINDS: dict[int, PostKind] = {1: "image", 2: "video", 8: "carousel"}
_NAMED: dict[str, PostKind] = {"Image": "image", "Video": "video", "Carousel": "carousel"}
_MEDIA = re.compile(r"XDTMediaDict|XIGPolaris(Image|Video|Carousel)Media")
_NOT_OURS = re.compile(r"Ads?(?=[A-Z]|\Z)|Sponsored|Suggest|Recommend|Netego")


def read_media(entries: Iterable[Any], draft: Draft) -> None:
    """Posts into the draft, advertisements and suggestions counted. Raises PageChanged."""
    for entry in map(node, entries):
        if is_advertisement(entry):
            draft.left_out += 1
        else:
            draft.post(_post(entry, draft))


def is_advertisement(entry: Node) -> bool:
    """Whether it is among the posts for money, or for another reason than being asked for."""
    if any(entry.get(key) for key in ("ad_id", "injected", "is_ad")):
        return True
    return entry.get("product_type") == "ad" or is_left_out(entry)


def is_left_out(entry: Node) -> bool:
    """Whether its type's name says that it was put in between."""
    return bool(_NOT_OURS.search(text(entry.get("__typename")) or ""))


def read_connection(value: Any, draft: Draft) -> None:
    """`edges`, each with a post as its `node`, and `page_info`. Raises PageChanged."""
    entries = edges(value)
    read_media(entries, draft)
    read_page_info(value, len(entries), draft)


def edges(value: Any) -> list[Any]:
    """The nodes of a connection. Raises PageChanged where it has no list of edges."""
    if not isinstance(node(value).get("edges"), list):
        raise changed("A list of posts has no edges.", value)
    return [node(edge).get("node") for edge in value["edges"]]


def read_page_info(value: Any, entries: int, draft: Draft) -> None:
    """Where a connection goes on. Its edges' own cursors are no cursors."""
    info = node(node(value).get("page_info"))
    more = info.get("has_next_page") is True
    draft.listing(entries, more=more, cursor=text(info.get("end_cursor")), seen=value)


def _post(entry: Node, draft: Draft) -> Post:
    user = node(entry.get("user")) or node(entry.get("owner"))
    owner, handle = number(user.get("pk")), text(user.get("username"))
    pk = number(entry.get("pk")) or number(entry.get("id")) or pk_of(text(entry.get("code")) or "")
    taken_at = moment(entry.get("taken_at")) if entry.get("taken_at") else pk and moment_of(pk)
    kind = _kind(entry)
    if not (pk and handle and taken_at and kind):
        raise changed("A post on Instagram lacks its pk, owner, time or type.", entry)
    draft.owner(owner, handle)
    return Post(
        pk=pk,
        shortcode=text(entry.get("code")) or shortcode_of(pk),
        handle=handle,
        taken_at=taken_at,
        kind=kind,
        caption=_caption(entry),
        likes=visible_likes(
            entry.get("like_count"), hidden=entry.get("like_and_view_counts_disabled") is True
        ),
        comments=count(entry.get("comment_count")),
        source=draft.source,
        fetched_at=draft.fetched_at,
        image_url=_cover(entry),
        pinned=owner is not None
        and owner in map(number, nodes(entry.get("timeline_pinned_user_ids"))),
    )


def _kind(entry: Node) -> PostKind | None:
    """By `media_type`, else by the type's name; None for a type that is not known."""
    media_type, name = entry.get("media_type"), text(entry.get("__typename"))
    known = _MEDIA.fullmatch(name) if name else None
    if name and not known:
        return None
    if isinstance(media_type, int):
        return _KINDS.get(media_type)
    return _NAMED.get(known[1] or "") if known else None


def _caption(entry: Node) -> str | None:
    return text(node(entry.get("caption")).get("text"))


def _cover(entry: Node) -> str | None:
    """The post's own picture, else that of the first slide that has one."""
    for item in (entry, *map(node, nodes(entry.get("carousel_media")))):
        sizes = node(item.get("image_versions2")).get("candidates")
        found = picture(sizes, item.get("original_width"), item.get("original_height"))
        if found or link(item.get("display_uri")):
            return found or link(item.get("display_uri"))
    return None
