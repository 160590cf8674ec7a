"""Samples of every surface, in faithful shapes; they lie beside the project, not in it."""

import json

import pytest

from socialsense.dialects.documents import embedded
from socialsense.dialects.read import read_documents, read_page
from socialsense.dialects.walls import wall_of
from socialsense.settings import ROOT
from tests.dialect_documents import NOW

SAMPLES = ROOT.parent / "shared" / "instagram"

pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the samples lie beside the project, and are not here"
)


@pytest.fixture(scope="module")
def surface():
    """The one sample of a file whose title holds some words."""

    def find(name, words):
        samples = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
        (found,) = (value for title, value in samples.items() if words in title)
        return found

    return find


def read(*documents):
    return read_documents(documents, NOW)


def html(name):
    return (SAMPLES / "samples" / "pages" / name).read_text(encoding="utf-8")


def told(reading):
    return [
        (post.pk, post.shortcode, post.caption, post.kind, post.pinned) for post in reading.posts
    ]


def counts(reading):
    return [(post.likes, post.comments, post.taken_at) for post in reading.posts]


def test_two_dialects_tell_one_profile_alike(surface):
    web = read(surface("profile", "PolarisProfilePostsTabContentQuery_connection"))
    legacy = read(surface("profile", "web_profile_info"))
    assert told(web) == told(legacy)
    assert counts(web) == counts(legacy)
    assert len(web.posts) == 12
    assert any(post.pinned for post in web.posts)
    assert any(post.likes is None for post in web.posts)
    assert any(post.caption is None for post in web.posts)
    assert {post.kind for post in web.posts} == {"image", "video", "carousel"}
    assert all("p1080x" in (post.image_url or "") for post in web.posts)
    assert web.cursor == "4022380974552646643_7100000001"


def test_profiles_of_every_surface(surface):
    web = read(surface("profile", "PolarisProfilePageContentQuery")).profiles
    legacy = read(surface("profile", "web_profile_info")).profiles
    assert web == legacy
    assert (web[0].handle, web[0].followers, web[0].posts_count) == ("nora.paints", 15230, 412)
    (private,) = read(surface("profile", "private profile")).profiles
    assert private.private
    assert read(surface("profile", "missing profile")).gone == "missing"


def test_the_logged_out_profile(surface):
    page = read_page(html("profile_logged_out.html"), NOW)
    assert page == read(surface("profile", "GET /<username>/ (logged out)"))
    assert (page.profiles[0].followers, len(page.posts), page.more) == (15230, 12, True)
    assert page.owners == {"7100000001": "nora.paints"}
    last = read(surface("profile", "logged out, next grid page"))
    assert (len(last.posts), last.more, last.cursor) == (6, False, None)


def test_the_app_feed(surface):
    feed = read(surface("profile", "app dialect"))
    assert (feed.kind, len(feed.posts), feed.more) == ("profile", 2, True)


def test_hashtag_pages_follow_one_another(surface):
    first = read(surface("tag", "first page, 11 rows"))
    second = read(surface("tag", "next page:"))
    assert (first.kind, len(first.posts), first.cursor) == ("hashtag", 24, "r:SERPsynthetic")
    assert (len(second.posts), second.more) == (3, False)
    assert [post.likes for post in first.posts[:6]] == [9120, 40210, 311, 1204, 15002, None]
    assert all(post.handle and post.image_url for post in first.posts)


def test_hashtag_pages_of_other_surfaces(surface):
    twin = read(surface("tag", "REST twin"))
    assert (len(twin.posts), twin.cursor) == (3, "r:synthetic")
    info = read(surface("tag", "tags/web_info"))
    assert info.sizes == {"sunset": 332114022}
    assert info.posts == read(surface("tag", "tags/sunset/sections/")).posts
    assert (len(info.posts), info.posts[0].kind) == (8, "video")
    assert read(surface("tag", "topsearch")).sizes["sunset"] == 332114022
    assert read(surface("tag", "unknown or banned tag")).posts == ()


def test_the_logged_out_hashtag_page(surface):
    page = read_page(html("tag_logged_out_popular.html"), NOW)
    assert page == read(surface("tag", "GET /popular/sunset/"))
    assert len(page.posts) == 8
    assert all(post.kind == "video" and post.likes is None for post in page.posts)


def test_one_post_of_every_surface(surface):
    web = read(surface("media", "PolarisPostRootQuery"))
    page = read_page(html("post_logged_out.html"), NOW)
    assert page == read(surface("media", "PolarisLoggedOutDesktopWWWPostRootContentQuery"))
    assert counts(web) == counts(page)
    assert (web.kind, page.kind, len(page.posts)) == ("post", "post", 1)
    assert (page.posts[0].likes, page.posts[0].comments) == (2410, 131)
    info = read(surface("media", "/info/"))
    assert (info.kind, info.posts[0].kind, info.posts[0].likes) == ("post", "video", 983)
    assert read(surface("media", "region-gated")).gone == "gated"
    assert read(surface("media", "variant: missing")).gone == "missing"


@pytest.mark.parametrize(
    ("words", "likes", "kind"),
    [
        ("hidden likes", None, "image"),
        ("no caption", 355, "image"),
        ("collaboration", 640, "image"),
        ("with location", 412, "image"),
        ("variant: reel", 983, "video"),
        ("variant: carousel", 2410, "carousel"),
    ],
)
def test_variants_of_a_post(surface, words, likes, kind):
    entry = surface("media", words)
    (post,) = read({"data": {"xdt_api__v1__media__shortcode__web_info": {"items": [entry]}}}).posts
    assert (post.handle, post.likes, post.kind) == ("nora.paints", likes, kind)


WALLS = {
    "rate_limited_429": "rate",
    "login_gate_401": "login",
    "graphql_rate_limited_200": "rate",
    "checkpoint_400": "challenge",
    "challenge_400": "challenge",
    "feedback_400": "blocked",
    "useragent_mismatch_400": "drift",
    "stale_doc_id_400": "drift",
    "graphql_execution_error_200": "drift",
    "login_required_403": "login",
    "redirect_login_302": "login",
    "redirect_challenge_302": "challenge",
    "redirect_home_302": "drift",
    "html_instead_of_json_200": "shell",
    "shell_without_data_200": "shell",
    "not_found_404": "missing",
    "cdn_expired_403": "expired",
}


def test_every_known_failure_is_a_wall():
    failures = json.loads((SAMPLES / "errors.json").read_text(encoding="utf-8"))
    found = {}
    for name, answer in failures.items():
        if name == "_about":
            continue
        body = answer.get("raw") or (json.dumps(answer["body"]) if "body" in answer else "<html>")
        wall = wall_of(answer["status"], answer.get("location", ""), body)
        found[name] = wall.kind if wall else None
    assert found == WALLS


@pytest.mark.parametrize("name", ["profile", "post", "tag"])
def test_pages_with_data_are_no_walls(name):
    for path in (SAMPLES / "samples" / "pages").glob(f"{name}_*.html"):
        body = path.read_text(encoding="utf-8")
        assert embedded(body)
        assert wall_of(200, "https://www.instagram.com/nora.paints/", body) is None
