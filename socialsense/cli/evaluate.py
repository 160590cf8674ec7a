"""`evaluate`: figures from real data."""

from __future__ import annotations

import typer
from rich.table import Table

from socialsense.cli.data import Data, FromStore, MaybeData, photos_of
from socialsense.cli.output import AsJson, out, print_json
from socialsense.settings import Settings
from socialsense.words import percent

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
