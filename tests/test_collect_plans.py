"""Plans: what each reads, in which order, and when it is enough."""

from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from socialsense.collect import ForDataset, ForHandle, ForHashtags, Plan, plan_of
from socialsense.collect.plans import GRID
from socialsense.errors import InputError, PrivateAccount, UnknownAccount, Withheld
from socialsense.evidence import candidate_pages
from socialsense.hashtags import COMMON_HASHTAGS
from socialsense.store import Store
from tests.examples import a_post
from tests.small_site import SmallSite, gather, item_of, states

NUMBERS = count(1)
MILL = ForHandle("mill", hashtags=3, posts=2)


def site() -> SmallSite:
    """@mill uses #red; beside it stands #blue, in a post of @boat; on its page is @cart."""
    captions = {"m1": "#red", "b1": "#red #blue", "c1": "#blue #far"}
    return SmallSite(
        {"mill": "m1", "boat": "b1", "cart": "c1", "dock": "d1"},
        {"red": "b1 m1", "blue": "c1 b1", "far": "d1"},
        captions,
    )


@st.composite
def worlds(draw: st.DrawFn) -> SmallSite:
    """Five accounts with hashtags in captions; each post is on the pages of all of its own."""
    names = {"m": "mill", "b": "boat", "c": "cart", "d": "dock", "e": "east"}
    captions: dict[str, str] = {}
    for letter in names:
        for number in range(draw(st.integers(1, 3))):
            tags = draw(
                st.lists(st.sampled_from(["red", "blue", "far", "near", "new"]), max_size=3)
            )
            captions[f"{letter}{number}"] = " ".join(f"#{tag}" for tag in tags)
    order = draw(st.permutations(sorted(captions)))
    used = {tag for caption in captions.values() for tag in caption.split()}
    return SmallSite(
        {
            handle: " ".join(pk for pk in sorted(captions) if pk[0] == letter)
            for letter, handle in names.items()
        },
        {tag[1:]: " ".join(pk for pk in order if tag in captions[pk].split()) for tag in used},
        captions,
        size=GRID,
    )


class TestForHandle:
    def test_it_grows_from_what_was_found(self, small_store: Store) -> None:
        source = site()
        assert gather(source, small_store, MILL).state == "done"
        own, hashtags, related, owners = (
            ["@mill 0"],
            ["#red 0"],
            ["#blue 0"],
            ["@boat 0", "@cart 0"],
        )
        assert source.pages == own + hashtags + related + owners

    def test_no_earlier_knowledge_leads_it_elsewhere(self, small_store: Store) -> None:
        small_store.put_posts(
            a_post(str(n), handle=f"stranger{n}", caption="#red #strange") for n in range(9)
        )
        source = site()
        gather(source, small_store, MILL)
        assert not [page for page in source.pages if "strange" in page]

    def test_without_hashtags_of_its_own_it_starts_from_common_ones(
        self, small_store: Store
    ) -> None:
        source = SmallSite({"mill": "m1"})
        gather(source, small_store, MILL)
        assert source.pages == ["@mill 0", *(f"#{tag} 0" for tag in COMMON_HASHTAGS[:3])]

    def test_an_account_that_is_not_there_is_told(self, small_store: Store) -> None:
        source = SmallSite()
        source.fails("@mill 0", UnknownAccount("No.", means="Nobody.", do="Check."))
        with pytest.raises(UnknownAccount, match="There is no account @mill"):
            gather(source, small_store, MILL)
        job = small_store.job(MILL.key)
        assert job is not None
        assert job.state == "failed"
        with pytest.raises(UnknownAccount):
            gather(source, small_store, MILL)
        assert source.pages == ["@mill 0"], "it is not asked for twice a day"

    def test_an_account_that_is_withheld_is_told(self, small_store: Store) -> None:
        source = SmallSite()
        source.fails("@mill 0", Withheld("No.", means="Not here.", do="Leave it."))
        with pytest.raises(Withheld, match="does not show @mill here"):
            gather(source, small_store, MILL)

    def test_a_private_account_is_told(self, small_store: Store) -> None:
        source = SmallSite({"mill": "m1"}, private=("mill",))
        for _ in range(2):
            with pytest.raises(PrivateAccount, match="@mill is a private account"):
                gather(source, small_store, MILL)
        assert source.asked == ["@mill 0"], "it is not asked for twice a day"
        job = small_store.job(MILL.key)
        assert job is not None
        assert job.state == "failed"
        profile = small_store.profile("mill")
        assert profile is not None
        assert profile.private

    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(worlds(), st.integers(1, 4), st.integers(1, 3))
    def test_it_reads_what_a_recommendation_needs_nothing_twice_and_no_more_than_it_said(
        self, tmp_path: Path, source: SmallSite, hashtags: int, posts: int
    ) -> None:
        plan = ForHandle("mill", hashtags, posts)
        url = f"sqlite:///{tmp_path}/{next(NUMBERS)}.db"
        with Store.open(url, tmp_path / "images") as store:
            assert gather(source, store, plan).state == "done"
            needed = candidate_pages(store, "mill", hashtags, posts)
            found = [post for page in needed.values() for post in page]
            pictures = store.image_hashes(post.pk for post in found)
        assert len(set(source.pages)) == len(source.pages) <= plan.requests()
        assert {f"#{tag} 0" for tag in needed} <= set(source.pages)
        assert {f"@{post.handle} 0" for post in found} <= set(source.pages)
        assert pictures.keys() == {post.pk for post in found}


