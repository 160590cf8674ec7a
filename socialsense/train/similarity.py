"""Train the similarity: what a photo shows, fitted to the hashtags its post carries.

1. Count hashtags and themes in one pass over the posts.
2. The backbone describes every photo, once. Ridge regression from descriptions to what the
   hashtags mean gives the direction head, in closed form.
3. A loop over pairs of posts fits the theme head and nudges the directions, on the training
   groups; it stops where the validation groups gain no more.
4. Pairs of validation posts, which no head has seen, calibrate the similarity.
5. The heads are fitted anew on both, for as many epochs. Test groups are seen at the very
   end only, to measure.

Every step reads the photos a run at a time and may be shared by several processes.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from socialsense import parts
from socialsense.cards import write_model
from socialsense.datasets import RUN, TaggedPhotos, each
from socialsense.embedders.color import ColorEmbedder
from socialsense.embedders.hashtag import CALIBRATION, HashtagEmbedder, HashtagNetwork, Head
from socialsense.errors import InputError
from socialsense.evaluate.similarity import evaluate_similarity
from socialsense.inference import fastest
from socialsense.lite import SHAPES, Lite, Version
from socialsense.train.backbone import RawBackbone, pretrained
from socialsense.train.calibration import Pairs, calibrate, pairs_of
from socialsense.train.counts import Counts, count, fit_split
from socialsense.train.descriptions import Descriptions
from socialsense.train.fitting import STRENGTH, Fitting, Progress, told
from socialsense.train.loop import Epoch
from socialsense.train.processes import Processes
from socialsense.train.similarity_card import describe_model
from socialsense.train.tag_vectors import read_hashtag_lists, tag_vectors
from socialsense.types import Card, Embedder

VERSION: Version = "lite2"
LISTS = 100_000
"""Posts whose own hashtags stand in for lists where there are none."""
EPOCHS = 20
"""At most; cross-validated, later ones lose what earlier ones gained."""
MIN_POSTS, MIN_PART, MIN_RUNS = 60, 8, 2


@dataclass(frozen=True, slots=True)
class Trained:
    """A model's card, and whether the model was put in place."""

    card: Card
    kept: bool


def train_similarity(
    photos: TaggedPhotos,
    *,
    models_dir: Path,
    work_dir: Path,
    lists: Path | None = None,
    seed: int = 2026,
    epochs: int = EPOCHS,
    rival: Embedder | None = None,
    processes: Processes | None = None,
    on_progress: Progress | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> Trained:
    """Train, measure on the test split, write weights and card.

    `lists`: a folder with hashtag_lists; without it the posts' own serve. `work_dir` keeps
    descriptions and the loop's checkpoint, so that a stopped training goes on there. With
    a `rival` the model is put in place only if it does better on the test split.
    Raises InputError, ModelError.
    """
    processes, show = processes or Processes(), on_progress or _silent
    counts = count(photos, processes)
    if not _enough(counts, photos, processes):
        raise _too_few(counts)
    vectors = tag_vectors(read_hashtag_lists(lists) if lists else _own_lists(photos))
    backbone = pretrained(VERSION)
    with Descriptions(VERSION, backbone, work_dir) as descriptions:
        fitting = Fitting(photos, counts, vectors, descriptions, processes, seed)
        fitting.describe(show)
        held_out, seen = descriptions.of(counts.validation.photos())
        if not pairs_of(held_out, np.zeros((len(held_out), 1))).tell:
            raise _too_few(counts)

        def judge(head: Head) -> Pairs:
            return pairs_of(held_out, told(head, seen))

        checkpoint = work_dir / f"similarity-{fitting.name}.checkpoint"
        first, taken = fitting.fit(
            ["train"], epochs, judge, checkpoint=checkpoint, on_epoch=on_epoch
        )
        pairs = judge(first)
        slope, offset = calibrate(pairs)
        head, _ = fitting.fit(["train", "validation"], taken)
    checkpoint.unlink(missing_ok=True)
    network = HashtagNetwork(VERSION, head.direction.out_features, len(counts.themes()))
    network.backbone.load_state_dict(backbone.state_dict())
    network.head.load_state_dict(head.state_dict())
    details = {
        "seed": seed,
        "backbone": VERSION,
        "dimensions": head.direction.out_features,
        "themes": list(counts.themes()),
        "preprocessing": f"squash to {SHAPES[VERSION].side}×{SHAPES[VERSION].side} (bicubic), "
        "RGB, (pixel − 127) / 128",
        "ridge": STRENGTH,
        "epochs": taken,
        "validation": dict(
            zip(("share", "overlap"), (round(f, 4) for f in pairs.figures()), strict=True)
        ),
        "calibration": {
            "form": "1 / (1 + exp(−(slope · product + offset))), fitted on validation pairs",
            "slope": round(slope, 4),
            "offset": round(offset, 4),
        },
    }
    trained = None
    if processes.first:
        show("measuring on the test photos", 0, 1)
        compared = _compared(network, backbone, slope, offset)
        report = evaluate_similarity(each(photos), compared | ({"present": rival} if rival else {}))
        card = describe_model(photos.name, counts.posts, asdict(report), details)
        share = {name: scores.share.value for name, scores in report.embedders.items()}
        better = rival is None or share["hashtag"] > share["present"]
        if better:
            card = write_model(models_dir, card, state_of(network, slope, offset))
        trained = Trained(card, better)
        show("measuring on the test photos", 1, 1)
    (result, *_) = processes.gathered(trained)
    assert result is not None  # noqa: S101 (the first process has it)
    return result


def _compared(
    network: HashtagNetwork, backbone: Lite, slope: float, offset: float
) -> dict[str, Embedder]:
    """The fresh model and the baselines beside it."""
    side = SHAPES[VERSION].side
    fresh = HashtagEmbedder(
        fastest(network, (3, side, side)),
        side=side,
        dimensions=network.head.width,
        slope=slope,
        offset=offset,
        model_id="hashtag/fresh",
    )
    return {
        "hashtag": fresh,
        "siamese": parts.load("embedders", "siamese"),
        "color": ColorEmbedder(),
        f"{VERSION}, raw cosine": RawBackbone(VERSION, backbone),
    }


def _enough(counts: Counts, photos: TaggedPhotos, processes: Processes) -> bool:
    """Whether it is worth while to begin."""
    fewest = min(counts.posts.values())
    runs = MIN_RUNS * processes.size
    return counts.total >= MIN_POSTS and fewest >= MIN_PART and len(photos) >= runs


def _too_few(counts: Counts) -> InputError:
    return InputError(
        f"Too few posts to train on: {counts.total} with a picture and all their hashtags.",
        means=f"At least {MIN_POSTS} are needed ({MIN_RUNS * RUN} for each process), of accounts "
        "enough that some can be kept apart to validate on and share hashtags there.",
        do="Collect more posts, or give a folder with more photos.",
    )


def _own_lists(photos: TaggedPhotos) -> list[list[str]]:
    """The posts' own hashtags, where nothing else tells which keep company; not the test's."""
    fit = (sorted(photo.hashtags) for photo in each(photos) if fit_split(photo))
    return list(islice(fit, LISTS))


def _silent(what: str, done: int, total: int) -> None:
    """Nobody is watching."""


def state_of(network: HashtagNetwork, slope: float, offset: float) -> dict[str, Any]:
    """What is shipped: the backbone in half precision, the head and the calibration in full."""
    state: dict[str, Any] = {
        name: value.numpy().astype(np.float16 if name.startswith("backbone.") else np.float32)
        for name, value in network.state_dict().items()
    }
    return state | {CALIBRATION: np.array([slope, offset], dtype=np.float32)}
