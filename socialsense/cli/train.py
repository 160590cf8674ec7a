"""`train`: weights with their cards."""

from __future__ import annotations

from typing import Annotated

import typer

from socialsense.cli.data import Data, FromStore, MaybeData, photos_of
from socialsense.cli.output import err, out, print_json, progress_bars
from socialsense.errors import InputError
from socialsense.settings import Settings
from socialsense.words import retrained

train = typer.Typer(help="Train models on a folder of data.", no_args_is_help=True)

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
    with processes() as every, photos_of(data, store, settings) as photos, progress_bars() as show:

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
