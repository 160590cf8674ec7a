"""What the store keeps and gives back: one contract, on SQLite and PostgreSQL."""

import os
from dataclasses import replace
from datetime import UTC, timedelta, timezone
from itertools import count

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from socialsense.answers import Outcome
from socialsense.engagement import countable_posts
from socialsense.errors import StoreError
from socialsense.store import Observation, Store
from tests.examples import NOON, a_post, a_prediction, a_profile, at, pks

NUMBERS = count(1)


class TestProfiles:
    def test_comes_back_as_it_went_in(self, store: Store) -> None:
        profile = a_profile(private=True, followers=5_000_000_000)
        store.put_profile(profile)
        assert store.profile("mill") == profile
        assert store.profile("nobody") is None

    def test_a_time_of_another_zone_comes_back_in_utc(self, store: Store) -> None:
        tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
        store.put_profile(a_profile(fetched_at=tokyo))
        (profile,) = store.profiles()
        assert (profile.fetched_at, profile.fetched_at.tzinfo) == (NOON, UTC)

    def test_unknown_never_overwrites_known(self, store: Store) -> None:
        store.put_profile(a_profile())
        store.put_profile(a_profile(fetched_at=at(1), followers=None, posts_count=10, name=None))
        assert store.profile("mill") == a_profile(fetched_at=at(1), posts_count=10)

    def test_older_never_overwrites_newer_but_fills_what_is_unknown(self, store: Store) -> None:
        store.put_profile(a_profile(fetched_at=at(1), followers=None, name=None, private=True))
        store.put_profile(a_profile(posts_count=3))
        assert store.profile("mill") == a_profile(fetched_at=at(1), private=True)

    def test_many_in_order_of_their_handles(self, store: Store) -> None:
        for handle in ("b", "_a", "a"):
            store.put_profile(a_profile(handle))
        assert [p.handle for p in store.profiles()] == ["_a", "a", "b"]
        assert set(store.profiles_of(["a", "b", "c", "a"])) == {"a", "b"}


class TestPosts:
    def test_comes_back_as_it_went_in(self, store: Store) -> None:
        full = a_post(image_url="https://x", image_sha256="ab", pinned=True, kind="video")
        bare = a_post("2", taken_at=at(-2), caption=None, likes=None, comments=None)
        store.put_posts([bare, full])
        assert store.posts("mill") == (full, bare)
        assert store.posts("mill", limit=1) == (full,)

    def test_a_reread_never_duplicates(self, store: Store) -> None:
        store.put_posts([a_post(), a_post()])
        store.put_posts([a_post()])
        assert store.counts()["posts"] == 1
        assert store.observations("1") == (Observation(NOON, 10, 2),)

    def test_unknown_never_overwrites_known(self, store: Store) -> None:
        known = a_post(image_url="https://x", image_sha256="ab")
        hidden = a_post(fetched_at=at(1), handle=None, caption=None, likes=None, comments=3)
        store.put_posts([known, hidden])
        assert store.posts("mill") == (replace(known, fetched_at=at(1), comments=3),)
        assert store.observations("1") == (Observation(NOON, 10, 2), Observation(at(1), None, 3))

    def test_older_never_overwrites_newer(self, store: Store) -> None:
        store.put_posts([a_post(fetched_at=at(1))])
        store.put_posts([a_post(caption="old", likes=1, comments=1, shortcode="old")])
        assert store.posts("mill") == (a_post(fetched_at=at(1)),)

    def test_an_author_named_later_gets_the_post(self, store: Store) -> None:
        store.put_posts([a_post(handle=None, fetched_at=at(1)), a_post()])
        assert pks(store.posts("mill")) == ["1"]

    def test_text_that_a_database_would_refuse(self, store: Store) -> None:
        store.put_posts([a_post(caption="a\0b \ud83c #नमस्ते #🍕pizza")])
        (post,) = store.posts("mill")
        assert post.caption == "ab ? #नमस्ते #🍕pizza"
        assert store.hashtags_of(["1"]) == {"1": ("नमस्ते", "🍕pizza")}

    def test_by_pk_whoever_wrote_them(self, store: Store) -> None:
        store.put_posts([a_post(), a_post("2", handle=None), a_post("3")])
        assert store.posts_of(["2", "1", "x"]) == {"1": a_post(), "2": a_post("2", handle=None)}

    def test_a_picture_fetched_later_stays_through_a_reread(self, store: Store) -> None:
        store.put_posts([a_post(), a_post("2")])
        store.set_pictures({"1": "ab", "unknown": "cd"})
        store.set_pictures({})
        store.put_posts([a_post(fetched_at=at(1))])
        found = store.posts_of(["1", "2"])
        assert (found["1"].image_sha256, found["2"].image_sha256) == ("ab", None)

    def test_countable_posts_of_many_accounts_as_one_by_one(self, store: Store) -> None:
        handles = [f"h{i}" for i in range(40)]
        store.put_posts(
            a_post(
                str(i),
                handle=handles[i * i % 37],
                taken_at=at(i % 11),
                likes=None if i % 3 == 0 else i,
                pinned=i % 7 == 0,
            )
            for i in range(400)
        )
        slow = {handle: countable_posts(store.posts(handle), last=4) for handle in handles}
        found = store.countable_posts([*handles, "nobody"], 4)
        assert found == {handle: posts for handle, posts in slow.items() if posts}

    def test_oldest_and_newest_reading(self, store: Store) -> None:
        assert store.oldest_and_newest() is None
        store.put_posts([a_post(), a_post("2", fetched_at=at(5))])
        assert store.oldest_and_newest() == (NOON, at(5))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_of_rereads_ends_with_the_newest_known(store: Store, data: st.DataObject) -> None:
    counts = st.none() | st.integers(0, 10**12)
    seen = data.draw(st.dictionaries(st.integers(0, 9), st.tuples(counts, counts), min_size=1))
    order = data.draw(st.lists(st.sampled_from(sorted(seen)), min_size=1, max_size=12))
    pk = f"any{next(NUMBERS)}"
    with store.transaction():
        for hour in order:
            likes, comments = seen[hour]
            fetched = at(hour)
            store.put_posts(
                [a_post(pk, handle=pk, likes=likes, comments=comments, fetched_at=fetched)]
            )
            store.put_profile(a_profile(pk, followers=likes, fetched_at=fetched))
    read = [seen[hour] for hour in sorted(set(order), reverse=True)]
    likes, comments = (
        next((c for c in column if c is not None), None) for column in zip(*read, strict=True)
    )
    newest = at(max(order))
    expected = a_post(pk, handle=pk, likes=likes, comments=comments, fetched_at=newest)
    assert store.posts(pk) == (expected,)
    assert store.profile(pk) == a_profile(pk, followers=likes, fetched_at=newest)
    assert len(store.observations(pk)) == len(read)


