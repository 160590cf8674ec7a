"""`evaluate`: figures from real data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from rich.table import Table

from socialsense.cli.data import Data, Everyone, FromStore, MaybeData, histories_of, photos_of
from socialsense.cli.output import AsJson, out, print_json, progress_bars
from socialsense.settings import Settings
from socialsense.words import percent, points

if TYPE_CHECKING:
    from socialsense.evaluate.estimate import Estimate
    from socialsense.evaluate.hashtags import HashtagReport

evaluate = typer.Typer(help="Measure models on a folder of data.", no_args_is_help=True)

SIMILARITY_MEASURES = {
    "share": "AUC: share a hashtag",
    "overlap": "AUC: overlap > 0.1",
    "precision": "average precision: share",
    "nearest": "nDCG@10",
    "calibration": "calibration error",
}


@evaluate.command("similarity")
def evaluate_similarity(
    data: MaybeData = None, store: FromStore = False, as_json: AsJson = False
) -> None:
    """How well similarity tells which posts share an informative hashtag."""
    from socialsense import parts
    from socialsense.datasets import each
    from socialsense.evaluate import similarity

    settings = Settings()
    names = parts.names("embedders")
    with photos_of(data, store, settings) as photos:
        report = similarity.evaluate_similarity(
            each(photos), {name: parts.load("embedders", name, settings) for name in names}
        )
    if as_json:
        print_json(report)
        return
    table = Table("", *report.embedders, title="value (95 % bootstrap interval over groups)")
    for measure, title in SIMILARITY_MEASURES.items():
        cells = (str(getattr(scores, measure)) for scores in report.embedders.values())
        table.add_row(title, *cells)
    spreads = (scores.spread for scores in report.embedders.values())
    table.add_row("similarity 5, 50, 95 %", *(" ".join(f"{q:.2f}" for q in s) for s in spreads))
    out.print(table)
    out.print(
        f"{report.photos} held-out photos, {report.pairs:,} pairs across groups; "
        f"{percent(report.base_rate)} share, {percent(report.overlap_base_rate)} overlap"
    )


@evaluate.command("popularity")
def evaluate_popularity(data: Data, as_json: AsJson = False) -> None:
    """Which of two photos of one account got more likes, leave-one-account-out."""
    from socialsense.evaluate import popularity

    report = popularity.evaluate_popularity(data, Settings())
    if as_json:
        print_json(report)
        return
    title = f"{report.pairs} pairs, {report.accounts} accounts, each judged unseen"
    table = Table("", "pairwise accuracy (95 % bootstrap interval over accounts)", title=title)
    for name, figure in {**report.models, **report.baselines}.items():
        table.add_row(name, str(figure))
    mean, spread = report.shuffled
    table.add_row("probe, likes shuffled", f"{mean:.3f} ± {spread:.3f}")
    out.print(table)


@evaluate.command("hashtags")
def evaluate_hashtags(
    data: MaybeData = None,
    store: FromStore = False,
    everyone: Everyone = False,
    as_json: AsJson = False,
) -> None:
    """How often recommended hashtags are those that posts used, and what lift is expected."""
    from socialsense.engagement import load_engagement
    from socialsense.evaluate import hashtags

    settings = Settings()
    curve = load_engagement(settings.models_dir).curve
    histories, similar = histories_of(data, store, settings)
    with progress_bars() as show:
        report = hashtags.evaluate_hashtags(
            histories, curve, everyone=everyone or store, similar=similar, on_progress=show
        )
    if as_json:
        print_json(report)
    else:
        _print_hashtags(report)


def _print_hashtags(report: HashtagReport) -> None:
    table = Table(
        "", "recall@5", "hit@5", "nDCG@5", "used before", "new", "expected lift, %",
        title="five hashtags for each post (95 % bootstrap interval over accounts)",
    )  # fmt: skip
    for name, way in report.ways.items():
        few = (f"{one.value:.3f}" for one in (way.hit, way.ndcg, way.seen, way.unseen))
        table.add_row(name, str(way.recall), *few, _lift(way.lift))
    table.add_row("those really used", "", "", "", "", "", _lift(report.used))
    out.print(table)
    missing = "" if report.pictures else "; without pictures the nearest photos are left out"
    reasons = ", ".join(f"{why}: {number:,}" for why, number in report.left_out.items())
    out.print(
        f"{report.posts:,} posts of {report.accounts:,} accounts{missing}; "
        f"posts not judged: {reasons or 'none'}"
    )


def _lift(lift: Estimate) -> str:
    return f"{points(lift.value)} ({points(lift.low)} to {points(lift.high)})"
