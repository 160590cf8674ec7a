"""Measure what was trained, and write the weights beside a card that says how weak it is."""

from dataclasses import asdict
from pathlib import Path

from socialsense.cards import write_model
from socialsense.datasets import read_liked_photos, read_tagged_photos
from socialsense.embedders.color import ColorEmbedder
from socialsense.embedders.siamese import SiameseEmbedder, SiameseNetwork
from socialsense.evaluate.popularity import evaluate_popularity
from socialsense.evaluate.similarity import evaluate_similarity
from socialsense.photographic import FEATURES
from socialsense.settings import Settings
from socialsense.train.color import MAX_DAYS, RATIO, STRENGTH, feature_table, fit_color
from socialsense.train.color import same_account_pairs as pairs_of
from socialsense.train.siamese import NEIGHBOURS, RANDOM_SHARE
from socialsense.types import Card, Embedder

LICENCE = "MIT (weights); the photos belong to their posters and are not shipped"


def publish_siamese(network: SiameseNetwork, data: Path, models_dir: Path, seed: int) -> Card:
    """Measure on the test split, beside a constant and the colour baseline; write the model."""
    embedders: dict[str, Embedder] = {
        "siamese": SiameseEmbedder(network, "fresh"),
        "color": ColorEmbedder(),
    }
    report = evaluate_similarity(read_tagged_photos(data), embedders)
    card = Card(
        kind="embedders",
        name="siamese",
        summary="The siamese network of 2020: 784,449 parameters, probability that two posts share "
        "a hashtag. Weak: on held-out photos it hardly tells pairs that share an informative "
        "hashtag from pairs that do not, and its similarity is nearly constant.",
        trained_on="hashtag_photos: 2,405 Instagram photos of 2019, 70 % of their groups; 15 % "
        "for early stopping, 15 % held out for the figures below",
        licence=LICENCE,
        weights_sha256=None,
        metrics=asdict(report),
        details={
            "command": "python -m socialsense train siamese --data DIR",
            "seed": seed,
            "preprocessing": "squash to 128×128 (bilinear), RGB in [0, 1]",
            "pairs": f"{RANDOM_SHARE:.0%} random, the rest up to {NEIGHBOURS} apart in crawl order",
            "intervals": "95 % bootstrap over groups",
        },
    )
    tensors = {name: value.numpy() for name, value in network.state_dict().items()}
    return write_model(models_dir, card, tensors)


def publish_color(data: Path, settings: Settings) -> Card:
    """Measure leave-one-account-out, then train on all accounts; write the model."""
    report = evaluate_popularity(data, settings)
    photos = read_liked_photos(data)
    model = fit_color(feature_table(photos), pairs_of(photos))
    card = Card(
        kind="popularity",
        name="color",
        summary="The colour baseline of popularity: a linear RankNet on eight photographic "
        "features. Weak: on accounts it has not seen, its interval includes chance.",
        trained_on=f"photos_with_likes: {len(photos)} photos of {report.accounts} celebrity "
        "accounts (137 to 555 million followers), so it knows nothing of small accounts",
        licence=LICENCE,
        weights_sha256=None,
        metrics=asdict(report),
        details={
            "command": "python -m socialsense train color --data DIR",
            "pairs": f"one account, at most {MAX_DAYS} days apart, likes at least {RATIO} × apart",
            "regularisation": f"L2, C = {STRENGTH}, fixed beforehand",
            "weights": {
                name: round(float(value), 3)
                for name, value in zip(FEATURES, model.weight, strict=True)
            },
            "intervals": "95 % bootstrap over accounts, leave one account out",
        },
    )
    tensors = {"mean": model.mean, "scale": model.scale, "weight": model.weight}
    return write_model(settings.models_dir, card, tensors)