class TestImages:
    def test_a_file_named_by_its_hash(self, store: Store) -> None:
        sha256 = store.put_image(b"picture")
        assert store.put_image(b"picture") == sha256
        assert store.image(sha256) == b"picture"
        assert [p.name for p in store.images_dir.rglob("*") if p.is_file()] == [sha256]
        assert store.counts()["images"] == 1

    def test_a_batch_is_as_one_by_one(self, store: Store) -> None:
        files = [b"picture %d" % number for number in range(5)]
        alone = store.put_image(files[3])
        batch = store.put_images(iter([*files, files[0]]))
        assert [store.image(sha256) for sha256 in batch] == [*files, files[0]]
        assert (batch[3], store.put_images([])) == (alone, ())
        kept = {p.name for p in store.images_dir.rglob("*") if p.is_file()}
        assert (kept, store.counts()["images"]) == (set(batch), 5)

    def test_a_batch_that_fails_leaves_nothing_half(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        written, fsync = count(), os.fsync

        def full_at_the_third(descriptor: int) -> None:
            if next(written) == 2:
                raise OSError(28, "No space left on device")
            fsync(descriptor)

        monkeypatch.setattr(os, "fsync", full_at_the_third)
        with pytest.raises(StoreError, match="No space left"):
            store.put_images([b"1", b"2", b"3", b"4"])
        assert store.counts()["images"] == 0
        assert not [p for p in store.images_dir.rglob("*") if p.is_file()]

    @pytest.mark.parametrize("name", ["", "0" * 64, "../../etc/passwd", "/etc/passwd"])
    def test_none_where_there_is_none(self, store: Store, name: str) -> None:
        assert store.image(name) is None

    def test_no_row_without_its_file(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match="No space left"):
            store.put_image(b"picture")
        assert store.counts()["images"] == 0
        assert not [p for p in store.images_dir.rglob("*") if p.is_file()]

    def test_only_stored_files_count_as_a_posts_picture(self, store: Store) -> None:
        sha256 = store.put_image(b"picture")
        store.put_posts([a_post(image_sha256=sha256), a_post("2", image_sha256="ab"), a_post("3")])
        assert store.image_hashes(["1", "2", "3", "4"]) == {"1": sha256}

    def test_embeddings_by_picture_and_model(self, store: Store) -> None:
        table = np.arange(12.0).reshape(4, 3)
        store.put_embeddings("color", {"a": table[:, 1], "b": np.float32([1.5])})
        store.put_embeddings("siamese", {"a": np.float32([9])})
        found = store.embeddings("color", ["a", "b", "c"])
        assert {sha: v.tolist() for sha, v in found.items()} == {"a": [1, 4, 7, 10], "b": [1.5]}
        assert found["a"].dtype == np.float32
        assert store.embeddings("siamese", ["a"])["a"].tolist() == [9]

    def test_as_many_as_a_large_collection_holds(self, store: Store) -> None:
        numbers = np.arange(80_000, dtype=np.float32).reshape(20_000, 4)
        names = [f"{i:064x}" for i in range(20_000)]
        store.put_embeddings("m", dict(zip(names, numbers, strict=True)))
        found = store.embeddings("m", names)
        assert np.array_equal(np.stack([found[name] for name in names]), numbers)


class TestPredictions:
    expected = a_prediction()

    def test_the_same_prediction_is_recorded_once(self, store: Store) -> None:
        for hour in (0, 1):
            store.put_prediction("ab", ("red", "नमस्ते"), {"e": "color"}, self.expected, at(hour))
        (kept,) = store.predictions("mill")
        assert (kept.prediction, kept.made_at, kept.handle) == (self.expected, NOON, "mill")
        assert (kept.image_sha256, kept.tags) == ("ab", ("red", "नमस्ते"))
        assert kept.models == {"e": "color"}

    def test_other_hashtags_make_another_one_and_the_latest_comes_first(self, store: Store) -> None:
        first = store.put_prediction("ab", ("red",), {}, self.expected, NOON)
        second = store.put_prediction("ab", (), {}, self.expected, at(1))
        assert [p.id for p in store.predictions()] == [second, first]
        assert store.predictions("other") == ()


class TestOutcomes:
    expected = a_prediction()

    def predict(self, store: Store, sha256: str = "ab", **changes: object) -> str:
        prediction = replace(self.expected, **changes)
        return store.put_prediction(sha256, ("red",), {}, prediction, NOON)

    def known(self, store: Store) -> Outcome | None:
        (tracked,) = store.outcomes()
        return tracked.outcome

    def test_comes_back_as_it_went_in_beside_its_prediction(self, store: Store) -> None:
        first, second = self.predict(store), self.predict(store, "cd", handle="other")
        outcome = Outcome(first, "7", at(1), 5_000_000_000, None, at(200))
        store.put_outcome(outcome)
        assert {t.recorded.id: t.outcome for t in store.outcomes()} == {
            first: outcome,
            second: None,
        }
        assert [t.recorded for t in store.outcomes("mill")] == list(store.predictions("mill"))
        assert store.outcomes("nobody") == ()
        assert store.counts()["outcomes"] == 1

    def test_the_newest_stands_in_whatever_order_they_come(self, store: Store) -> None:
        key = self.predict(store)
        older, newer = (Outcome(key, "7", at(1), n, n, at(200 + n)) for n in (10, 20))
        for outcome in (older, newer, older):
            store.put_outcome(outcome)
        assert self.known(store) == newer

    def test_what_a_person_told_gives_way_to_a_person_alone(self, store: Store) -> None:
        key = self.predict(store)
        told = Outcome(key, None, None, 30, None, at(1))
        found = Outcome(key, "7", at(1), 40, 4, at(200))
        for outcome in (found, told, found):
            store.put_outcome(outcome)
        assert self.known(store) == told
        corrected = replace(told, likes=33, seen_at=at(2))
        store.put_outcome(corrected)
        assert self.known(store) == corrected

    def test_a_forgotten_one_leaves_its_prediction(self, store: Store) -> None:
        key = self.predict(store)
        store.put_outcome(Outcome(key, None, None, 30, None, at(1)))
        store.forget_outcome(key)
        store.forget_outcome("never there")
        assert self.known(store) is None

    def test_there_is_none_without_a_prediction(self, store: Store) -> None:
        with pytest.raises(StoreError):
            store.put_outcome(Outcome("unknown", None, None, 30, None, at(1)))