def test_hashtags_come_with_who_is_behind_them(small_store: Store) -> None:
    source, plan = site(), ForHashtags(("blue", "far"), posts=2)
    assert gather(source, small_store, plan).state == "done"
    assert source.pages == ["#blue 0", "#far 0", "@cart 0", "@boat 0", "@dock 0"]
    assert source.pictures == ["b1", "c1", "d1"]
    assert len(source.pages) <= plan.requests()


def many(letter: str, count: int) -> str:
    return " ".join(f"{letter}{n}" for n in range(count))


class TestForDataset:
    tags = ("red", "blue", "green")

    def collected(self, store: Store, source: SmallSite, images: int) -> list[str]:
        """The pictures there are once so many are asked for, in crawl order."""
        plan = ForDataset(images, self.tags)
        job = gather(source, store, plan)
        assert (job.state, job.total) == ("done", images)
        found = [item.name for item in store.items_of(plan.key, ["picture"], ["done"])]
        assert job.done == len(found)
        return found

    def hashtags(self, *counts: int) -> SmallSite:
        pages = {tag: many(tag[0], n) for tag, n in zip(self.tags, counts, strict=True)}
        return SmallSite(hashtags=pages, size=6)

    def test_each_hashtag_gives_the_same_share(self, small_store: Store) -> None:
        source = self.hashtags(20, 20, 20)
        found = self.collected(small_store, source, 9)
        assert sorted(found) == sorted(f"{tag}{n}" for tag in "rbg" for n in range(3))
        assert source.pages == ["#red 0", "#blue 0", "#green 0"]

    def test_what_cannot_be_shared_evenly_goes_to_the_first(self, small_store: Store) -> None:
        found = self.collected(small_store, self.hashtags(20, 20, 20), 4)
        assert sorted(found) == ["b0", "g0", "r0", "r1"]
        assert len(self.collected(small_store, self.hashtags(9, 9, 9), 5)) == 5

    def test_where_one_ends_early_the_others_give_more(self, small_store: Store) -> None:
        source = self.hashtags(2, 20, 20)
        found = self.collected(small_store, source, 12)
        assert {letter: sum(pk[0] == letter for pk in found) for letter in "rbg"} == {
            "r": 2, "b": 5, "g": 5,
        }  # fmt: skip
        assert source.pages == ["#red 0", "#blue 0", "#green 0"]

    def test_where_all_end_early_that_is_all(self, small_store: Store) -> None:
        assert len(self.collected(small_store, self.hashtags(2, 1, 3), 50)) == 6

    def test_films_and_lost_pictures_are_made_up_for(self, small_store: Store) -> None:
        source = self.hashtags(20, 20, 20)
        source.videos = frozenset({"r0", "r1", "b0"})
        source.files = {"g0": None, "g1": None}
        found = self.collected(small_store, source, 9)
        assert len(found) == 9
        assert not {"r0", "r1", "b0", "g0", "g1"} & set(found)
        assert not {"r0", "r1", "b0"} & set(source.pictures)

    @pytest.mark.parametrize(("larger", "pages"), [(6, 3), (18, 3), (30, 6)])
    def test_a_larger_number_goes_on_and_skips_nothing(
        self, larger: int, pages: int, small_store: Store
    ) -> None:
        source = self.hashtags(20, 20, 20)
        first = self.collected(small_store, source, 4)
        found = self.collected(small_store, source, larger)
        share = larger // 3
        assert sorted(found) == sorted(f"{tag}{n}" for tag in "rbg" for n in range(share))
        assert set(first) <= set(found)
        assert len(source.pages) == len(set(source.pages)) == pages
        assert len(source.pictures) == larger, "none is fetched twice"

    def test_a_post_on_two_pages_counts_once(self, small_store: Store) -> None:
        source = SmallSite(hashtags={"red": "r1 r2", "blue": "r1 r2 b1", "green": "r2"})
        assert sorted(self.collected(small_store, source, 3)) == ["b1", "r1", "r2"]

    def test_one_withheld_half_way_is_left(self, small_store: Store) -> None:
        source = self.hashtags(20, 20, 20)
        source.fails("#red 6", Withheld("No.", means="Not here.", do="Leave it."))
        assert len(self.collected(small_store, source, 33)) == 33
        plan = ForDataset(33, self.tags)
        assert (states(small_store, plan)["#red"], item_of(small_store, plan, "red").posts) == (
            "gated",
            6,
        )


