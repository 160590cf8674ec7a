"""The browser source before the replica: what it reads is the truth."""

import json
from dataclasses import replace
from urllib.parse import unquote

import pytest

from socialsense.dialects.read import read_answer
from socialsense.errors import Missing, UnknownAccount
from socialsense.sources.browser import Browser
from socialsense.types import PacedSource
from tests.browser_fixtures import (
    MARKS,
    address,
    at_replica,
    browser,
    replica,
    shared,
    told,
    truth,
    walked,
)
from tests.replica.pictures import draw

__all__ = ["address", "at_replica", "browser", "replica", "shared"]
pytestmark = MARKS
PROFILE = "freya.paints"


def grids(replica):
    """The requests that read a hashtag's posts, by the cursor they asked with."""
    lines = [line for line in replica.gate.log if "Pagination" in line.what]
    return [json.loads(line.what.partition("Query ")[2])["after"] for line in lines]


def test_it_is_a_gentle_source(browser, at_replica):
    assert isinstance(browser, PacedSource)
    assert browser.pace.site == at_replica.instagram_url.removeprefix("http://")
    assert browser.pace.patience == 0


def test_a_hashtag_is_read_to_its_end(browser, replica):
    tag = replica.world.tags[0]
    admitted = []
    browser.admit = admitted.append
    pages = walked(browser.tagged, f"#{tag.upper()}")
    assert told(pages) == truth(replica.world.top_posts(tag))
    assert len(pages) > 5
    asked = [line for line in replica.gate.log if "/explore/tags/" not in line.path]
    assert len(asked) == len(pages) == len(admitted)
    assert admitted[0] == f"hashtag {tag}"


def test_a_profile_is_read_to_its_end(browser, replica):
    account = replica.world.people[PROFILE]
    pages = walked(browser.posts, PROFILE)
    grid = replica.world.grid(PROFILE)
    assert told(pages) == truth(grid)
    posts = [post for page in pages for post in page.items]
    assert [p.pinned for p in posts] == [p.pinned for p in grid]
    assert any(p.pinned for p in posts)
    assert {p.handle for p in posts} > {PROFILE}, "joint posts are their author's"
    assert {None} < {p.likes for p in posts}
    (profile,) = pages[0].profiles
    assert (profile.handle, profile.followers) == (PROFILE, account.followers)
    assert not any(page.profiles for page in pages[1:])


def test_a_private_account_has_a_profile_and_no_posts(browser, replica):
    handle = next(name for name, account in replica.world.people.items() if account.private)
    page = browser.posts(handle)
    assert (page.items, page.cursor) == ((), None)
    assert [(p.handle, p.private) for p in page.profiles] == [(handle, True)]


def test_an_unknown_account_is_told_from_a_failure(browser):
    with pytest.raises(UnknownAccount, match="no account 'nobody'"):
        browser.posts("nobody")


def test_a_hashtag_nobody_uses_is_empty(browser):
    assert walked(browser.tagged, "nobodyusesthis")[0].items == ()


@pytest.mark.parametrize("tag", ["ünïcödé", "東京", "a?c=d&e#f", "100%"])
def test_names_arrive_as_they_are(browser, replica, tag):
    browser.tagged(tag)
    assert unquote(replica.gate.log[-1].what).endswith(f"?q=#{tag}")


def test_a_post_is_read_anew(browser, replica):
    for true in replica.world.grid(PROFILE)[:3]:
        (post,) = browser.post(true.code).items
        assert told([browser.post(true.code)]) == truth([true])
        assert browser.image(post) == draw(true.pk, true.theme)


def test_a_post_that_is_gone_is_missing(browser):
    with pytest.raises(Missing):
        browser.post("BAAAAAAAAAA")


def test_no_picture_is_no_failure(browser, replica):
    (post,) = browser.post(replica.world.grid(PROFILE)[0].code).items
    assert browser.image(replace(post, image_url=None)) is None


def test_pages_are_kept_without_their_secrets_and_read_the_same_again(browser):
    first = browser.posts(PROFILE)
    for page in (first, browser.posts(PROFILE, first.cursor)):
        again = read_answer(page.payload, page.items[0].fetched_at)
        assert (again.posts, again.cursor) == (page.items, page.cursor)
        assert not any(secret in page.payload for secret in ("dtsg", "AVreplica", "7199999999%3A"))


def test_a_page_that_fetches_its_posts_is_waited_for(browser, replica):
    replica.embedded = False
    tag = replica.world.tags[0]
    assert told([browser.tagged(tag)]) == truth(replica.world.top_posts(tag)[:24])


def test_another_question_in_between_loses_nothing(browser, replica):
    tag = replica.world.tags[0]
    first = browser.tagged(tag)
    browser.post(replica.world.grid(PROFILE)[0].code)
    rest = walked(browser.tagged, tag, first.cursor)
    assert told([first, *rest]) == truth(replica.world.top_posts(tag))


def test_another_browser_goes_on_exactly_where_the_last_one_stopped(browser, replica, at_replica):
    tag = replica.world.tags[0]
    before = [browser.tagged(tag)]
    for _ in range(2):
        before.append(browser.tagged(tag, before[-1].cursor))
    browser.close()
    replica.gate.log.clear()
    other = Browser(at_replica)
    try:
        rest = walked(other.tagged, tag, before[-1].cursor)
    finally:
        other.close()
    assert grids(replica) == [before[-1].cursor, *(page.cursor for page in rest[:-1])]
    known = {post.pk for page in before for post in page.items}
    assert len(known & {post.pk for post in rest[0].items}) == 3, "pages overlap by a row"
    assert told([*before, *rest]) == truth(replica.world.top_posts(tag))


@pytest.mark.parametrize("listing", ["tagged", "posts"])
def test_where_a_cursor_holds_no_more_all_is_read_again(browser, replica, listing):
    name = replica.world.tags[0] if listing == "tagged" else PROFILE
    posts = replica.world.top_posts(name) if listing == "tagged" else replica.world.grid(name)
    pages = walked(getattr(browser, listing), name, "r:of-another-time")
    assert told(pages) == truth(posts)
