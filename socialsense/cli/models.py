"""`train` and `evaluate`: weights with their cards, and figures from real data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, TaskID
from rich.table import Table

from socialsense.cli.output import AsJson, err, out, print_json
from socialsense.errors import InputError
from socialsense.settings import Settings
from socialsense.words import percent, retrained

if TYPE_CHECKING:
    from socialsense.datasets import TaggedPhotos

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
MaybeData = Annotated[Path | None, typer.Option("--data", help="Folder with the data.")]
FromStore = Annotated[bool, typer.Option("--store", help="Use the posts you have collected.")]
Epochs = Annotated[int, typer.Option(help="Passes at most; stops early.", min=1)]
Seed = Annotated[int, typer.Option(help="Of all random choices.")]


@train.command("similarity")
def train_similarity(
    data: MaybeData = None,
    store: FromStore = False,
    epochs: Epochs = 20,
    seed: Seed = 2026,
) -> None:
    """Train the default similarity on photos with hashtags; writes weights and card.

    A stopped training goes on where it stood. With torchrun several processes share it.
    From the store, a model is put in place only if it does better than the present one.
    """
    from socialsense import parts
    from socialsense.train import similarity
    from socialsense.train.loop import Epoch
    from socialsense.train.processes import processes

    settings = Settings()
    with processes() as every, _photos(data, store, settings) as photos, _bars() as show:

        def tell(epoch: Epoch) -> None:
            mark = ", best so far" if epoch.best else ""
            score = "" if epoch.score is None else f", validation AUC {epoch.score:.4f}"
            err.print(f"epoch {epoch.number}: loss {epoch.loss:.4f}{score}{mark}", highlight=False)

        trained = similarity.train_similarity(
            photos,
            lists=data if data and (data / "hashtag_lists").is_dir() else None,
            models_dir=settings.models_dir,
            work_dir=settings.data_dir / "training",
            seed=seed,
            epochs=epochs,
            rival=parts.load("embedders", "hashtag", settings) if store else None,
            processes=every,
            on_progress=show if every.first else None,
            on_epoch=tell,
        )
        if every.first:
            print_json(trained.card)
        if every.first and not trained.kept:
            err.print("It does no better on your posts than the present model, which stays.")


@contextmanager
def _photos(data: Path | None, store: bool, settings: Settings) -> Iterator[TaggedPhotos]:
    """The photos of a folder or of the store: exactly one is asked for."""
    from socialsense.datasets import TaggedFolder
    from socialsense.store import Store
    from socialsense.train.stored_photos import StoredPhotos

    if store == bool(data):
        raise InputError(
            "It is not clear which photos to use.",
            means="They come from a folder or from what you collected, not from both or neither.",
            do="Give either --data DIR or --store.",
        )
    if data:
        yield TaggedFolder(data)
        return
    with Store.open(settings.store_url, settings.images_dir) as opened:
        yield StoredPhotos(opened)


@contextmanager
def _bars() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar for each thing that is being done."""
    tasks: dict[str, TaskID] = {}
    with Progress(console=err) as progress:

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done)

        yield show


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


@train.command("popularity")
def train_popularity(
    data: MaybeData = None,
    handle: Annotated[str | None, typer.Option(help="Learn from this account's posts.")] = None,
) -> None:
    """Train the default popularity model: on photos with likes, or on an account's own posts.

    With a handle the account gets a ranking of its own, if that does better on its later posts.
    """
    from socialsense.handles import clean_handle
    from socialsense.store import Store
    from socialsense.train.own_popularity import retrain
    from socialsense.train.probe import train_probe

    settings = Settings()
    if bool(data) == bool(handle):
        raise InputError(
            "It is not clear what to learn from.",
            means="It is a folder of photos with likes, or an account's own posts.",
            do="Give either --data DIR or --handle NAME.",
        )
    if data:
        print_json(train_probe(data, settings))
        return
    with Store.open(settings.store_url, settings.images_dir) as store:
        out.print(retrained(retrain(clean_handle(handle or ""), store, settings)))


@train.command("color")
def train_color(data: Data) -> None:
    """Train the colour baseline of popularity on photos with likes; writes weights and card."""
    from socialsense.train.publish import publish_color

    print_json(publish_color(data, Settings()))


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
    with _photos(data, store, settings) as photos:
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
