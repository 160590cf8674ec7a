"""`train` and `evaluate`: weights with their cards, and figures from real data."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TaskID
from rich.table import Table

from socialsense.cli.output import AsJson, err, out, print_json
from socialsense.settings import Settings
from socialsense.words import percent

train = typer.Typer(help="Train models on a folder of data.", no_args_is_help=True)
evaluate = typer.Typer(help="Measure models on a folder of data.", no_args_is_help=True)

SIMILARITY_MEASURES = {
    "share": "AUC: share a hashtag",
    "overlap": "AUC: overlap > 0.1",
    "precision": "average precision: share",
    "nearest": "nDCG@10",
    "calibration": "calibration error",
}

Data = Annotated[Path, typer.Option(help="Folder with the data.", show_default=False)]
Epochs = Annotated[int, typer.Option(help="Passes at most; stops early.", min=1)]
Seed = Annotated[int, typer.Option(help="Of all random choices.")]


@train.command("similarity")
def train_similarity(data: Data, seed: Seed = 2026) -> None:
    """Train the default similarity on photos with hashtags; writes weights and card.

    Photos are described once and kept in the data folder: a stopped training goes on there.
    """
    from socialsense.train import similarity

    settings = Settings()
    with Progress(console=err) as progress:
        tasks: dict[str, TaskID] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done)

        card = similarity.train_similarity(
            data,
            models_dir=settings.models_dir,
            work_dir=settings.data_dir / "training",
            seed=seed,
            on_progress=show,
        )
    print_json(card)


@train.command("siamese")
def train_siamese(data: Data, epochs: Epochs = 25, seed: Seed = 2020) -> None:
    """Train the siamese network of 2020 on photos with hashtags; writes weights and card."""
    from socialsense.train import siamese
    from socialsense.train.publish import publish_siamese

    def show(epoch: siamese.Epoch) -> None:
        mark = ", best so far" if epoch.best else ""
        losses = f"{epoch.train_loss:.4f}, validation {epoch.validation_loss:.4f}"
        out.print(f"epoch {epoch.number}: loss {losses}{mark}", highlight=False)

    network = siamese.train_siamese(data, epochs=epochs, seed=seed, on_epoch=show)
    print_json(publish_siamese(network, data, Settings().models_dir, seed))


@train.command("color")
def train_color(data: Data) -> None:
    """Train the colour baseline of popularity on photos with likes; writes weights and card."""
    from socialsense.train.publish import publish_color

    print_json(publish_color(data, Settings().models_dir))


@evaluate.command("similarity")
def evaluate_similarity(data: Data, as_json: AsJson = False) -> None:
    """How well similarity tells which posts share an informative hashtag."""
    from socialsense import parts
    from socialsense.evaluate import similarity

    settings = Settings()
    names = parts.names("embedders")
    report = similarity.evaluate_similarity(
        data, {name: parts.load("embedders", name, settings) for name in names}
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

    report = popularity.evaluate_color(data)
    if as_json:
        print_json(report)
        return
    table = Table("model", "pairwise accuracy", title=f"{report.pairs} pairs, "
                  f"{report.accounts} accounts")  # fmt: skip
    table.add_row("color", str(report.accuracy))
    table.add_row("color, likes shuffled", f"{report.shuffled:.3f}")
    table.add_row("newer wins", f"{report.newer_wins:.3f}")
    table.add_row("random", "0.500")
    out.print(table)
