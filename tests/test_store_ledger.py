"""What was sent, how often a site was asked, and what stops asking it."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from socialsense.errors import SourceError
from socialsense.store import Breaker, Store
from socialsense.store.payloads import CHUNK
from socialsense.types import Item
from tests.examples import NOON, at

WALL = SourceError("A wall.", means="Nobody passes.", do="Wait.")


class TestPayloads:
    def texts(self, store: Store) -> list[str]:
        return [payload.text for payload in store.payloads()]

    def unreadable(self, store: Store) -> list[str]:
        return [payload.text for payload in store.payloads() if not payload.readable]

    def test_a_page_comes_back_as_it_was_sent(self, store: Store) -> None:
        text = '{"caption": "नमस्ते \0 \ud83c"}' + "long " * 9999
        store.put_payload("j", Item("hashtag", "red", posts=24), at(1), text, False)
        (payload,) = store.payloads()
        assert payload.text == text
        assert (payload.job, payload.kind, payload.name) == ("j", "hashtag", "red")
        assert (payload.first_rank, payload.fetched_at, payload.readable) == (24, at(1), False)

    def test_more_than_are_held_in_memory_come_in_order(self, store: Store) -> None:
        sent = [str(n) for n in range(2 * CHUNK + 1)]
        for text in sent:
            store.put_payload("j", Item("profile", "a"), NOON, text, int(text) % 3 > 0)
        assert self.texts(store) == sent
        assert self.unreadable(store) == sent[::3]

    def test_they_may_be_marked_while_they_are_gone_through(self, store: Store) -> None:
        for n in range(2 * CHUNK + 1):
            store.put_payload("j", Item("profile", "a"), NOON, str(n), False)
        for payload in store.payloads():
            if payload.text != "3":
                store.mark_readable(payload.id)
        assert self.unreadable(store) == ["3"]

    def test_earlier_ones_are_dropped_once_they_are_understood(self, store: Store) -> None:
        for hour in range(4):
            store.put_payload("j", Item("profile", "a"), at(hour), str(hour), hour % 2 == 0)
        store.drop_payloads(before=at(2))
        assert self.texts(store) == ["1", "2", "3"]


class TestRequests:
    def test_none_yet(self, store: Store) -> None:
        assert store.requests_since("site", NOON) == 0
        assert store.last_request("site") is None
        assert store.nth_request_since("site", NOON, 1) is None

    def test_earlier_ones_are_forgotten(self, store: Store) -> None:
        for hour in range(4):
            store.note_request("site", "a page", at(hour))
        store.forget_requests(before=at(2))
        assert store.requests_since("site", NOON) == 2
        assert store.nth_request_since("site", NOON, 1) == at(2)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hours=st.lists(st.integers(0, 9), max_size=9), since=st.integers(0, 9))
def test_a_window_of_requests_is_a_sorted_list(store: Store, hours: list[int], since: int) -> None:
    store.forget_requests(before=at(99))
    with store.transaction():
        for hour in hours:
            store.note_request("site", "a page", at(hour))
            store.note_request("another", "a page", at(hour + 1))
    window = sorted(hour for hour in hours if hour >= since)
    assert store.requests_since("site", at(since)) == len(window)
    assert store.last_request("site") == (at(max(hours)) if hours else None)
    found = [store.nth_request_since("site", at(since), n + 1) for n in range(len(window) + 1)]
    assert found == [*(at(hour) for hour in window), None]


class TestBreakers:
    challenge = Breaker("site", "challenge", "A wall.", "Nobody passes.", "Wait.", NOON)

    def test_stands_until_it_is_cleared(self, store: Store) -> None:
        assert store.breaker("site", NOON) is None
        store.trip("site", "challenge", WALL, at=NOON)
        assert store.breaker("site", at(10_000)) == self.challenge
        assert store.breaker("another", NOON) is None
        store.clear_breaker("site")
        assert store.breaker("site", NOON) is None

    def test_stands_until_its_time(self, store: Store) -> None:
        store.trip("site", "rate", WALL, at=NOON, until=at(6))
        assert store.breaker("site", at(5.9)) == replace(self.challenge, kind="rate", until=at(6))
        assert store.breaker("site", at(6)) is None

    @pytest.mark.parametrize(
        ("first", "second", "stands"),
        [
            (None, at(6), "first"),
            (at(6), None, "second"),
            (at(6), at(5), "first"),
            (at(6), at(6), "second"),
            (at(1), at(3), "second"),
            (None, None, "second"),
        ],
    )
    def test_of_two_the_longer_one_stands(
        self, store: Store, first: datetime | None, second: datetime | None, stands: str
    ) -> None:
        store.trip("site", "first", WALL, at=NOON, until=first)
        store.trip("site", "second", WALL, at=at(2), until=second)
        breaker = store.breaker("site", at(2))
        assert breaker is not None
        assert breaker.kind == stands


def test_a_consent_stands_until_it_is_withdrawn(store: Store) -> None:
    assert store.consent("site") is None
    store.give_consent("site", "I agree.", NOON)
    store.give_consent("site", "I agree to more.", at(1))
    assert store.consent("site") == at(1)
    assert store.consent("another") is None
    store.withdraw_consent("site")
    assert store.consent("site") is None
