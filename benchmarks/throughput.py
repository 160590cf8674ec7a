"""From JPEG files to vectors: the whole way, its two halves alone, and what one would write first.

python -m benchmarks.throughput

Decoding and the network both keep every core busy, so a picture costs the time of one
plus the time of the other, however well they overlap: together they can reach
1 / (1 / decode + 1 / network) pictures a second, and no more. (On a GPU the network
costs the cores nothing, and the slower half alone decides.)
"""

import argparse
import io
import statistics
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import numpy as np
import torch
from PIL import Image as PILImage

from benchmarks.photos import photos
from benchmarks.timing import interleaved
from socialsense import parts
from socialsense.arrays import Float32
from socialsense.cards import read_card
from socialsense.decode import Look, batches, embed_files, opened
from socialsense.lite import to_batch
from socialsense.settings import Settings

SIZE = (1080, 1350)
PHOTOS, NAIVE_PHOTOS = 96, 8
OVERLAP_BAR, NAIVE_BAR = 0.85, 2.5


def naive(embedder: Any, details: Mapping[str, Any]) -> Callable[[bytes], Float32]:
    """One file after the other: a whole decode, Pillow's resize, the same network in eager torch.

    Its weights are random, which changes nothing in the time it takes.
    """
    part = import_module("socialsense.embedders.hashtag")
    shape = details["backbone"], details["dimensions"], len(details["themes"])
    module = part.HashtagNetwork(*shape).eval()

    @torch.inference_mode()
    def run(data: bytes) -> Float32:
        with PILImage.open(io.BytesIO(data)) as photo:
            batch = to_batch([photo.convert("RGB")], embedder.side)
        rows: Float32 = module(torch.from_numpy(batch)).numpy()
        return rows

    return run


def candidates(embedder: Any, details: Mapping[str, Any]) -> dict[str, Callable[[], None]]:
    """What is timed; `NAIVE_PHOTOS` go the naive way, `PHOTOS` the others."""
    files = photos(PHOTOS, SIZE, grain=11, quality=91)
    look = Look.of(embedder)
    one_by_one = naive(embedder, details)
    shape = (PHOTOS, 3, embedder.side, embedder.side)
    ready = np.random.default_rng(0).standard_normal(shape, dtype=np.float32)

    def decode() -> None:
        for _ in opened((("", data) for data in files), look):
            pass

    def network() -> None:
        for batch in batches(range(PHOTOS)):
            embedder.network(ready[batch[0] : batch[-1] + 1])

    def whole() -> None:
        embed_files(embedder, files)

    def first_idea() -> None:
        for data in files[:NAIVE_PHOTOS]:
            one_by_one(data)

    mean = statistics.mean(map(len, files)) / 1000
    print(f"{PHOTOS} JPEG files of {SIZE[0]} × {SIZE[1]}, {mean:.0f} kB on average")
    return {"decode": decode, "network": network, "socialsense": whole, "naive": first_idea}


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=7)
    rounds = options.parse_args().rounds
    settings = Settings()
    embedder: Any = parts.load("embedders", "hashtag", settings)
    details = read_card(settings.models_dir, "embedders", "hashtag").details
    seconds = interleaved(candidates(embedder, details), rounds)
    a_photo = {
        name: np.array(times) / (NAIVE_PHOTOS if name == "naive" else PHOTOS)
        for name, times in seconds.items()
    }
    runtime = str(getattr(embedder.network, "runtime", "torch"))
    for name, times in a_photo.items():
        detail = f" ({runtime})" if name == "network" else ""
        print(f"{name:12s} {1 / np.median(times):7.1f} photos a second{detail}")
    halves = (a_photo["decode"], a_photo["network"])
    together = np.maximum(*halves) if "CUDA" in runtime else sum(halves)
    reached = np.median(together / a_photo["socialsense"])
    gained = np.median(a_photo["naive"] / a_photo["socialsense"])
    print(f"of what decode and network could reach together: {reached:.2f} (bar {OVERLAP_BAR})")
    print(f"against eager torch and a plain resize: × {gained:.1f} (bar {NAIVE_BAR})")


if __name__ == "__main__":
    main()
