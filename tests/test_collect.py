"""Collecting from a source small enough to see through."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from socialsense import parts
from socialsense.collect import Listings, collect, collect_demo
from socialsense.collect.report import Report
from socialsense.errors import SourceError, UnknownAccount
from socialsense.store import Store
from socialsense.types import Item, Job, Page, Post, Profile

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MILL, BOAT = ("m1", "m2", "m3", "m4", "m5"), ("b1",)


@dataclass
class Small:
    """Two accounts and a hashtag, two posts a page; notes what it is asked."""

    name = "small"
    version = "7"
    handles = ("mill", "boat")
    tags = ("red",)
    listings: dict[str, tuple[str, ...]] = field(
        default_factory=lambda: {"@mill": MILL, "@boat": BOAT, "#red": ("b1", "x1", "m2")}
    )
    private: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)
    fails_at: str = ""

    def posts(self, handle: str, cursor: str | None = None) -> Page[Post]:
        private = handle in self.private
        page = Page(()) if private else self._page(f"@{handle}", cursor)
        profile = Profile(handle, 100, 5, NOON, "small", private=private)
        return page if cursor else replace(page, profiles=(profile,))

    def tagged(self, tag: str, cursor: str | None = None) -> Page[Post]:
        return self._page(f"#{tag}", cursor)

    def post(self, shortcode: str) -> Page[Post]:
        return Page((post(shortcode),))

    def image(self, post: Post) -> bytes | None:
        self._note(f"image {post.pk}")
        return None if post.pk == "m3" else b"no picture that decodes: " + post.pk.encode()

    def _page(self, listing: str, cursor: str | None) -> Page[Post]:
        start = int(cursor or 0)
        self._note(f"{listing} {start}")
        names = self.listings[listing]
        later = str(start + 2) if start + 2 < len(names) else None
        return Page(tuple(post(pk) for pk in names[start : start + 2]), later)

    def _note(self, question: str) -> None:
        self.asked.append(question)
        if question == self.fails_at:
            raise SourceError("The site is down.", means="It is down.", do="Wait.")


def post(pk: str) -> Post:
    handle = {"m": "mill", "b": "boat"}.get(pk[0])
    taken = NOON - timedelta(hours=int(pk[1]))
    return Post(pk, pk, handle, taken, "image", f"#{pk}", 10, 2, "small", NOON)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/x.db", tmp_path / "images") as opened:
        yield opened


@pytest.fixture
def run(store: Store) -> Callable[..., Job]:
    def collect_all(source: Small, key: str = "k", **options: object) -> Job:
        return collect(source, store, Listings(key, source.handles, source.tags), **options)

    return collect_all


def content(store: Store) -> object:
    posts = {handle: store.posts(handle) for handle in ("mill", "boat")}
    return store.profiles(), posts, store.tagged(["red", "m1"], 9), store.counts()


def pages(source: Small) -> list[str]:
    return [question for question in source.asked if question[0] in "@#"]


def test_everything_is_kept(run: Callable[..., Job], store: Store) -> None:
    heard: list[Job] = []
    job = run(Small(), on_progress=heard.append)
    assert (job.state, job.done, job.total, job.error) == ("done", 3, 3, None)
    assert store.job("k") == job
    assert [j.done for j in heard] == [0, 0, 1, 2, 2, 3]
    assert [p.handle for p in store.profiles()] == ["boat", "mill"]
    assert [p.pk for p in store.posts("mill")] == list(MILL)
    assert [p.pk for p in store.tagged(["red"], 9)["red"]] == ["b1", "x1", "m2"]


def test_a_picture_is_kept_as_it_is_and_missed_where_there_is_none(
    run: Callable[..., Job], store: Store
) -> None:
    run(Small())
    files = {p.pk: p.image_sha256 and store.image(p.image_sha256) for p in store.posts("mill")}
    assert files["m1"] == b"no picture that decodes: m1"
    assert files["m3"] is None
    assert store.counts()["images"] == 6


def test_no_picture_is_fetched_twice(run: Callable[..., Job]) -> None:
    source = Small()
    run(source)
    run(source, key="again")
    fetched = [question for question in source.asked if question.startswith("image")]
    assert [q for q in fetched if q != "image m3"] == [
        f"image {pk}" for pk in ["m1", "m2", "m4", "m5", "b1", "x1"]
    ]


def test_a_finished_job_starts_over_when_told_and_duplicates_nothing(
    run: Callable[..., Job], store: Store
) -> None:
    source = Small()
    run(source)
    before = content(store)
    source.asked.clear()
    assert run(source, again=True).state == "done"
    assert len(pages(source)) == 6
    assert content(store) == before


def test_a_private_account_is_kept_without_posts(run: Callable[..., Job], store: Store) -> None:
    source = Small(private=("mill",))
    assert run(source).state == "done"
    assert [(p.handle, p.private) for p in store.profiles()] == [("boat", False), ("mill", True)]
    assert pages(source) == ["@boat 0", "#red 0", "#red 2"]


def test_cancelled_at_each_page_it_continues_there(
    run: Callable[..., Job], store: Store, tmp_path: Path
) -> None:
    source = Small()
    answers = iter([False, True] * 20)
    states = []
    while not states or states[-1] != "done":
        states.append(run(source, cancelled=lambda: next(answers)).state)
    assert states == ["cancelled"] * 5 + ["done"]
    assert pages(source) == ["@mill 0", "@mill 2", "@mill 4", "@boat 0", "#red 0", "#red 2"]
    with Store.open(f"sqlite:///{tmp_path}/y.db", tmp_path / "images") as other:
        collect(Small(), other, Listings("k", source.handles, source.tags))
        assert content(store) == content(other)


@pytest.mark.parametrize("question", ["@boat 0", "@mill 2", "image m4", "#red 2"])
def test_a_failure_is_told_and_continues_where_it_happened(
    question: str, run: Callable[..., Job], store: Store
) -> None:
    source = Small(fails_at=question)
    with pytest.raises(SourceError):
        run(source)
    job = store.job("k")
    assert job is not None
    assert (job.state, job.error) == ("failed", "The site is down. It is down. Wait.")
    before = len(pages(source))
    source.fails_at = ""
    done = run(source)
    assert (done.state, done.error, done.started_at) == ("done", None, job.started_at)
    assert len(pages(source)) <= 7, "at most one page is read twice"
    assert before < 7
    assert store.counts()["posts"] == 7


def test_nothing_of_a_page_is_kept_without_the_place_after_it(
    run: Callable[..., Job], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_items = Store.set_items

    def dies_on_the_second_page(self: Store, job: str, items: Sequence[Item]) -> None:
        if any(item.cursor == "4" for item in items):
            raise KeyboardInterrupt
        set_items(self, job, items)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "set_items", dies_on_the_second_page)
        with pytest.raises(KeyboardInterrupt):
            run(Small())
    assert [p.pk for p in store.posts("mill")] == ["m1", "m2"]
    source = Small()
    run(source)
    assert pages(source)[0] == "@mill 2"
    assert store.counts()["posts"] == 7


def test_an_unknown_account_is_gone_and_the_rest_is_read(
    run: Callable[..., Job], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> Page[Post]:
        raise UnknownAccount("No such account.", means="Misspelt.", do="Check.")

    monkeypatch.setattr(Small, "posts", unknown)
    assert run(Small()).state == "done"
    states = {item.name: (item.state, item.error) for item in store.items_of("k", ["profile"])}
    assert states == dict.fromkeys(Small.handles, ("gone", "No such account. Misspelt. Check."))
    assert len(store.tagged(["red"], 9)["red"]) == 3


def test_a_listing_that_does_not_move_on_ends(
    run: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Small, "posts", lambda *_: Page((post("m1"),), "same"))
    with pytest.raises(SourceError, match="mill does not move on"):
        run(Small())


def test_what_is_read_stays_said_between_two_pages(store: Store) -> None:
    report = Report(store, Listings("k", (), ()), NOON)
    assert report.put("running", doing="#red").doing == "#red"
    assert report.put("running").doing == "#red"
    assert report.put("done").doing == ""


def test_nothing_to_collect_is_done(store: Store) -> None:
    assert collect(Small(), store, Listings("k", (), ())).state == "done"


def test_the_demo_is_collected_once_for_each_version(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Small()
    monkeypatch.setattr(parts, "load", lambda *_: source)
    assert collect_demo(store).key == "demo:7"
    asked = len(source.asked)
    collect_demo(store)
    assert len(source.asked) == asked
    source.version = "8"
    assert collect_demo(store).key == "demo:8"
    assert len(source.asked) > asked


def test_the_post_given_stays_unchanged_but_for_its_picture(
    run: Callable[..., Job], store: Store
) -> None:
    run(Small())
    assert [replace(p, image_sha256=None) for p in store.posts("mill")] == [post(pk) for pk in MILL]
