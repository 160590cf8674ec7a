"""What is planted in the demo can be found again, by the slow obvious loop."""

import json
from pathlib import Path
from statistics import fmean

import pytest
from scipy.stats import spearmanr

from socialsense import parts
from socialsense.collect import collect_demo
from socialsense.images import read_image
from socialsense.recommend import Recommender
from socialsense.settings import Settings
from socialsense.sources.demo import Demo
from socialsense.store import Store
from tests.examples import every

ROOT = Path(__file__).resolve().parents[1] / "data" / "demo"


@pytest.fixture(scope="module")
def demo() -> Demo:
    return Demo(ROOT)


def planted(effects: dict, tag: str, pk: str) -> float:
    rule = effects["planted_by_theme"].get(tag)
    if rule is None:
        return effects["planted"][tag]
    return rule["on_theme"] if effects["themes"][pk] in rule["themes"] else rule["off_theme"]


def usual_rates(demo: Demo) -> dict[str, float]:
    """The average rate of an account's last ten posts, without pinned and hidden ones."""
    usual = {}
    for handle in demo.handles:
        profile = demo.profile(handle)
        if profile.followers and not profile.private:
            rates = []
            for post in every(demo.posts, handle):
                if not post.pinned and post.engagement is not None and len(rates) < 10:
                    rates.append(post.engagement / profile.followers)
            if rates:
                usual[handle] = sum(rates) / len(rates)
    return usual


def plain_lifts(demo: Demo) -> dict[str, list[tuple[str, float]]]:
    """For each hashtag its posts and their lifts; the slow obvious loop."""
    usual = usual_rates(demo)
    lifts: dict[str, list[tuple[str, float]]] = {}
    for tag in demo.tags:
        for post in every(demo.tagged, tag):
            if post.engagement is not None and post.handle in usual:
                rate = post.engagement / demo.profile(post.handle).followers
                lifts.setdefault(tag, []).append((post.pk, rate - usual[post.handle]))
    return lifts


def found(demo: Demo, effects: dict, top: int, enough: int) -> float:
    """Spearman's ρ of the plain scores with the planted effects of the same posts."""
    scores, truths = [], []
    for tag, lifts in plain_lifts(demo).items():
        if len(lifts) >= enough:
            scores.append(sum(lift for _, lift in lifts[:top]) / len(lifts[:top]))
            truths.append(fmean(planted(effects, tag, pk) for pk, _ in lifts[:top]))
    assert len(scores) >= 40
    return float(spearmanr(scores, truths).statistic)


@pytest.fixture(scope="module")
def effects() -> dict:
    return json.loads((ROOT / "effects.json").read_text("utf-8"))


def test_the_plain_formula_finds_the_planted_effects(demo: Demo, effects: dict) -> None:
    assert found(demo, effects, top=9, enough=9) >= 0.4
    assert found(demo, effects, top=18, enough=10) >= 0.4


def test_some_effects_are_clear_and_most_are_slight(effects: dict) -> None:
    sizes = effects["planted"].values()
    assert sum(size >= 0.2 for size in sizes) == 8
    assert 6 <= sum(size <= -0.2 for size in sizes) <= 8
    assert sum(abs(size) < 0.1 for size in sizes) > len(sizes) / 2


def test_conditional_hashtags_help_on_their_themes_only(demo: Demo, effects: dict) -> None:
    on, off = [], []
    for tag, lifts in plain_lifts(demo).items():
        if tag in effects["planted_by_theme"]:
            for pk, lift in lifts:
                (on if planted(effects, tag, pk) > 0 else off).append(lift)
    assert min(len(on), len(off)) >= 10
    assert fmean(on) > fmean(off) + 0.005


def test_figures_are_those_of_real_accounts(effects: dict) -> None:
    measured = effects["measured_2017"]
    assert 0.45 < measured["within_account"]["log_sd"] < 0.55
    assert 0.01 < measured["comments_per_like"]["median"] < 0.025
    rates = [tier["median_rate"] for tier in measured["tiers"]]
    assert rates == sorted(rates, reverse=True)  # larger accounts, lower rates


@pytest.mark.parametrize("embedder", parts.names("embedders"))
def test_the_ranker_finds_them_through_the_whole_product(
    embedder: str, demo: Demo, effects: dict, tmp_path: Path
) -> None:
    """Store, pictures, similarity and ranking, for every sample photo: the planted order shows."""
    chosen = Settings(data_dir=tmp_path, embedder=embedder)
    with Store.open(chosen.store_url, chosen.images_dir) as store:
        collect_demo(store)
        recommender = Recommender.load(store, chosen)
        account = recommender.account("demo.windmills")
        agreement = []
        for path in demo.samples():
            ranked = recommender.rank_hashtags(read_image(path), account, extra=demo.tags)
            kept = [item for item in ranked if item.support >= 7]
            assert len(kept) >= 40
            truth = [fmean(planted(effects, h.tag, e.pk) for e in h.evidence) for h in kept]
            agreement.append(float(spearmanr([h.score for h in kept], truth).statistic))
    assert fmean(agreement) >= 0.4
    assert min(agreement) >= 0.25
