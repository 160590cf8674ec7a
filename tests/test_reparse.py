"""Saved pages read again: what was understood stays, what was not arrives, nobody is asked."""

import json
from dataclasses import dataclass, field, replace

import pytest

from socialsense.collect import ForHashtags, collect
from socialsense.collect import reparse as module
from socialsense.collect.reparse import Reparsed, reparse
from socialsense.dialects.read import page_of, read_answer
from socialsense.errors import PageChanged
from socialsense.store import Store
from socialsense.types import Page, Post
from tests.dialect_documents import grid, media, post_root, row
from tests.small_site import DOWN, SmallSite, gather, item_of, now, states

PLAN = ForHashtags(("red",), posts=6)
UNKNOWN = "grid_of_tomorrow"


def sent(*numbers: int, cursor: str | None = None, **other: object) -> str:
    """A page of a hashtag: posts of @otto.bakes, by their number."""
    posts = [media(pk=f"40339773862518{n}", code=f"C{n}", **other) for n in numbers]
    return json.dumps(grid(row(*posts), cursor=cursor))


def unknown(text: str) -> str:
    return text.replace("xdt_fbsearch__top_serp_graphql", UNKNOWN)


def corrected(text: str, *args: object) -> object:
    """The parser of a later version, which knows the new shape."""
    return read_answer(text.replace(UNKNOWN, "xdt_fbsearch__top_serp_graphql"), *args)


@dataclass
class Telling(SmallSite):
    """Sends pages as Instagram does, by question."""

    pages_sent: dict[str, str] = field(default_factory=dict)

    def posts(self, handle: str, cursor: str | None = None) -> Page[Post]:
        return replace(super().posts(handle, cursor), payload=None)

    def tagged(self, tag: str, cursor: str | None = None) -> Page[Post]:
        return self._told(f"#{tag} {cursor or 0}")

    def post(self, shortcode: str) -> Page[Post]:
        return self._told(f"post {shortcode}")

    def _told(self, question: str) -> Page[Post]:
        self._ask(question)
        text = self.pages_sent[question]
        try:
            return page_of(read_answer(text, now()), text)
        except PageChanged as error:
            error.payload = text
            raise


def three_pages(**changes: str) -> Telling:
    known = {
        "#red 0": sent(1, 2, cursor="a"),
        "#red a": sent(2, 3, 4, cursor="b"),
        "#red b": sent(5, 6),
    }
    return Telling(accounts={"otto.bakes": ""}, pages_sent=known | changes)


def content(store: Store) -> object:
    posts = store.posts("otto.bakes")
    return (
        posts,
        [store.observations(post.pk) for post in posts],
        store.tagged(["red", "bread"], 99),
        [store.ranked("red", [post.pk for post in posts], n) for n in range(9)],
        store.items_of(PLAN.key),
        store.jobs(),
        store.counts(),
        [payload.readable for payload in store.payloads()],
    )


@pytest.fixture
def stopped(small_store: Store) -> Telling:
    """A crawl that met an unknown shape on its second page."""
    source = three_pages()
    source.pages_sent["#red a"] = unknown(source.pages_sent["#red a"])
    with pytest.raises(PageChanged):
        gather(source, small_store, PLAN)
    assert states(small_store, PLAN)["#red"] == "changed"
    return source


def test_what_was_understood_stays_as_it_is(small_store: Store) -> None:
    gather(three_pages(), small_store, PLAN)
    before = content(small_store)
    assert len(small_store.tagged(["red"], 99)["red"]) == 6
    assert reparse(small_store) == Reparsed(read=3)
    assert content(small_store) == before


def test_what_is_newer_stands(small_store: Store) -> None:
    gather(three_pages(), small_store, PLAN)
    later = three_pages(**{"#red 0": sent(4, 7, 8, 9, 5, 6, like_count=9000)})
    gather(later, small_store, PLAN, again=True)
    before = content(small_store)
    reparse(small_store)
    assert content(small_store) == before
    assert {post.likes for post in small_store.tagged(["red"], 6)["red"]} == {9000}


class TestUnknownShape:
    def test_it_stays_so_until_a_parser_knows_it(
        self, stopped: Telling, small_store: Store
    ) -> None:
        assert reparse(small_store) == Reparsed(read=1, unreadable=1)
        assert states(small_store, PLAN)["#red"] == "changed"

    def test_then_its_posts_arrive_without_a_request(
        self, stopped: Telling, small_store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = list(stopped.asked)
        monkeypatch.setattr(module, "read_answer", corrected)
        heard: list[Reparsed] = []
        assert reparse(small_store, heard.append) == Reparsed(read=2, repaired=1)
        assert heard == [Reparsed(1), Reparsed(2, 1)]
        assert stopped.asked == asked
        found = [post.shortcode for post in small_store.tagged(["red"], 99)["red"]]
        assert found == ["C1", "C2", "C3", "C4"]
        item = item_of(small_store, PLAN, "red")
        assert (item.state, item.cursor, item.posts, item.error) == ("waiting", "b", 4, None)
        assert reparse(small_store) == Reparsed(read=2)

    def test_and_the_job_goes_on_behind_it(
        self, stopped: Telling, small_store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "read_answer", corrected)
        reparse(small_store)
        stopped.asked.clear()
        assert gather(stopped, small_store, PLAN).state == "done"
        assert stopped.pages == ["#red b", "@otto.bakes 0"]
        found = [post.shortcode for post in small_store.tagged(["red"], 99)["red"]]
        assert found == ["C1", "C2", "C3", "C4", "C5", "C6"]
        pictures = small_store.image_hashes(post.pk for post in small_store.posts("otto.bakes"))
        assert len(pictures) == 6

    def test_where_the_job_has_gone_on_by_itself_it_is_not_moved(
        self, stopped: Telling, small_store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gather(three_pages(), small_store, PLAN)
        items = small_store.items_of(PLAN.key)
        posts = small_store.tagged(["red"], 99)
        monkeypatch.setattr(module, "read_answer", corrected)
        assert reparse(small_store).repaired == 1
        assert small_store.items_of(PLAN.key) == items
        assert small_store.tagged(["red"], 99) == posts

    def test_of_a_job_that_is_no_more_the_posts_are_kept(
        self, stopped: Telling, small_store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        small_store.drop_items(PLAN.key, small_store.items_of(PLAN.key))
        small_store.drop_job(PLAN.key)
        monkeypatch.setattr(module, "read_answer", corrected)
        assert reparse(small_store).repaired == 1
        assert len(small_store.tagged(["red"], 99)["red"]) == 4

    def test_a_posts_page_leads_to_its_picture(
        self, small_store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source = three_pages(**{"#red 0": sent(1)})
        known = json.dumps(post_root(media(pk="403397738625181", code="C1")))
        root = "xdt_api__v1__media__shortcode__web_info"
        source.pages_sent["post C1"] = known.replace(root, UNKNOWN)
        source.fails("image 403397738625181", DOWN)
        with pytest.raises(PageChanged):
            gather(source, small_store, PLAN)
        later = lambda text, at: read_answer(text.replace(UNKNOWN, root), at)  # noqa: E731
        monkeypatch.setattr(module, "read_answer", later)
        assert reparse(small_store).repaired == 1
        source.asked.clear()
        assert collect(source, small_store, PLAN).state == "done"
        assert source.asked == ["image 403397738625181"]


def test_nothing_was_saved(small_store: Store) -> None:
    assert reparse(small_store) == Reparsed()
