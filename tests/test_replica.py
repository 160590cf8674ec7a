"""The replica tells its truth in Instagram's words: over a real socket."""

import json
import time
from io import BytesIO
from urllib.parse import quote

import pytest
from PIL import Image

from tests.replica.fixtures import SMALL, address, member, replica, visitor
from tests.replica.pictures import draw
from tests.replica.shortcodes import from_code, to_code
from tests.replica.visitor import KEYWORD, TIMELINE, embedded, items, seen, true
from tests.replica.world import World

__all__ = ["address", "member", "replica", "visitor"]


def test_the_world_is_made_quickly_and_by_its_seed_alone():
    start = time.process_time()
    world = World()
    assert time.process_time() - start < 1
    assert (len(world.people), len(world.tags), len(world.by_pk)) == (300, 150, 13_008)
    assert World(seed=3, **SMALL).by_pk == World(seed=3, **SMALL).by_pk
    assert World(seed=3, **SMALL).by_pk != World(seed=4, **SMALL).by_pk


def test_hundred_hashtags_lead_to_twelve_thousand_pictures():
    world = World()
    found = {p.pk for tag in world.tags[:100] for p in world.top_posts(tag) if p.kind != "video"}
    assert len(found) >= 12_000


def test_the_world_holds_every_trap():
    posts = World(seed=3, **SMALL).by_pk.values()
    assert {post.kind for post in posts} == {"image", "carousel", "video"}
    for trap in ("likes_hidden", "pinned", "coauthor", "ad", "sponsored", "place"):
        assert 0 < sum(bool(getattr(post, trap)) for post in posts) < len(posts), trap
    assert any(post.caption is None for post in posts)
    assert any(account.private for account in World().people.values())


@pytest.mark.parametrize(("pk", "code"), [(3889747015743046632, "DX7KE1TgAPo"), (64, "BA")])
def test_a_shortcode_is_the_pk_in_base_64(pk, code):
    assert to_code(pk) == code
    assert from_code(code) == pk


def test_a_hashtag_leads_through_its_posts_exactly(replica, member):
    tag = replica.world.tags[0]
    status, url, body = member.open(f"/explore/tags/{tag}/")
    assert (status, url) == (200, f"{member.url}/explore/search/keyword/?q=%23{tag}")
    grid, pages = embedded(body.decode())[KEYWORD], []
    assert [edge["node"]["__typename"] for edge in grid["edges"]][:4] == [
        "XDTTopSerpHeaderUnit",
        "XDTTopSerpAccountsHCMUnit",
        "XDTTopSerpHeaderUnit",
        "XDTTopSerpMediaGridUnit",
    ]
    while True:
        pages.append(items(grid))
        if not grid["page_info"]["has_next_page"]:
            break
        documents = member.ask(
            "PolarisKeywordSearchExplorePageRelayPaginationQuery",
            query=f"#{tag}",
            after=grid["page_info"]["end_cursor"],
            first=24,
        )
        assert len(documents) == 2
        grid = documents[0]["data"][KEYWORD]
    assert len(pages) > 2
    assert pages[0][-3:] == pages[1][:3], "pages overlap"
    collected = {node["pk"]: seen(node) for page in pages for node in page}
    assert list(collected.values()) == [true(post) for post in replica.world.top_posts(tag)]


@pytest.mark.parametrize("endpoint", ["/api/graphql", "/graphql/query"])
def test_a_profile_leads_through_its_posts_exactly(replica, member, endpoint):
    handle = max(replica.world.people, key=lambda handle: len(replica.world.grid(handle)))
    data = member.data(f"/{handle}/")
    assert data["user"]["follower_count"] == replica.world.people[handle].followers
    grid, nodes = data[TIMELINE], []
    while True:
        nodes += [edge["node"] for edge in grid["edges"]]
        if not grid["page_info"]["has_next_page"]:
            break
        documents = member.ask(
            "PolarisProfilePostsTabContentQuery_connection",
            endpoint,
            username=handle,
            after=grid["page_info"]["end_cursor"],
        )
        grid = documents[0]["data"][TIMELINE]
    assert [seen(node) for node in nodes] == [true(post) for post in replica.world.grid(handle)]
    assert len(nodes) > 12


