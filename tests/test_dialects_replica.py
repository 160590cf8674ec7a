"""The parsers over a real socket: what they read of the replica is its truth."""

import json

import pytest

from socialsense.dialects.read import read_answer, read_page
from socialsense.dialects.walls import wall_of
from socialsense.errors import PageChanged
from tests.dialect_documents import NOW
from tests.replica.fixtures import address, member, replica, visitor

__all__ = ["address", "member", "replica", "visitor"]


def figures(posts):
    return [(int(post.pk), post.handle, post.caption, post.likes) for post in posts]


def truths(posts):
    return [(p.pk, p.owner, p.caption, None if p.likes_hidden else p.likes) for p in posts]


def through(member, reading, name, **variables):
    """All posts of a listing, each once, by the cursors that the readings give."""
    posts = {post.pk: post for post in reading.posts}
    while reading.more:
        form = {"fb_api_req_friendly_name": name}
        form["variables"] = json.dumps({"after": reading.cursor, **variables})
        _, _, body = member.open("/api/graphql", form, {})
        reading = read_answer(body.decode(), NOW)
        posts |= {post.pk: post for post in reading.posts if post.pk not in posts}
    return list(posts.values())


def test_a_hashtag_is_read_to_its_end(replica, member):
    tag = replica.world.tags[0]
    first = read_page(member.page(f"/explore/tags/{tag}/"), NOW)
    assert (first.kind, first.more) == ("hashtag", True)
    name = "PolarisKeywordSearchExplorePageRelayPaginationQuery"
    posts = through(member, first, name, query=f"#{tag}", first=24)
    assert figures(posts) == truths(replica.world.top_posts(tag))


def test_a_profile_is_read_to_its_end(replica, member):
    handle = max(replica.world.people, key=lambda name: len(replica.world.grid(name)))
    account = replica.world.people[handle]
    first = read_page(member.page(f"/{handle}/"), NOW)
    (profile,) = (item for item in first.profiles if item.handle == handle)
    assert (profile.followers, profile.private) == (account.followers, account.private)
    name = "PolarisProfilePostsTabContentQuery_connection"
    posts = through(member, first, name, username=handle, first=12, data={"count": 12})
    assert figures(posts) == truths(replica.world.grid(handle))


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_post_is_read_by_members_and_visitors(replica, visitor, signed_in):
    if signed_in:
        visitor.login()
    for post in list(replica.world.by_pk.values())[:30]:
        if not replica.world.people[post.owner].private:
            reading = read_page(visitor.page(f"/p/{post.code}/"), NOW)
            assert figures(reading.posts) == truths([post])
            assert reading.posts[0].pinned == post.pinned or not signed_in


WALLS = {
    "rate": "rate",
    "challenge": "challenge",
    "login": "login",
    "error": "trouble",
    "shell": "shell",
}


@pytest.mark.parametrize("fault", WALLS)
def test_every_wall_before_a_page_is_told_from_the_others(replica, member, fault):
    member.control("faults", ahead=[fault])
    status, url, body = member.open(f"/{next(iter(replica.world.people))}/")
    member.control("clear")
    wall = wall_of(status, url, body.decode())
    assert wall is not None
    assert wall.kind == WALLS[fault]


@pytest.mark.parametrize(("warm", "kind"), [(False, "login"), (True, "rate")])
def test_please_wait_means_another_thing_after_a_burst(member, warm, kind):
    member.control("faults", ahead=["wait"])
    status, url, body = member.open("/api/graphql", {"variables": "{}"}, {})
    wall = wall_of(status, url, body.decode(), warm=warm)
    assert wall is not None
    assert wall.kind == kind


def test_renamed_keys_are_loud(replica, member):
    member.control("faults", ahead=["renamed"])
    with pytest.raises(PageChanged):
        read_page(member.page(f"/explore/search/keyword/?q=%23{replica.world.tags[0]}"), NOW)
