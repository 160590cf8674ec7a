"""The replica fails as told, the same way for the same seed, and recovers."""

import http.client
import json
import time

import pytest

from tests.replica.faults import Faults
from tests.replica.fixtures import address, member, replica, visitor
from tests.replica.visitor import KEYWORD, TIMELINE, items, seen, true

__all__ = ["address", "member", "replica", "visitor"]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("wait", 401),
        ("rate", 429),
        ("login_required", 403),
        ("stale", 400),
        ("feedback", 400),
        ("error", 500),
        ("html", 200),
    ],
)
def test_a_script_is_refused_as_told(replica, member, fault, status):
    member.control("faults", ahead=[fault])
    form = {"fb_api_req_friendly_name": "PolarisPostRootQuery", "variables": "{}"}
    assert member.open("/api/graphql", form)[0] == status
    assert member.open("/api/graphql", form)[0] == 200
    met = [line["fault"] for line in member.log() if line["surface"] == "answer"]
    assert met == [fault, None]


@pytest.mark.parametrize("fault", ["shell", "renamed", "malformed", "cut", "slow", "login", "home"])
def test_a_page_fails_as_told_and_then_answers(replica, member, fault):
    handle = next(iter(replica.world.people))
    whole = member.data(f"/{handle}/")
    member.control("faults", ahead=[fault], delay=0.05)
    match fault:
        case "cut":
            with pytest.raises(http.client.IncompleteRead):
                member.open(f"/{handle}/")
        case "malformed":
            with pytest.raises(json.JSONDecodeError):
                member.data(f"/{handle}/")
        case "slow":
            start = time.monotonic()
            assert member.data(f"/{handle}/") == whole
            assert time.monotonic() - start >= 0.05
        case "login" | "home":
            aim = f"/accounts/login/?next=/{handle}/" if fault == "login" else "/"
            assert member.open(f"/{handle}/")[1] == member.url + aim
        case _:
            assert not set(member.data(f"/{handle}/")) & {TIMELINE}
    assert member.data(f"/{handle}/") == whole


def test_a_challenge_stays_until_it_is_cleared(replica, member):
    handle = next(iter(replica.world.people))
    member.control("faults", ahead=["challenge"])
    for _ in range(2):
        assert member.open(f"/{handle}/")[1] == member.url + "/challenge/"
        assert member.open("/api/graphql", {"variables": "{}"})[0] == 400
    member.open("/challenge/", {})  # the person presses the button
    assert TIMELINE in member.data(f"/{handle}/")
    member.control("faults", ahead=["challenge"])
    assert member.open(f"/{handle}/")[1] == member.url + "/challenge/"
    member.control("clear")
    assert TIMELINE in member.data(f"/{handle}/")


def test_faults_are_the_same_by_seed_whatever_the_order():
    def programme(seed, paths):
        faults = Faults(seed=seed, rate=0.3)
        met = {}
        for path in paths:
            met.setdefault(path, []).append(faults.next("answer", path))
        return met

    paths = [f"/api/{n % 100}" for n in range(400)]
    assert programme(1, paths) == programme(1, sorted(paths))
    assert programme(1, paths) != programme(2, paths)
    hit = [fault for met in programme(1, paths).values() for fault in met if fault]
    assert 80 < len(hit) < 160
    assert len(set(hit)) == 11
    assert "challenge" not in hit


def test_a_picture_fails_only_when_it_is_meant(replica, member):
    handle = next(iter(replica.world.people))
    post = replica.world.grid(handle)[0]
    replica.links.base = member.url
    link = replica.links.url(post.pk)
    member.control("faults", ahead=["image:expired", "rate"])
    assert member.open(link)[0] == 403
    assert member.open(link)[0] == 200
    assert member.open(f"/{handle}/")[0] == 429


def test_an_unknown_fault_is_refused(member):
    status, _, body = member.open("/_replica/faults", b'{"ahead": ["earthquake"]}')
    assert status == 400
    assert "earthquake" in json.loads(body)["error"]


def test_who_asks_again_learns_the_whole_truth(replica, member):
    tag = replica.world.tags[0]
    member.control("faults", rate=0.4, seed=5, delay=0.0)
    collected, after, failed = {}, None, 0
    while after is not None or not collected:
        try:
            name = "PolarisKeywordSearchExplorePageRelayPaginationQuery"
            grid = member.ask(name, query=f"#{tag}", after=after)[0]["data"][KEYWORD]
        except (AssertionError, KeyError, ValueError, http.client.IncompleteRead):
            failed += 1
            continue
        collected |= {node["pk"]: seen(node) for node in items(grid)}
        after = grid["page_info"]["end_cursor"]
    assert failed > 0
    assert list(collected.values()) == [true(post) for post in replica.world.top_posts(tag)]
