"""What each dialect says of profiles, lists of posts and answers, and what changed is told."""

import json

import pytest

from socialsense.dialects.read import is_known, page_of, read_answer, read_page
from socialsense.errors import PageChanged
from tests.dialect_documents import (
    NOW,
    OTTO,
    PK,
    connection,
    grid,
    legacy_media,
    legacy_profile,
    media,
    only,
    page,
    polaris_media,
    post_root,
    read,
    row,
    sections,
    timeline,
)


def test_a_hashtags_grid():
    header = {"__typename": "XDTTopSerpHeaderUnit", "items": None}
    accounts = {"__typename": "XDTTopSerpAccountsHCMUnit", "items": [OTTO]}
    reading = read(
        grid(header, row(media("1"), media("2")), accounts, row(media("3")), cursor="r:1")
    )
    assert [post.pk for post in reading.posts] == ["1", "2", "3"]
    assert (reading.kind, reading.cursor, reading.more) == ("hashtag", "r:1", True)


def test_sections_have_three_containers():
    clips = {"clips": {"items": [{"media": media("1", media_type=2)}]}}
    left = {"one_by_two_item": clips, "fill_items": [{"media": media("2")}]}
    rest = {"medias": [{"media": media("3")}]}
    top = sections(left, rest, more_available=True, next_max_id="4f")
    told = {"id": "1", "name": "Bread", "media_count": 332, "top": top, "recent": {"sections": []}}
    reading = read({"count": 1, "data": told})
    assert [post.pk for post in reading.posts] == ["1", "2", "3"]
    assert (reading.kind, reading.cursor, reading.more) == ("hashtag", "4f", True)
    assert reading.sizes == {"bread": 332}


def test_sizes_of_hashtags_from_the_search_box():
    found = [{"hashtag": {"id": 1, "name": "bread", "media_count": 7}}]
    reading = read({"hashtags": found, "users": []})
    assert (reading.kind, reading.sizes, reading.posts) == ("search", {"bread": 7}, ())


def test_a_profile_of_the_logged_in_web():
    user = {**OTTO, "follower_count": 1234, "media_count": 9, "is_private": False}
    reading = read({"data": {"user": user, "viewer": {"user": {"pk": "1"}}}}, timeline(media()))
    (profile,) = reading.profiles
    assert (profile.handle, profile.followers, profile.posts_count) == ("otto.bakes", 1234, 9)
    assert (profile.name, profile.private, profile.source) == ("Otto", False, "browser")
    assert reading.kind == "profile"


def test_of_a_page_only_the_account_asked_for_is_kept():
    """The viewer's own may stand there as well."""
    users = [{**OTTO, "username": name, "follower_count": 9} for name in ("me", "otto.bakes")]
    reading = read(*({"data": {"user": user}} for user in users), timeline(media()))
    assert [profile.handle for profile in reading.profiles] == ["me", "otto.bakes"]
    (kept,) = page_of(reading, handle="otto.bakes").profiles
    assert kept.handle == "otto.bakes"
    assert page_of(reading).profiles == ()


def test_a_logged_out_profile_names_its_owner_by_pk():
    user = {**OTTO, "id": "17841400000000077", "follower_count": 1234, "all_media_count": None}
    posts = {**OTTO, "polaris_ordered_timeline_connection": connection([polaris_media()], "c")}
    html = page({"data": {"xig_user_by_username": user}}, {"data": {"xig_user_by_username": posts}})
    reading = read_page(html, NOW)
    assert [(profile.followers, profile.posts_count) for profile in reading.profiles] == [
        (1234, None)
    ]
    assert reading.owners == {"77": "otto.bakes"}
    assert reading.posts[0].image_url == "https://cdn/shown"
    assert (reading.cursor, reading.more) == ("c", True)


def test_a_legacy_profile():
    reading = read(legacy_profile(legacy_media(), is_private=False, full_name="Otto"))
    (profile,), (post,) = reading.profiles, reading.posts
    assert (profile.followers, profile.posts_count, profile.name) == (1234, 9, "Otto")
    assert (post.caption, post.comments, post.kind) == ("Fresh #bread", 18, "image")
    assert post.image_url == "https://cdn/legacy"


