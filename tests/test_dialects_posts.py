"""What each dialect says of single posts, and every trap of them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialsense.dialects.fields import moment_of, picture, pk_of, shortcode_of
from tests.dialect_documents import (
    CODE,
    NOW,
    OTTO,
    PK,
    TAKEN,
    candidates,
    connection,
    legacy_media,
    legacy_profile,
    media,
    only,
    polaris_media,
    post_root,
    read,
    timeline,
)


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
