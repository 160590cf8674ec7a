"""Small made-up answers of Instagram; everyone in them is fictional."""

import json
from datetime import UTC, datetime

from socialsense.dialects.read import read_documents

NOW = datetime(2026, 11, 24, tzinfo=UTC)
OTTO = {"pk": "77", "username": "otto.bakes", "full_name": "Otto"}
PK = "4033977386251846633"
CODE = "Df7kQ9TgAPp"
TAKEN = 1795107600


def candidates(name, *sizes):
    return [{"url": f"https://cdn/{name}-{w}x{h}", "width": w, "height": h} for w, h in sizes]


def media(pk=PK, **other):
    """A post as the logged-in web client spells it."""
    return {
        "__typename": "XDTMediaDict",
        "pk": pk,
        "code": CODE,
        "taken_at": TAKEN,
        "user": OTTO,
        "media_type": 1,
        "caption": {"text": "Fresh #bread"},
        "like_count": 412,
        "comment_count": 18,
        "like_and_view_counts_disabled": False,
        "ad_id": None,
        "original_width": 1080,
        "original_height": 1350,
        "image_versions2": {"candidates": candidates("a", (720, 900), (1080, 1350), (1440, 1440))},
        **other,
    }


def connection(entries, cursor=None):
    return {
        "edges": [{"node": entry, "cursor": "not this"} for entry in entries],
        "page_info": {"end_cursor": cursor, "has_next_page": cursor is not None},
    }


def timeline(*entries, cursor=None):
    key = "xdt_api__v1__feed__user_timeline_graphql_connection"
    return {"data": {key: connection(entries, cursor)}}


def grid(*units, cursor=None):
    return {"data": {"xdt_fbsearch__top_serp_graphql": connection(units, cursor)}}


def row(*entries):
    return {"__typename": "XDTTopSerpMediaGridUnit", "items": list(entries)}


def post_root(*entries):
    return {"data": {"xdt_api__v1__media__shortcode__web_info": {"items": list(entries)}}}


def polaris_media(pk=PK, **other):
    user = {"pk": "77", "id": "17841400000000077", "username": "otto.bakes"}
    return {
        "__typename": "XIGPolarisImageMedia",
        "pk": pk,
        "id": f"POLARIS_{pk}",
        "code": CODE,
        "user": user,
        "caption": None,
        "display_uri": "https://cdn/shown",
        **other,
    }


def legacy_media(pk=PK, **other):
    return {
        "__typename": "GraphImage",
        "id": pk,
        "shortcode": CODE,
        "taken_at_timestamp": TAKEN,
        "owner": {"id": "77", "username": "otto.bakes"},
        "edge_media_to_caption": {"edges": [{"node": {"text": "Fresh #bread"}}]},
        "edge_media_to_comment": {"count": 18},
        "edge_liked_by": {"count": 412},
        "display_url": "https://cdn/legacy",
        **other,
    }


def legacy_profile(*entries, posts=9, **other):
    return {
        "data": {
            "user": {
                "id": "77",
                "username": "otto.bakes",
                "edge_followed_by": {"count": 1234},
                "edge_owner_to_timeline_media": {"count": posts, **connection(entries)},
                **other,
            }
        }
    }


def page(*documents, attributes='type="application/json" data-content-len="9" data-sjs'):
    """A page as the server sends it, with the documents far inside."""
    scripts = [
        f"<script {attributes}>"
        + json.dumps({"require": [["Stream", [], ["q", {"__bbox": {"result": document}}]]]})
        + "</script>"
        for document in documents
    ]
    return f"<!DOCTYPE html><html><script>var a = '<b>';</script>{''.join(scripts)}</html>"


def read(*documents):
    return read_documents(documents, NOW)


def only(*documents):
    (post,) = read(*documents).posts
    return post


def sections(*contents, **other):
    return {"sections": [{"layout_content": content} for content in contents], **other}
