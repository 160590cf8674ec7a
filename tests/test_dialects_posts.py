"""What each dialect says of profiles and posts, and every trap of §1.6."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialsense.dialects.fields import moment_of, picture, pk_of, shortcode_of
from socialsense.dialects.read import is_known, read_answer, read_documents, read_page
from socialsense.errors import PageChanged
from tests.dialect_documents import (
    CODE,
    OTTO,
    PK,
    TAKEN,
    candidates,
    connection,
    grid,
    legacy_media,
    legacy_profile,
    media,
    page,
    polaris_media,
    post_root,
    row,
    timeline,
)

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def read(*documents):
    return read_documents(documents, NOW)


def only(*documents):
    (post,) = read(*documents).posts
    return post


def sections(*contents, **other):
    return {"sections": [{"layout_content": content} for content in contents], **other}


def test_a_post_of_the_logged_in_web():
    post = only(post_root(media()))
    assert (post.pk, post.shortcode, post.handle) == (PK, CODE, "otto.bakes")
    assert post.taken_at == datetime.fromtimestamp(TAKEN, UTC)
    assert (post.likes, post.comments, post.engagement) == (412, 18, 430)
    assert (post.caption, post.hashtags) == ("Fresh #bread", ("bread",))
    assert (post.kind, post.pinned) == ("image", False)
    assert (post.source, post.fetched_at) == ("browser", NOW)


LIKES = [
    ({"like_count": 412}, 412),
    ({"like_count": 3}, 3),
    ({"like_count": 3, "like_and_view_counts_disabled": True}, None),
    ({"like_count": -1}, None),
    ({"like_count": 0}, 0),
    ({"like_count": 0, "like_and_view_counts_disabled": True}, None),
    ({"like_count": None}, None),
    ({"like_count": "412"}, None),
]


@pytest.mark.parametrize(("fields", "likes"), LIKES)
def test_hidden_likes_are_unknown(fields, likes):
    assert only(timeline(media(**fields))).likes == likes
    gated = {"xig_polaris_media": {"if_not_gated_logged_out": polaris_media(**fields)}}
    assert only(gated | {"media_type": 1}).likes == likes


def test_likes_absent_from_one_post_are_unknown():
    entry = media("2")
    del entry["like_count"]
    assert [post.likes for post in read(timeline(media("1"), entry)).posts] == [412, None]


def test_hidden_likes_of_the_legacy_dialect():
    assert only(legacy_profile(legacy_media())).likes == 412
    assert only(legacy_profile(legacy_media(edge_liked_by={"count": -1}))).likes is None


def test_pinned_is_what_the_owner_pinned():
    assert only(timeline(media(timeline_pinned_user_ids=["77"]))).pinned
    assert only(timeline(media(timeline_pinned_user_ids=[77]))).pinned
    assert not only(timeline(media(timeline_pinned_user_ids=["78"]))).pinned
    assert not only(timeline(media(timeline_pinned_user_ids=None))).pinned
    assert only(legacy_profile(legacy_media(pinned_for_users=[{"id": "77"}]))).pinned
    assert not only(legacy_profile(legacy_media(pinned_for_users=[{"id": "78"}]))).pinned


def test_a_caption_may_be_missing():
    assert only(timeline(media(caption=None))).caption is None
    assert only(legacy_profile(legacy_media(edge_media_to_caption={"edges": []}))).caption is None


def test_a_collaboration_stays_its_first_owners():
    reading = read(timeline(media(coauthor_producers=[{"pk": "78", "username": "lena.skies"}])))
    assert reading.posts[0].handle == "otto.bakes"
    assert reading.owners == {"77": "otto.bakes"}


def test_a_carousel_shows_its_first_picture():
    slides = [
        {"image_versions2": {"candidates": []}},
        {"image_versions2": {"candidates": candidates("slide", (640, 800))}},
    ]
    entry = media(media_type=8, image_versions2=None, carousel_media=slides)
    post = only(timeline(entry))
    assert (post.kind, post.image_url) == ("carousel", "https://cdn/slide-640x800")
    assert only(timeline(media(media_type=8, carousel_media=slides))).image_url.endswith(
        "1080x1350"
    )


@pytest.mark.parametrize(("given", "kind"), [(1, "image"), (2, "video"), (8, "carousel")])
def test_kinds(given, kind):
    assert only(timeline(media(media_type=given))).kind == kind


@pytest.mark.parametrize("name", ["Image", "Video", "Carousel"])
def test_kinds_by_name_where_nothing_else_tells(name):
    entry = polaris_media(__typename=f"XIGPolaris{name}Media")
    document = {"xig_logged_out_popular_search_media_info": connection([entry])}
    assert only(document).kind == name.lower()


@pytest.mark.parametrize(
    "ad",
    [
        media("2", ad_id="9"),
        media("2", injected={"label": "Sponsored"}),
        media("2", product_type="ad"),
        {"__typename": "XDTAdMediaDict"},
        {"__typename": "XDTSuggestedMediaUnit"},
    ],
)
def test_advertisements_and_suggestions_are_left_out_and_counted(ad):
    reading = read(timeline(media("1"), ad))
    assert [post.pk for post in reading.posts] == ["1"]
    assert reading.left_out == 1


def test_a_paid_partnership_is_a_post_like_any():
    assert only(timeline(media(is_paid_partnership=True, sponsor_tags=[OTTO]))).likes == 412


def test_pages_that_overlap_tell_a_post_once_and_keep_the_order():
    first, second = timeline(media("3"), media("1"), cursor="c"), timeline(media("1"), media("2"))
    reading = read(first, second)
    assert [post.pk for post in reading.posts] == ["3", "1", "2"]
    assert (reading.cursor, reading.more) == (None, False)


def test_time_comes_from_the_pk_where_it_is_missing():
    told = datetime.fromtimestamp(TAKEN, UTC)
    post = only({"node": {"polaris_ordered_timeline_connection": connection([polaris_media()])}})
    assert abs(post.taken_at - told) < timedelta(minutes=2)
    assert post.taken_at == moment_of(PK)
    assert (post.likes, post.comments) == (None, None)


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


@pytest.mark.parametrize(
    ("sizes", "original", "best"),
    [
        ([(640, 640), (320, 400), (1080, 1350)], (1080, 1350), "a-1080x1350"),
        ([(1440, 1440), (720, 900)], (1080, 1350), "a-720x900"),
        ([(640, 1138), (1080, 1080)], (1080, 1920), "a-640x1138"),
        ([(640, 640)], (1080, 1350), "a-640x640"),
        ([(150, 150), (720, 900)], (None, None), "a-720x900"),
        ([(0, 0)], (0, 0), "a-0x0"),
    ],
)
def test_the_largest_file_of_the_whole_picture(sizes, original, best):
    assert picture(candidates("a", *sizes), *original) == f"https://cdn/{best}"


def test_addresses_that_are_none_are_no_pictures():
    assert picture([{"url": "javascript:1", "width": 9, "height": 9}, {}, None], 1, 1) is None


def test_pk_and_shortcode_known_pairs():
    assert (shortcode_of(PK), pk_of(CODE)) == (CODE, PK)
    assert pk_of(CODE + "x" * 28) == PK
    assert (pk_of(""), pk_of("no code!"), pk_of("a" * 12)) == (None, None, None)


@given(st.integers(1, 2**63 - 1))
def test_a_shortcode_leads_back_to_its_pk(pk):
    assert pk_of(shortcode_of(str(pk))) == str(pk)