def test_a_key_names_what_it_is_about() -> None:
    assert MILL.key == replace(MILL, hashtags=9).key == "handle:mill"
    assert ForHashtags(("red", "blue")).key == "hashtag:red blue"
    long = ForHashtags(tuple(f"tag{n}" for n in range(50)))
    assert len(long.key) < 30
    assert long.key != ForHashtags(long.tags[:-1]).key
    assert ForDataset(3).key == ForDataset(9).key != ForDataset(3, ("red",)).key


TAGS = st.lists(st.text(min_size=1, max_size=9), max_size=9).map(tuple)
COUNTS = st.integers(1, 10**6)
PLANS = st.one_of(
    st.builds(ForHandle, handle=st.text(max_size=30), hashtags=COUNTS, posts=COUNTS),
    st.builds(ForHashtags, tags=TAGS, posts=COUNTS),
    st.builds(ForDataset, images=COUNTS, tags=TAGS),
)


@given(PLANS)
def test_a_request_gives_its_plan_again(plan: Plan) -> None:
    assert plan.request is not None
    assert plan_of(plan.request) == plan


@pytest.mark.parametrize(
    "request_",
    ["", "[]", "7", "null", "{}", '{"use": "handle"}', '{"use": "nothing", "handle": "mill"}',
     '{"use": ["handle"]}', '{"use": "handle", "handle": 7}', '{"use": "dataset", "images": "x"}',
     '{"use": "hashtag", "tags": "red"}', '{"use": "hashtag", "tags": [7]}'],
)  # fmt: skip
def test_rubbish_is_refused(request_: str) -> None:
    with pytest.raises(InputError, match="cannot be begun anew"):
        plan_of(request_)


@given(st.text() | st.dictionaries(st.text(), st.integers()).map(str))
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        plan_of(text)
