"""Hashtags in the store: their pages, their sizes, who uses them; on SQLite and PostgreSQL."""

from socialsense.store import Store
from tests.examples import a_post, at, pks


class TestHashtags:
    def test_an_edited_caption_takes_its_old_hashtags_along(self, store: Store) -> None:
        store.put_posts([a_post(caption="#red #blue")])
        store.put_posts([a_post(caption="#blue #green", fetched_at=at(1))])
        store.put_posts([a_post(caption="#old", fetched_at=at(-1))])
        assert store.hashtags_of(["1", "2"]) == {"1": ("blue", "green")}

    def test_a_page_keeps_its_order_and_counts_posts_without_caption(self, store: Store) -> None:
        page = [a_post("3", caption=None), a_post("1"), a_post("2", likes=999)]
        store.put_tagged("#Red", page[:2])
        store.put_tagged("red", page[2:], first_rank=2)
        assert pks(store.tagged(["red"], 9)["red"]) == ["3", "1", "2"]
        assert pks(store.tagged(["red"], 2)["red"]) == ["3", "1"]
        assert store.hashtags_of(["3"]) == {"3": ("red",)}

    def test_posts_known_from_captions_follow_by_falling_engagement(self, store: Store) -> None:
        store.put_posts(
            [
                a_post("hidden", likes=None),
                a_post("few", likes=1, comments=None),
                a_post("many", likes=50, comments=None),
                a_post("commented", likes=49, comments=9),
            ]
        )
        store.put_tagged("red", [a_post("top", likes=None)])
        assert pks(store.tagged(["red"], 9)["red"]) == ["top", "commented", "many", "few", "hidden"]

    def test_a_page_read_anew_replaces_the_earlier_order(self, store: Store) -> None:
        store.put_tagged("red", [a_post("left"), a_post("a"), a_post("b")])
        later = {"fetched_at": at(1), "likes": 20}
        store.put_tagged("red", [a_post("b", **later), a_post("a", **later)])
        store.put_tagged("red", [a_post("a", fetched_at=at(-1))])
        assert pks(store.tagged(["red"], 9)["red"]) == ["b", "a", "left"]

    def test_a_page_does_not_unpin(self, store: Store) -> None:
        store.put_posts([a_post(pinned=True)])
        store.put_tagged("red", [a_post(fetched_at=at(1))])
        assert store.posts("mill")[0].pinned
        store.put_posts([a_post(fetched_at=at(2))])
        assert not store.posts("mill")[0].pinned

    def test_answers_in_the_order_asked_and_only_what_is_known(self, store: Store) -> None:
        store.put_posts([a_post(caption="#a #b")])
        assert list(store.tagged(["b", "x", "a", "b"], 9)) == ["b", "a"]
        assert store.tagged([], 9) == {}

    def test_used_by_falling_count_then_alphabet(self, store: Store) -> None:
        store.put_posts([a_post("1", caption="#b #a"), a_post("2", caption="#c #b #a")])
        store.put_posts([a_post("3", caption="#c #c", handle="other")])
        assert store.hashtags_used("mill") == (("a", 2), ("b", 2), ("c", 1))

    def test_size_on_the_platform_where_known(self, store: Store) -> None:
        store.put_tagged("red", [a_post()], posts_count=7_000_000_000)
        store.put_tagged("red", [a_post(fetched_at=at(1))])
        store.put_tagged("blue", [a_post()])
        assert store.hashtag_sizes(["red", "blue"]) == {"red": 7_000_000_000}

    def test_the_newest_size_stands_with_or_without_a_page(self, store: Store) -> None:
        store.put_tagged("red", [a_post()], posts_count=5)
        store.put_sizes({"#Red": 7, "blue": 8_000_000_000}, at(1))
        store.put_sizes({"red": 6}, at(-1))
        store.put_sizes({}, at(2))
        assert store.hashtag_sizes(["red", "blue"]) == {"red": 7, "blue": 8_000_000_000}
        assert store.ranked("red", ["1"], 9) == {"1"}

    def test_pages_of_the_demo_and_of_others_do_not_mix(self, store: Store) -> None:
        fictional = [a_post(pk, source="demo") for pk in ("d1", "d2")]
        store.put_tagged("red", fictional)
        store.put_tagged("red", [a_post("r1", fetched_at=at(1)), a_post("r2", fetched_at=at(1))])
        for demo, known in ((False, ["r1", "r2"]), (True, ["d1", "d2"])):
            assert pks(store.tagged(["red"], 9, demo=demo)["red"]) == known
        assert store.ranked("red", ["d1", "d2"], 9) == {"d1", "d2"}, "neither drives the other away"

    def test_ranked_are_those_on_the_page_now(self, store: Store) -> None:
        store.put_posts([a_post("caption")])
        store.put_tagged("red", [a_post("left"), a_post("stays")])
        store.put_tagged("red", [a_post("stays", fetched_at=at(1))])
        store.put_tagged("blue", [a_post("elsewhere")])
        known = ["caption", "left", "stays", "elsewhere", "unknown"]
        assert store.ranked("#Red", known, 1) == {"stays"}
        assert store.ranked("red", ["left"], 9) == store.ranked("red", ["stays"], 0) == set()
        assert store.pages_of(known) == {
            "stays": frozenset({"red"}),
            "elsewhere": frozenset({"blue"}),
        }


def test_tagged_pictures_come_by_hashtag_page_then_by_pk(store: Store) -> None:
    pictures = [store.put_image(b"picture %d" % i) for i in range(6)]
    store.put_posts(a_post(f"p{i}", image_sha256=sha) for i, sha in enumerate(pictures[:4]))
    store.put_posts([a_post("bare"), a_post("silent", caption=None, image_sha256=pictures[0])])
    on_sea = [a_post("second", caption=None, image_sha256=pictures[4]),
              a_post("first", image_sha256=pictures[5])]  # fmt: skip
    store.put_tagged("sea", reversed(on_sea))
    store.put_tagged("wave", [*on_sea, a_post("p3", image_sha256=pictures[3])])
    expected = ["first", "second", "p3", "p0", "p1", "p2"]
    for size in (1, 2, 1000):
        found = list(store.tagged_pictures(size))
        assert [one.pk for one in found] == expected
        assert [one.page for one in found] == ["sea", "sea", "wave", None, None, None]
        assert found[1].hashtags == ("sea", "wave")
        assert not found[1].caption_known
        assert [one.image_sha256 for one in found[3:]] == pictures[:3]
        for place, one in enumerate(found):
            rest = store.tagged_pictures(size, after=one)
            assert [later.pk for later in rest] == expected[place + 1 :]
