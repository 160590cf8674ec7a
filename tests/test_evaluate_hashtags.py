"""Recommended hashtags against those really used, in small worlds whose answer one can see."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialsense.errors import InputError
from socialsense.evaluate import past
from socialsense.evaluate.accounts import AccountDraws
from socialsense.evaluate.cases import Cases
from socialsense.evaluate.hashtags import evaluate_hashtags, hits
from socialsense.evaluate.metrics import ndcg_at
from socialsense.evaluate.past import Past
from socialsense.evaluate.recommendations import SHOWN, candidates, co_occurrence, own_history, ways
from socialsense.evaluate.stored_similarity import stored_similarity
from socialsense.histories import History, PastPost
from socialsense.store import Store
from socialsense.train import stored_histories as reading
from socialsense.train.stored_histories import stored_histories
from socialsense.usual import Curve
from tests.examples import NOON, a_post, a_profile, at

CURVE = Curve(-4.0, (0.0, 0.0, 0.0))
DAYS = 8


@pytest.fixture(autouse=True)
def _small_worlds(monkeypatch):
    """So few posts make every hashtag common."""
    monkeypatch.setattr(past, "COMMON", 0.5)


def a_history(account, hashtags, likes=lambda day: 100, pictures=False):
    """One post a day; `hashtags(day)` of each."""
    posts = [
        PastPost(
            17_000.5 + day,
            likes(day),
            frozenset(hashtags(day)),
            f"{account} {day}" if pictures else None,
        )
        for day in range(DAYS)
    ]
    return History(account, 5000, tuple(posts))


def loyal(**options):
    """Twelve accounts in six pairs; each pair always uses the same two hashtags."""
    return [
        a_history(f"account{n}", lambda _, n=n: {f"a{n % 6}", f"b{n % 6}"}, **options)
        for n in range(12)
    ]


def cases_of(histories):
    return list(Cases(histories, CURVE, everyone=True).each())


def test_who_always_uses_the_same_hashtags_is_recommended_these():
    report = evaluate_hashtags(loyal(), CURVE, everyone=True)
    assert (report.accounts, report.posts) == (12, 12 * (DAYS - 3))
    assert report.left_out == {"fewer than 3 earlier posts": 24}
    for way in ("own history", "socialsense"):
        found = report.ways[way]
        assert [e.value for e in (found.recall, found.hit, found.ndcg, found.seen)] == [1] * 4
        assert np.isnan(found.unseen.value)
    assert report.ways["popular"].recall.value < 0.7
    assert report.ways["random"].recall.value < 0.7
    assert str(report) == str(evaluate_hashtags(loyal(), CURVE, everyone=True))
    assert str(report) != str(evaluate_hashtags(loyal(), CURVE, everyone=True, seed=1))


def test_without_pictures_there_are_no_nearest_photos():
    report = evaluate_hashtags(loyal(), CURVE, everyone=True)
    assert not report.pictures
    assert "nearest photos" not in report.ways
    similar = lambda trial, others: np.ones(len(others))  # noqa: E731
    with pytest.raises(InputError, match="too few accounts"):
        evaluate_hashtags(loyal(), CURVE, everyone=True, similar=similar)


def test_what_only_the_photo_tells_only_similarity_finds():
    """Accounts change their subject every day; photos of one subject are alike."""
    subject = {f"account{n}": [(n + 5 * day) % 12 for day in range(DAYS)] for n in range(12)}
    histories = [
        a_history(name, lambda day, s=s: {f"s{s[day]}"}, pictures=True)
        for name, s in subject.items()
    ]

    def theme(picture):
        name, day = picture.split()
        return subject[name][int(day)]

    def similar(trial, others):
        return np.array([theme(o.picture) == theme(trial.picture) for o in others], dtype=float)

    report = evaluate_hashtags(histories, CURVE, everyone=True, similar=similar)
    best = report.ways["nearest photos"]
    assert best.ndcg.value == 1  # always in the first place
    others = {name: way.ndcg.value for name, way in report.ways.items() if way is not best}
    assert max(others.values()) < 0.9


def test_later_posts_change_nothing():
    rng = np.random.default_rng(0)
    tags = [f"t{n}" for n in range(14)]
    used = {f"account{n}": [set(rng.choice(tags, 3)) for _ in range(DAYS)] for n in range(9)}
    likes = {name: rng.integers(10, 1000, DAYS) for name in used}
    world = [
        a_history(name, used[name].__getitem__, lambda day, name=name: int(likes[name][day]))
        for name in used
    ]
    turn = 17_000 + 6
    future = [
        replace(h, posts=tuple(p if p.when < turn else _another(p) for p in h.posts)) for h in world
    ]
    shown = [
        [
            (case.trial.account, case.trial.day, name, tuple(way(case)))
            for case in Cases(which, CURVE, everyone=True).each()
            for name, way in ways(pictures=False).items()
            if case.trial.day <= turn
        ]
        for which in (world, future)
    ]
    before = [[row for row in rows if row[1] < turn] for rows in shown]
    assert before[0] == before[1]
    assert {row[1] for row in before[0]} == {17_004, 17_005}
    assert [r for r in shown[0] if r[1] == turn] == [r for r in shown[1] if r[1] == turn]


def _another(post):
    return replace(post, engagement=5 * post.engagement + 7, hashtags=post.hashtags | {"later"})


def test_the_account_s_later_habits_come_first():
    turned = a_history("turned", lambda day: {"old", "older"} if day < 4 else {"new"})
    case = [c for c in cases_of([*loyal(), turned]) if c.trial.account == "turned"][-1]
    assert own_history(case)[0] == "new"
    assert set(own_history(case)[1:3]) == {"old", "older"}


def test_co_occurrence_is_the_sum_of_conditional_probabilities():
    one = a_history("one", lambda day: {"mill"})
    beside = [
        a_history(f"w{n}", lambda day, n=n: {"mill", "wind"} if n else {"mill"}) for n in range(3)
    ]
    case = [c for c in cases_of([*loyal(), one, *beside]) if c.trial.account == "one"][-1]
    assert co_occurrence(case)[0] == "wind"
    assert "mill" not in co_occurrence(case)[:1]


def test_candidates_are_the_account_s_own_then_what_stands_beside_them():
    one = a_history("one", lambda day: {"mill", "windy"} if day else {"mill"})
    other = a_history("two", lambda day: {"mill", "wind"})
    case = [c for c in cases_of([*loyal(), one, other]) if c.trial.account == "one"][-1]
    assert candidates(case) == ["mill", "windy", "wind"]


def test_hashtags_that_say_nothing_are_neither_judged_nor_recommended():
    histories = [
        replace(h, posts=tuple(replace(p, hashtags=p.hashtags | {"love", "l4l"}) for p in h.posts))
        for h in loyal()
    ]
    for case in cases_of(histories):
        assert not case.used & {"love", "l4l"}
        for way in ways(pictures=False).values():
            assert not {"love", "l4l"} & set(way(case))
            assert len(way(case)) <= SHOWN


def test_common_hashtags_are_left_out():
    seen = Past()
    for number in range(4):
        seen.add("a", {"everywhere", f"t{number}"})
    assert seen.left_out("everywhere")
    assert not seen.left_out("t1")
    assert not seen.left_out("unknown")


def test_popular_counts_accounts_and_not_posts():
    seen = Past()
    for account, tag in [
        *[("a", "often")] * 3,
        ("b", "wide"),
        ("c", "wide"),
        ("b", "x"),
        ("c", "x"),
    ]:
        seen.add(account, {tag})
    seen.rank(np.random.default_rng(0))
    assert set(seen.popular(2)) == {"wide", "x"}
    assert seen.popular(2, without={"x"}) == ["wide", "often"]


@given(
    st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=SHOWN),
    st.sets(st.sampled_from("abcdefghijkl"), min_size=1),
    st.lists(st.sets(st.sampled_from("abcdefghijkl")), max_size=3),
)
def test_measures_equal_the_slow_ones(tags, used, before):
    recall, hit, ndcg, seen, unseen = hits(tags, used, before)
    own = set().union(*before)
    assert recall == pytest.approx(len(used & set(tags)) / len(used))
    assert hit == (len(used & set(tags)) > 0)
    blank = [""] * (SHOWN - len(tags))  # what is not shown comes after SHOWN places
    columns = [*tags, *blank, *sorted(used - set(tags))]
    gain = np.array([[tag in used for tag in columns]], dtype=float)
    order = -np.arange(len(columns), dtype=float)[None]
    assert ndcg == pytest.approx(ndcg_at(SHOWN, order, gain, np.ones_like(gain, dtype=bool))[0])
    for part, kind in ((seen, used & own), (unseen, used - own)):
        share = len(kind & set(tags)) / len(kind) if kind else np.nan
        assert part == pytest.approx(share, nan_ok=True)


def test_draws_of_accounts_equal_the_obvious_loop():
    accounts, values = ["a", "a", "b", "c"], np.array([1.0, 3.0, np.nan, 8.0])
    draws = AccountDraws.of(accounts, seed=1)
    assert draws.means(values)[0] == pytest.approx(4.0)
    for row, mean in zip(draws.draws[1:50], draws.means(values)[1:50], strict=True):
        drawn = [v for v, a in zip(values, draws.account, strict=True) for _ in range(int(row[a]))]
        known = [v for v in drawn if np.isfinite(v)]
        assert mean == pytest.approx(np.mean(known) if known else np.nan, nan_ok=True)
    nothing = draws.estimate(np.full(4, np.nan))
    assert np.isnan([nothing.value, nothing.low, nothing.high]).all()


def test_nobody_to_learn_from_is_explained():
    with pytest.raises(InputError, match="too few accounts"):
        evaluate_hashtags([], CURVE)
    with pytest.raises(InputError, match="too few accounts"):
        evaluate_hashtags(loyal()[:2], CURVE, everyone=True)


@pytest.fixture
def kept(tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/s.db", tmp_path / "images") as store:
        yield store


def test_stored_accounts_become_histories(kept, monkeypatch):
    monkeypatch.setattr(reading, "RUN", 1)
    sha = kept.put_image(b"picture")
    kept.put_profile(a_profile("mill", source="files"))
    kept.put_profile(a_profile("other", source="demo"))
    kept.put_profile(a_profile("new", source="files", followers=0))
    old = {"taken_at": at(-100), "source": "files"}
    kept.put_posts(
        [
            a_post("2", caption="#blue", **old | {"taken_at": at(-99)}, image_sha256="0" * 64),
            a_post("1", **old, image_sha256=sha),
            a_post("young", taken_at=at(-24), source="files"),
            a_post("pinned", pinned=True, **old),
            a_post("hidden", likes=None, **old),
            a_post("elsewhere", **old | {"source": "demo"}, caption="#x"),
            a_post("o", handle="other", taken_at=at(-200), comments=None),
            a_post("n", handle="new", taken_at=at(-200)),
        ]
    )
    mill, other = stored_histories(kept)
    assert (mill.account, mill.followers) == ("mill", 100)
    day = (NOON.timestamp() - 100 * 3600) / 86400
    first = PastPost(pytest.approx(day), 12, frozenset({"red"}), sha)
    assert first in mill.posts
    assert mill.posts[-1] == PastPost(pytest.approx(day + 1 / 24), 12, frozenset({"blue"}))
    assert other.posts == (PastPost(pytest.approx(day - 100 / 24), 10, frozenset({"red"})),)
    (only,) = stored_histories(kept, without=frozenset({"demo"}))
    assert [post.hashtags for post in only.posts] == [{"red"}, {"blue"}]


def test_stored_pictures_are_compared_by_the_embedder(kept, picture):
    from socialsense.embedders.color import ColorEmbedder

    files = {name: kept.put_image(picture(color)) for name, color in
             (("a", "red"), ("b", "red"), ("c", "blue"))}  # fmt: skip
    files["broken"] = kept.put_image(b"no picture")
    posts = tuple(
        PastPost(17_000.0 + n, 1, frozenset(), sha) for n, sha in enumerate(files.values())
    )
    similar = stored_similarity(kept, ColorEmbedder(), [History("x", 100, posts)])
    example = cases_of(loyal())[0].trial
    seen = {name: replace(example, picture=sha) for name, sha in files.items()}
    seen["none"] = replace(example, picture=None)
    np.testing.assert_allclose(similar(seen["a"], list(seen.values())), [1, 1, 0, 0, 0], atol=0.01)
    np.testing.assert_array_equal(similar(seen["none"], [seen["a"], seen["b"]]), [0, 0])
    assert similar(seen["c"], []).shape == (0,)
