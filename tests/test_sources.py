"""One contract for every source that lies in socialsense/sources."""

import socket

import pytest

from socialsense import parts
from socialsense.errors import SourceError, UnknownAccount
from socialsense.images import sha256_of
from socialsense.settings import Settings
from socialsense.types import Page, Post, Profile, Source

SOURCES = parts.names("sources")
HERE = [name for name in SOURCES if name == "demo"]
"""Sources that can answer without a network or a person's files."""


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a source used the network when it was only loaded")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(params=HERE)
def source(request: pytest.FixtureRequest, offline: None) -> Source:
    return parts.load("sources", request.param, Settings())


def walk(listing, key: str, limit: int = 1000) -> list[Post]:
    """Every item of a listing; fails where cursors do not end."""
    found: list[Post] = []
    cursor = None
    for _ in range(limit):
        page = listing(key, cursor)
        assert isinstance(page, Page)
        assert page.items or page.cursor is None
        found += page.items
        if page.cursor is None:
            return found
        assert page.cursor != cursor
        cursor = page.cursor
    raise AssertionError("the cursors do not end")


def test_the_demo_is_there() -> None:
    assert "demo" in SOURCES


@pytest.mark.parametrize("name", SOURCES)
def test_loading_is_light_and_silent(name: str, offline: None) -> None:
    source = parts.load("sources", name, Settings())
    assert source.name == name
    for method in ("posts", "tagged", "post", "image"):
        assert callable(getattr(source, method))


def test_profiles_are_complete(source) -> None:
    assert len(set(source.handles)) == len(source.handles) >= 8
    for handle in source.handles:
        profile = source.profile(handle)
        assert isinstance(profile, Profile)
        assert profile.handle == handle
        assert profile.source == source.name
        assert profile.fetched_at.tzinfo is not None


def test_posts_come_newest_first_and_once(source) -> None:
    for handle in source.handles:
        if source.profile(handle).private:
            continue
        posts = walk(source.posts, handle)
        assert [p.taken_at for p in posts] == sorted((p.taken_at for p in posts), reverse=True)
        assert len({p.pk for p in posts}) == len({p.shortcode for p in posts}) == len(posts)
        assert {p.handle for p in posts} <= {handle}
        assert {p.source for p in posts} <= {source.name}


def test_tagged_posts_come_once_and_are_the_authors_own(source) -> None:
    own = {
        post.pk: post
        for handle in source.handles
        if not source.profile(handle).private
        for post in walk(source.posts, handle)
    }
    for tag in source.tags:
        posts = walk(source.tagged, tag)
        assert len({p.pk for p in posts}) == len(posts) >= 1
        assert all(post == own[post.pk] for post in posts)


def test_hashtags_are_found_however_they_are_written(source) -> None:
    tag = source.tags[0]
    assert source.tagged(f"#{tag.upper()}") == source.tagged(tag)
    assert source.tagged("nobodyusesthis") == Page(())


def test_pictures_are_the_ones_named(source) -> None:
    for handle in source.handles[:3]:
        for post in source.posts(handle).items[:3]:
            data = source.image(post)
            assert data is not None
            assert sha256_of(data) == post.image_sha256


def test_an_unknown_account_is_explained(source) -> None:
    for ask in (source.profile, source.posts):
        with pytest.raises(UnknownAccount, match=r"'demo\.nobody' is not an account") as caught:
            ask("demo.nobody")
        assert source.handles[0] in caught.value.do


def test_a_private_account_has_a_profile_and_no_posts(source) -> None:
    private = [handle for handle in source.handles if source.profile(handle).private]
    for handle in private:
        page = source.posts(handle)
        assert page == Page((), profiles=(source.profile(handle),))


@pytest.mark.parametrize("cursor", ["", "0", "-1", "13", "next", "²", "1.5", "9" * 6000])
def test_a_strange_cursor_is_explained(source, cursor: str) -> None:
    with pytest.raises(SourceError, match="cannot continue at"):
        source.posts(source.handles[0], cursor)


def test_the_same_question_has_the_same_answer(source) -> None:
    other = parts.load("sources", source.name, Settings())
    assert source.handles == other.handles
    assert source.posts(source.handles[0]) == other.posts(other.handles[0])
    assert source.tagged(source.tags[0]) == other.tagged(other.tags[0])