def test_a_visitor_sees_less_than_a_member(replica, visitor):
    handle = next(iter(replica.world.people))
    followers = replica.world.people[handle].followers
    user = visitor.data(f"/{handle}/")["xig_user_by_username"]
    first = user["polaris_ordered_timeline_connection"]["edges"][0]["node"]
    assert "like_count" not in first
    assert "taken_at" not in first
    legacy = json.loads(
        visitor.open(
            f"/api/v1/users/web_profile_info/?username={handle}",
            headers={"x-ig-app-id": "936619743392459"},
        )[2]
    )
    assert legacy["data"]["user"]["edge_followed_by"]["count"] == followers
    nodes = [e["node"] for e in legacy["data"]["user"]["edge_owner_to_timeline_media"]["edges"]]
    posts = replica.world.grid(handle)[:12]
    told = [-1 if post.likes_hidden else post.likes for post in posts]
    assert [node["edge_liked_by"]["count"] for node in nodes] == told
    assert visitor.open("/explore/search/keyword/?q=%23love")[1].startswith(
        visitor.url + "/accounts/login/?next="
    )
    assert (
        f"/popular/{replica.world.tags[0]}/"
        in visitor.open(f"/explore/tags/{replica.world.tags[0]}/")[1]
    )
    form = {"fb_api_req_friendly_name": "PolarisPostRootQuery", "variables": "{}"}
    assert visitor.open("/api/graphql", form)[0] == 401
    visitor.login()
    assert visitor.data(f"/{handle}/")["user"]["follower_count"] == followers


def test_a_visitor_pages_through_a_profile(replica, visitor):
    handle = max(replica.world.people, key=lambda handle: len(replica.world.grid(handle)))
    user = visitor.data(f"/{handle}/")["xig_user_by_username"]
    grid, pks = user["polaris_ordered_timeline_connection"], []
    while True:
        pks += [int(edge["node"]["pk"]) for edge in grid["edges"]]
        if not grid["page_info"]["has_next_page"]:
            break
        name = "PolarisLoggedOutDesktopWWWProfilePostsTabContentQuery_connection"
        answer = visitor.ask(name, id=user["id"], after=grid["page_info"]["end_cursor"])
        grid = answer[0]["data"]["node"]["polaris_ordered_timeline_connection"]
    assert pks == [post.pk for post in replica.world.grid(handle)]


def test_a_post_page_for_members_and_visitors(replica, visitor):
    post = next(p for p in replica.world.by_pk.values() if replica.world.post(p.code))
    gated = visitor.data(f"/p/{post.code}/")["xig_polaris_media"]["if_not_gated_logged_out"]
    assert seen(gated) == true(post)
    [item] = visitor.login().data(f"/p/{post.code}/")["xdt_api__v1__media__shortcode__web_info"][
        "items"
    ]
    assert seen(item) == true(post)
    assert visitor.open("/p/AAAA/")[0] == 404
    assert visitor.open("/nobody.at.all/")[0] == 404


def test_a_session_is_a_cookie_no_script_can_read(member):
    cookies = {cookie.name: cookie for cookie in member.jar}
    assert {"sessionid", "ds_user_id", "csrftoken"} <= set(cookies)
    assert cookies["sessionid"].has_nonstandard_attr("HttpOnly")
    assert cookies["sessionid"].expires > time.time() + 86_400
    assert member.data("/")["xdt_viewer"]["user"]["username"] == "my.own.account"


def test_a_login_without_words_stays_where_it_is(visitor):
    form = visitor.open("/accounts/login/", {"email": "me", "pass": ""})[2].decode()
    assert 'name="pass"' in form
    assert not {cookie.name for cookie in visitor.jar} & {"sessionid"}


def test_only_what_navigates_is_given_data(replica, visitor):
    handle = next(iter(replica.world.people))
    assert embedded(visitor.open(f"/{handle}/", headers={})[2].decode()) == {}


def test_pictures_are_drawn_by_their_post_until_the_link_expires(replica, member):
    tag = replica.world.tags[0]
    node = items(member.data(f"/explore/search/keyword/?q={quote('#' + tag)}")[KEYWORD])[0]
    links = {c["width"] / c["height"]: c["url"] for c in node["image_versions2"]["candidates"]}
    post = replica.world.top_posts(tag)[0]
    status, _, body = member.open(links[0.8], headers={})
    assert (status, body) == (200, draw(post.pk, post.theme))
    assert Image.open(BytesIO(member.open(links[1.0], headers={})[2])).size == (240, 240)
    assert member.open(links[0.8].replace("oe=", "oe=F"), headers={})[0] == 403
    member.control("settings", lifetime=-5)
    node = items(member.data(f"/explore/search/keyword/?q={quote('#' + tag)}")[KEYWORD])[0]
    assert member.open(node["image_versions2"]["candidates"][0]["url"])[::2] == (
        403,
        b"URL signature expired",
    )


def test_the_truth_can_be_asked_for(replica, visitor):
    told = json.loads(visitor.page("/_replica/truth"))
    assert told["hashtags"] == replica.world.tags
    handle, tag = told["accounts"][0]["handle"], told["hashtags"][0]
    grid = json.loads(visitor.page(f"/_replica/truth?handle={handle}"))
    assert [post["code"] for post in grid] == [post.code for post in replica.world.grid(handle)]
    top = json.loads(visitor.page(f"/_replica/truth?tag={tag}"))
    assert [post["pk"] for post in top] == [post.pk for post in replica.world.top_posts(tag)]
