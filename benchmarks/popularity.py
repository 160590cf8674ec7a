"""ResNet-50 through the door of `inference` and in eager torch: how fast, and how alike.

python -m benchmarks.popularity

In float32, by default on two threads, pictures one at a time. Eager torch shares each among
its threads; `fastest` does so with a lone picture and otherwise runs two beside one another,
so a call for several, as when photos are ranked, is shown beside. Where others use the
processor torch's threads wait for one another, for seconds, and the ratio flatters us:
measure on an idle machine, or with --threads 1.

The weights are random, which changes nothing in the time; batch normalisation has seen
the photos, so that scores differ from picture to picture.
"""

import argparse
import statistics

import numpy as np
import torch
from PIL import Image as PILImage
from torch import nn

from benchmarks.timing import interleaved, report
from socialsense.arrays import Float32
from socialsense.inference import Eager, Network, fastest
from socialsense.popularity.intrinsic import SIDE, ResNet50, to_batch
from socialsense.settings import ROOT

PHOTOS, TIMED = 32, 8
EAGER, TOGETHER = "eager torch, batch 1", "one call for all"
SPEED_BAR, DIFFERENCE_BAR = 1.6, 1e-3


def settled(pictures: Float32, seed: int = 0) -> ResNet50:
    """Random weights; normalised by what each layer says of (N, 3, 224, 224) pictures."""
    torch.manual_seed(seed)
    network = ResNet50()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 1.0  # the running statistics are those of the one batch
    with torch.no_grad():
        network.train()(torch.from_numpy(pictures))
    return network.eval()


def photos(count: int) -> Float32:
    """(count, 3, 224, 224): demo photos as the network sees them."""
    paths = sorted((ROOT / "data/demo/photos").rglob("*.jpg"))[:count]
    return to_batch([PILImage.open(path) for path in paths])


def one_by_one(network: Network, pictures: Float32) -> None:
    """Each picture in a call of its own."""
    for picture in pictures:
        network(picture[None])


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=9)
    options.add_argument("--threads", type=int, default=2)
    chosen = options.parse_args()
    pictures = photos(PHOTOS)
    module = settled(pictures)
    eager = Eager(module, chosen.threads)
    fast = fastest(module, (3, SIDE, SIDE), threads=chosen.threads)
    print(fast.runtime)
    few = pictures[:TIMED]
    seconds = interleaved(
        {
            EAGER: lambda: one_by_one(eager, few),
            "one call a picture": lambda: one_by_one(fast, few),
            TOGETHER: lambda: fast(few),
        },
        chosen.rounds,
    )
    report(seconds, EAGER)
    gain = statistics.median(e / f for e, f in zip(seconds[EAGER], seconds[TOGETHER], strict=True))
    exact, quick = eager(pictures), fast(pictures)
    print(f"against eager torch, picture by picture: × {gain:.2f} (bar {SPEED_BAR})")
    difference = np.abs(exact - quick).max()
    print(f"largest difference of {PHOTOS} scores: {difference:.1e} (bar {DIFFERENCE_BAR:.0e})")
    print(f"whose spread is {exact.std():.2f}")


if __name__ == "__main__":
    main()