def test_a_legacy_hashtag():
    tag = {"id": "1", "name": "Bread", "edge_hashtag_to_top_posts": connection([legacy_media("1")])}
    tag["edge_hashtag_to_media"] = {"count": 332, **connection([legacy_media("2")], "c")}
    reading = read({"data": {"hashtag": tag}})
    assert [post.pk for post in reading.posts] == ["1", "2"]
    assert (reading.kind, reading.cursor, reading.sizes) == ("hashtag", "c", {"bread": 332})


@pytest.mark.parametrize("key", ["shortcode_media", "xdt_shortcode_media"])
def test_a_legacy_post(key):
    video = legacy_media(__typename="XDTGraphVideo")
    assert only({"data": {key: video}}).kind == "video"
    assert only({"data": {key: legacy_media(__typename="GraphSidecar")}}).kind == "carousel"


def test_answers_of_the_app():
    feed = {"items": [media(int(PK))], "num_results": 1, "more_available": True}
    reading = read({**feed, "next_max_id": "9_77", "user": OTTO})
    assert (reading.kind, reading.posts[0].pk, reading.cursor) == ("profile", PK, "9_77")
    info = read({"items": [media()], "num_results": 1, "more_available": False})
    assert (info.kind, len(info.posts)) == ("post", 1)


@pytest.mark.parametrize(
    ("document", "gone"),
    [
        ({"data": {"user": None}}, "missing"),
        ({"data": {"xig_user_by_username": None}}, "missing"),
        ({"data": {"xdt_api__v1__media__shortcode__web_info": None}}, "missing"),
        (post_root(), "missing"),
        ({"xig_polaris_media": None}, "missing"),
        ({"xig_polaris_media": {"if_not_gated_logged_out": None}}, "missing"),
        (
            {"xig_polaris_media": {"if_not_gated_logged_out": None, "gating_ruling": {"a": 1}}},
            "gated",
        ),
    ],
)
def test_what_is_not_there_is_told(document, gone):
    reading = read(document)
    assert (reading.gone, reading.posts) == (gone, ())


def renamed(entry, old):
    return {("x_" + key if key == old else key): value for key, value in entry.items()}


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"data": {"xdt_new_key": connection([media()])}},
        timeline(renamed(media(), "user")),
        timeline(renamed(media(), "like_count")),
        timeline(media(media_type=99)),
        timeline(media(__typename="XDTStrangeDict")),
        timeline(media(taken_at=10**15)),
        timeline("no post"),
        grid({"__typename": "XDTTopSerpStrangeUnit"}),
        grid(cursor="c"),
        {"data": {"xdt_fbsearch__top_serp_graphql": {"rows": []}}},
        sections({"new_container": [{"media": media()}]}),
        {"xig_user_by_username": OTTO},
        {"xig_polaris_media": {"pk": "1"}},
        {"xig_polaris_media": {"if_not_gated_logged_out": polaris_media()}},
        legacy_profile(),
        legacy_profile(renamed(legacy_media(), "edge_liked_by")),
        legacy_profile(legacy_media(__typename="GraphStrange")),
    ],
)
def test_what_is_not_as_it_was_is_told(document):
    with pytest.raises(PageChanged):
        read(document)


def test_the_error_names_the_keys_that_were_there():
    with pytest.raises(PageChanged, match="xdt_new_key") as told:
        read({"data": {"xdt_new_key": {"edges": []}}})
    assert told.value.keys == ("data", "xdt_new_key", "edges")


def test_more_without_a_cursor_is_told():
    document = timeline(media(), cursor="c")
    document["data"]["xdt_api__v1__feed__user_timeline_graphql_connection"]["page_info"] = {
        "has_next_page": True
    }
    with pytest.raises(PageChanged, match="does not say where"):
        read(document)


def test_empty_where_nothing_is_expected():
    private = read(legacy_profile(is_private=True))
    assert (private.profiles[0].private, private.posts) == (True, ())
    assert read(legacy_profile(posts=0)).posts == ()
    banned = read(grid())
    assert (banned.kind, banned.posts, banned.more) == ("hashtag", (), False)


def test_what_a_page_asks_for_beside_is_not_known():
    assert is_known([{"data": {}}, timeline()])
    assert not is_known([{"data": {"notifications": [{"user": OTTO, "items": []}]}}])


def test_an_answer_may_come_in_parts():
    body = f'for (;;);{{"data": {{}}}}\n{json.dumps(timeline(media()))}'
    assert read_answer(body, NOW).posts[0].pk == PK
