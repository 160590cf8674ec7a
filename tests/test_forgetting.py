"""Forgetting because a person asks: whom, whom not, and beside jobs that are running."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from socialsense.collect import ForHandle, ForHashtags, Listings
from socialsense.collect.owner import claimed
from socialsense.collect.reparse import reparse
from socialsense.errors import Busy, InputError, UnknownAccount
from socialsense.forgetting import (
    forget_account,
    forget_others,
    would_forget_account,
    would_forget_others,
)
from socialsense.store import Store
from socialsense.types import Forgotten, Item, Job, Page, Post
from tests.examples import NOON, a_post, a_prediction, a_profile, at
from tests.small_site import DOWN, gather, red_and_mill

HOUR = timedelta(hours=1)


def job(store: Store, key: str, state: str = "done", ago: timedelta = 0 * HOUR) -> None:
    now = datetime.now(UTC) - ago
    store.put_job(Job(key, state, 1, 1, None, now, now))


@pytest.mark.parametrize("forget", [would_forget_account, forget_account])
class TestRefused:
    def test_an_account_of_the_demo(self, forget, small_store: Store) -> None:
        small_store.put_profile(a_profile("demo.mill", source="demo"))
        with pytest.raises(InputError, match="fictional"):
            forget(small_store, "demo.mill")
        assert small_store.profile("demo.mill")

    def test_one_of_which_nothing_is_stored(self, forget, small_store: Store) -> None:
        small_store.put_posts([a_post(handle="mill.two")])
        with pytest.raises(UnknownAccount, match="Nothing is stored about @mill"):
            forget(small_store, "mill")

    def test_while_its_own_job_runs(self, forget, small_store: Store) -> None:
        small_store.put_profile(a_profile())
        with claimed(small_store, ForHandle("mill")), pytest.raises(Busy, match="Stop that job"):
            forget(small_store, "mill")
        assert small_store.profile("mill")

    def test_while_another_job_runs_that_reads_it(self, forget, small_store: Store) -> None:
        for handle in ("mill", "boat"):
            small_store.put_profile(a_profile(handle))
        with claimed(small_store, plan := ForHashtags(("red",))):
            small_store.put_items(plan.key, [Item("profile", "mill"), Item("hashtag", "boat")])
            with pytest.raises(Busy):
                forget(small_store, "mill")
            assert forget(small_store, "boat").profiles == 1


@pytest.mark.parametrize("state", ["queued", "waiting", "failed", "running"])
def test_a_job_at_which_nobody_works_is_no_obstacle(state: str, small_store: Store) -> None:
    small_store.put_profile(a_profile())
    job(small_store, "handle:mill", state, ago=HOUR)
    forget_account(small_store, "mill")
    assert small_store.jobs() == ()


def test_one_known_from_a_hashtags_page_alone(small_store: Store) -> None:
    small_store.put_tagged("red", [a_post()])
    told = would_forget_account(small_store, "mill")
    assert told == Forgotten(posts=1) == forget_account(small_store, "mill")


def test_its_own_ranking_goes_as_well(small_store: Store, tmp_path) -> None:
    small_store.put_profile(a_profile())
    for name in ("mill", "boat"):
        (tmp_path / "popularity" / name).mkdir(parents=True)
        (tmp_path / "popularity" / name / "card.json").touch()
    forget_account(small_store, "mill", tmp_path)
    assert [folder.name for folder in (tmp_path / "popularity").iterdir()] == ["boat"]


def test_saved_pages_do_not_bring_it_back(small_store: Store) -> None:
    node = {
        "pk": "1", "id": "1_9", "code": "S1", "media_type": 1, "taken_at": 1777000000,
        "like_count": 3, "comment_count": 1, "caption": {"text": "#red"},
        "user": {"pk": "9", "username": "mill"}, "owner": {"pk": "9", "username": "mill"},
        "image_versions2": {"candidates": [{"url": "https://x", "width": 9, "height": 9}]},
    }  # fmt: skip
    page = {
        "edges": [{"node": node, "cursor": "a"}],
        "page_info": {"has_next_page": False, "end_cursor": None},
    }
    sent = json.dumps({"data": {"xdt_api__v1__feed__user_timeline_graphql_connection": page}})
    joint = Item("profile", "boat")  # it stands on somebody else's page
    small_store.put_payload("hashtag:red", joint, NOON, sent, readable=True)
    assert reparse(small_store).read == 1
    assert forget_account(small_store, "mill").posts == 1
    reparse(small_store)
    assert small_store.posts("mill") == ()


class TestOthers:
    def test_what_a_kill_has_left_of_an_account_counts_as_well(self, small_store: Store) -> None:
        small_store.put_posts([a_post(image_sha256=small_store.put_image(b"picture"))])
        small_store.forget_account("mill", "handle:mill")  # and no more: killed
        told = would_forget_others(small_store, NOON)
        assert told == Forgotten(pictures=1) == forget_others(small_store, NOON)

    def test_the_demo_and_those_asked_about_stay(self, small_store: Store) -> None:
        for handle in ("me", "somebody", "tried"):
            small_store.put_profile(a_profile(handle))
        small_store.put_profile(a_profile("demo.mill", source="demo"))
        authors = ("me", "somebody", "tried", "queued", None)
        small_store.put_posts(a_post(str(n), handle=name) for n, name in enumerate(authors))
        small_store.put_posts([a_post("9", handle="demo.mill", source="demo")])
        for key in ("handle:me", "handle:queued", "hashtag:somebody"):
            job(small_store, key)
        small_store.put_items("handle:queued", [Item("profile", "queued")])
        small_store.put_prediction("ab", (), {}, a_prediction("tried"), NOON)
        told = would_forget_others(small_store, at(1))
        assert told == Forgotten(profiles=1, posts=2) == forget_others(small_store, at(1))
        assert set(small_store.posts_of("012349")) == {"0", "2", "3", "9"}
        assert [profile.handle for profile in small_store.profiles()] == [
            "demo.mill",
            "me",
            "tried",
        ]
        assert small_store.known_items("handle:queued", "profile", ["queued"])

    def test_beside_a_job_that_runs(self, small_store: Store) -> None:
        """It leaves out what is forgotten under its hands, and reads again what it still wants."""
        site, plan = red_and_mill(), Listings("all", ("mill",), ("red",))
        for pk in ("m4", "m5"):
            site.fails(f"image {pk}", DOWN)
        look_up = site.post

        def forgotten_meanwhile(shortcode: str) -> Page[Post]:
            assert forget_others(small_store, datetime.now(UTC) + HOUR).posts == 7
            return look_up(shortcode)

        site.post = forgotten_meanwhile
        assert gather(site, small_store, plan).state == "done"
        assert [question for question in site.asked if question.startswith("post")] == ["post m4"]
        pictures = [item.name for item in small_store.items_of("all", ["picture"])]
        assert small_store.image_hashes(pictures).keys() == set(pictures)
