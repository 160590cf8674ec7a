"""The dialect of GraphQL edges: `web_profile_info` and older answers."""

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
    pk_of,
    shortcode_of,
    text,
    visible_likes,
)
from socialsense.dialects.media import edges, is_advertisement, read_page_info
from socialsense.dialects.reading import Draft, Root
from socialsense.hashtag_text import hashtag_key
from socialsense.types import Post, PostKind

_KINDS: dict[str, PostKind] = {"Image": "image", "Video": "video", "Sidecar": "carousel"}
_LIKES = ("edge_liked_by", "edge_media_preview_like")
_COMMENTS = ("edge_media_to_parent_comment", "edge_media_to_comment")


def _read_profile(parent: Node, value: Any, draft: Draft) -> None:
    posts = _counted(parent, ("edge_owner_to_timeline_media",))
    draft.profile(parent, number(parent.get("id")), count(node(value).get("count")), posts)


def _read_listing(parent: Node, value: Any, draft: Draft) -> None:
    entries = edges(value)
    _read_entries(entries, draft)
    read_page_info(value, len(entries), draft)
    if "username" not in parent and (name := text(parent.get("name"))):
        size = _counted(parent, ("edge_hashtag_to_media",))
        draft.sizes.update({} if size is None else {hashtag_key(name): size})


def _read_post(_parent: Node, value: Any, draft: Draft) -> None:
    if value is None:
        draft.gone = "missing"
    else:
        _read_entries([value], draft)


def _read_entries(entries: list[Any], draft: Draft) -> None:
    if entries and not any(key in node(entry) for entry in entries for key in _LIKES):
        raise changed("No post of a page tells its likes.", entries)
    for entry in map(node, entries):
        if is_advertisement(entry):
            draft.left_out += 1
        else:
            draft.post(_post(entry, draft))


def _post(entry: Node, draft: Draft) -> Post:
    owner = node(entry.get("owner"))
    code = text(entry.get("shortcode"))
    pk = number(entry.get("id")) or pk_of(code or "")
    given = entry.get("taken_at_timestamp")
    taken_at = moment(given) if given else pk and moment_of(pk)
    kind = _kind(entry)
    if not (pk and taken_at and kind):
        raise changed("A post on Instagram lacks its id, time or type.", entry)
    draft.owner(number(owner.get("id")), text(owner.get("username")))
    return Post(
        pk=pk,
        shortcode=code or shortcode_of(pk),
        handle=text(owner.get("username")),
        taken_at=taken_at,
        kind=kind,
        caption=_caption(entry),
        likes=visible_likes(
            _counted(entry, _LIKES), hidden=entry.get("like_and_view_counts_disabled") is True
        ),
        comments=_counted(entry, _COMMENTS),
        source=draft.source,
        fetched_at=draft.fetched_at,
        image_url=link(entry.get("display_url")),
        pinned=_pinned(entry, number(owner.get("id"))),
    )


def _kind(entry: Node) -> PostKind | None:
    """By the type's name, GraphImage or XDTGraphImage; without a name, by what is inside."""
    name = text(entry.get("__typename"))
    if name:
        return _KINDS.get(name.removeprefix("XDT").removeprefix("Graph"))
    if "edge_sidecar_to_children" in entry:
        return "carousel"
    is_video = entry.get("is_video")
    return None if not isinstance(is_video, bool) else "video" if is_video else "image"


def _caption(entry: Node) -> str | None:
    lines = nodes(node(entry.get("edge_media_to_caption")).get("edges"))
    return text(node(node(lines[0]).get("node")).get("text")) if lines else None


def _counted(entry: Node, keys: tuple[str, ...]) -> int | None:
    """The `count` of the first connection that is there."""
    return next((count(node(entry[key]).get("count")) for key in keys if key in entry), None)


def _pinned(entry: Node, owner: str | None) -> bool:
    pins = map(node, nodes(entry.get("pinned_for_users")))
    return owner is not None and owner in {number(pin.get("id")) for pin in pins}


def _is_profile(parent: Node, _value: Any) -> bool:
    return bool(text(parent.get("username")))


ROOTS: dict[str, tuple[Root, ...]] = {
    "edge_followed_by": (Root("profile", _read_profile, _is_profile),),
    "edge_owner_to_timeline_media": (Root("profile", _read_listing),),
    "edge_hashtag_to_top_posts": (Root("hashtag", _read_listing),),
    "edge_hashtag_to_media": (Root("hashtag", _read_listing),),
    "shortcode_media": (Root("post", _read_post),),
    "xdt_shortcode_media": (Root("post", _read_post),),
}
