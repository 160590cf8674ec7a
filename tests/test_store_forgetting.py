"""What is forgotten is nowhere any more, and all else is as before: on SQLite and PostgreSQL."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from socialsense.answers import Outcome
from socialsense.errors import StoreError
from socialsense.store import Store
from socialsense.store.tables import metadata, migrations
from socialsense.types import Forgotten, Item, Job, Post
from tests.examples import NOON, a_post, a_prediction, a_profile, at
from tests.forgetting_examples import BOAT, JOB, MILL, everything, files, forget, shown


def words(row: tuple[Any, ...]) -> set[str]:
    return {word for cell in row for word in re.findall(r"[\w.]+", str(cell))}


def emptied(store: Store) -> None:
    with store._writing() as connection:
        for table in reversed(metadata.sorted_tables):
            if table is not migrations:
                connection.execute(delete(table))


HANDLES = st.sampled_from([MILL, BOAT, "mill.two", None])
POSTS = st.lists(st.tuples(HANDLES, st.sampled_from([None, b"1", b"2", b"3"])), max_size=8)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=POSTS, on_page=st.sets(st.integers(0, 7)), followed=st.booleans())
def test_an_account_is_nowhere_any_more_and_all_else_is_as_before(
    store: Store, made: list[tuple[str | None, bytes | None]], on_page: set[int], followed: bool
) -> None:
    with store.transaction():
        emptied(store)
        _fill(store, posts := _posts(store, made), on_page, followed=followed)
    before, lying = everything(store), files(store)
    told = store.would_forget_account(MILL)
    assert everything(store) == before
    assert forget(store) == told

    gone = [post for post in posts if post.handle == MILL]
    names = {MILL} | {name for post in gone for name in (post.pk, post.shortcode)}
    names |= {row[0] for row in before["predictions"] if MILL in words(row)}
    left = {post.image_sha256 for post in posts if post.handle != MILL}
    pictures = {post.image_sha256 for post in gone if post.image_sha256} - left
    kept = {
        name: [row for row in rows if not words(row) & (names | pictures)]
        for name, rows in before.items()
    }
    kept["requests"] = sorted(
        (
            tuple("" if words((cell,)) & names else cell for cell in row)
            for row in before["requests"]
        ),
        key=repr,
    )
    assert everything(store) == kept
    assert files(store) == lying - pictures
    assert told == Forgotten(int(followed), len(gone), len(pictures), predictions=1)


def _posts(store: Store, made: list[tuple[str | None, bytes | None]]) -> list[Post]:
    return [
        a_post(
            f"pk{n}",
            shortcode=f"code{n}",
            handle=handle,
            taken_at=at(-n),
            caption=f"#tag{n}",
            image_sha256=None if data is None else store.put_image(data),
        )
        for n, (handle, data) in enumerate(made)
    ]


def _fill(store: Store, posts: list[Post], on_page: set[int], *, followed: bool) -> None:
    for handle in (MILL, BOAT) if followed else (BOAT,):
        store.put_profile(a_profile(handle))
        store.put_profile(a_profile(handle, fetched_at=at(1), followers=101))
    store.put_posts(posts)
    store.put_posts([replace(post, fetched_at=at(1), likes=11) for post in posts])
    page = [post for n, post in enumerate(posts) if n in on_page]
    store.put_tagged("red", page)
    shas = {post.image_sha256 for post in posts if post.image_sha256}
    store.put_embeddings("color", {name: np.float32([1]) for name in (*shas, "upload")})
    item = Item("hashtag", "red")
    sent = " ".join(f'"{post.handle}"' for post in page)
    store.put_payload("hashtag:red", item, NOON, sent, readable=True)
    for job in (JOB, "hashtag:red", f"handle:{BOAT}"):
        store.put_job(Job(job, "done", 1, 1, None, NOON, NOON))
        store.put_items(job, [item, *(Item("profile", h) for h in (MILL, BOAT, "mill.two"))])
        store.put_items(job, [Item("picture", post.pk) for post in posts])
    for handle in (MILL, BOAT, "mill.two"):
        own = Item("profile", handle)
        store.put_payload("hashtag:red", own, NOON, "nothing", readable=True)
        store.put_payload(
            "hashtag:sea", Item("hashtag", "sea"), NOON, f'"{handle}"', readable=False
        )
        for asked in (f"profile {handle}", f"profile {handle}, further on", "hashtag red"):
            store.note_request("site", asked, NOON)
        key = store.put_prediction("ab", (), {}, a_prediction(handle), NOON)
        store.put_outcome(Outcome(key, None, None, 3, 1, NOON))
    for post in posts:
        store.note_request("site", f"post {post.shortcode}", NOON)
        store.put_payload("hashtag:red", Item("picture", post.pk), NOON, "nothing", readable=True)


class TestAccount:
    def test_of_which_only_the_job_is_stored(self, store: Store) -> None:
        store.put_job(Job(JOB, "failed", 1, 1, "There is no @mill.", NOON, NOON))
        store.put_items(JOB, [Item("profile", MILL, state="gone")])
        assert store.would_forget_account(MILL) == Forgotten()
        assert forget(store) == Forgotten()
        assert not any(everything(store).values())

    def test_a_page_it_has_left_meanwhile_is_one_that_holds_it(self, store: Store) -> None:
        store.put_payload("j", Item("hashtag", "red"), NOON, "only its pk", readable=True)
        store.put_payload("j", Item("hashtag", "sea"), NOON, "not it", readable=True)
        store.put_tagged("red", [a_post()])
        store.put_tagged("red", [a_post("2", handle=BOAT, fetched_at=at(1))])
        forget(store)
        assert [kept.name for kept in store.payloads()] == ["sea"]

    def test_pages_that_name_it_as_a_word(self, store: Store) -> None:
        for text in ('"mill"', "@mill,", '"mill.two"', "windmill", "a.mill", "_mill"):
            store.put_payload("j", Item("profile", BOAT), NOON, text, readable=True)
        kept = {payload.id: payload.text for payload in store.payloads()}
        assert [kept[number] for number in store.payloads_naming(MILL)] == ['"mill"', "@mill,"]

    def test_in_a_transaction_that_fails_nothing_is_forgotten(self, store: Store) -> None:
        store.put_posts([a_post()])
        before = everything(store)

        def broken() -> None:
            with store.transaction():
                store.forget_account(MILL, JOB)
                raise StoreError("It broke off.", means="-", do="-")

        with pytest.raises(StoreError, match="broke off"):
            broken()
        assert everything(store) == before


class TestOthers:
    def test_what_was_last_read_before_a_time(self, store: Store) -> None:
        store.put_profile(a_profile("me"))
        store.put_profile(a_profile("demo.mill", source="demo"))
        for handle in (MILL, BOAT, "private"):
            store.put_profile(a_profile(handle))
        own = shown(store, "1", b"own", handle="me")
        demo = shown(store, "2", b"demo", handle="demo.mill", source="demo")
        shared = shown(store, "3", b"shared", handle=MILL)
        shown(store, "4", b"shared", handle=BOAT, fetched_at=at(2))
        shown(store, "5", b"old", handle=None)
        shown(store, "6", b"old, too", handle=BOAT)
        told = store.would_forget_others(at(1), {"me"})
        assert told == Forgotten(profiles=2, posts=3, pictures=2)
        assert store.forget_others(at(1), {"me"}) == replace(told, pictures=0)
        assert store.drop_unshown() == 2
        assert [profile.handle for profile in store.profiles()] == [BOAT, "demo.mill", "me"]
        assert set(store.posts_of("123456")) == {"1", "2", "4"}
        assert files(store) == {own, demo, shared}
        assert store.would_forget_others(at(1), {"me"}) == Forgotten()

    def test_a_profile_read_since_stays_and_so_does_one_with_a_post(self, store: Store) -> None:
        store.put_profile(a_profile(MILL, fetched_at=at(2)))
        store.put_profile(a_profile(BOAT))
        store.put_posts([a_post(), a_post("2", handle=BOAT, fetched_at=at(2))])
        assert store.forget_others(at(1), ()) == Forgotten(posts=1)
        assert len(store.profiles()) == 2

    def test_they_are_read_again_where_a_job_needs_them(self, store: Store) -> None:
        store.put_posts([a_post(), a_post("2", fetched_at=at(2)), a_post("3", handle="me")])
        things = [Item("profile", MILL), Item("profile", "me"), Item("hashtag", MILL)]
        store.put_items("j", things + [Item("picture", pk) for pk in "123"])
        store.forget_others(at(1), {"me"})
        left = [(item.kind, item.name) for item in store.items_of("j")]
        assert left == [
            ("profile", "me"), ("hashtag", MILL), ("picture", "2"), ("picture", "3"),
        ]  # fmt: skip

    def test_saved_pages_and_what_was_asked_for(self, store: Store) -> None:
        store.put_posts([a_post(), a_post("2", handle=BOAT, fetched_at=at(2))])
        for hour, readable in ((0, True), (0.5, False), (2, True)):
            store.put_payload("j", Item("hashtag", "red"), at(hour), "page", readable=readable)
        for asked in ("profile mill", "profile mill, further on", "post S1", "profile boat"):
            store.note_request("site", asked, NOON)
        store.forget_others(at(1), ())
        assert [payload.fetched_at for payload in store.payloads()] == [at(2)]
        assert sorted(row[2] for row in everything(store)["requests"]) == [""] * 3 + [
            "profile boat"
        ]
        assert store.requests_since("site", NOON) == 4

    def test_predictions_stay(self, store: Store) -> None:
        store.put_profile(a_profile())
        store.put_prediction("ab", (), {}, a_prediction(), NOON)
        assert store.forget_others(at(1), ()) == Forgotten(profiles=1)
        assert len(store.predictions()) == 1
