"""Twenty photos of 12 megapixels in order of popularity: the whole way, and its halves alone.

python -m benchmarks.ranking

Decoding at the reduced scale that the models need, and what the default popularity model
does with the small pictures, are each measured alone in the same rounds.
"""

import tempfile
from itertools import count
from pathlib import Path

import numpy as np

from benchmarks.photos import photos
from benchmarks.timing import interleaved
from socialsense import parts
from socialsense.decode import Look, opened
from socialsense.recommend import Recommender
from socialsense.settings import Settings
from socialsense.store import Store
from socialsense.types import Image

SIZE = (4032, 3024)
PHOTOS = 20
BAR = 1.2


def main() -> None:
    """Measure and print."""
    settings = Settings()
    files = photos(PHOTOS, SIZE, grain=6, quality=90)
    popularity = parts.load("popularity", settings.popularity, settings)
    embedder = parts.load("embedders", settings.embedder, settings)
    numbers = count()
    with tempfile.TemporaryDirectory() as folder:

        def recommender() -> Recommender:
            """On a store that knows nothing yet."""
            url = f"sqlite:///{folder}/{next(numbers)}.db"
            return Recommender(Store.open(url, Path(folder)), embedder, popularity, settings)

        look = Look(recommender().side)

        def read() -> list[Image]:
            named = ((f"{number}.jpg", data) for number, data in enumerate(files))
            return [item for item in opened(named, look) if isinstance(item, Image)]

        small = [Look.of(popularity).prepared(image).pixels for image in read()]

        def decode() -> None:
            read()

        def model() -> None:
            popularity.judge(small)

        def ranked() -> None:
            assert len(recommender().rank_images(read())) == PHOTOS

        seconds = interleaved({"decode": decode, "model": model, "ranked": ranked}, rounds=7)
    mean = np.mean([len(data) for data in files]) / 1e6
    print(f"{PHOTOS} JPEG files of {SIZE[0]} × {SIZE[1]}, {mean:.1f} MB on average")
    for name, times in seconds.items():
        print(f"{name:8s} {np.median(times):.2f} s")
    together = np.array(seconds["decode"]) + np.array(seconds["model"])
    ratio = np.median(np.array(seconds["ranked"]) / together)
    print(f"ranked against decode and model one after the other: × {ratio:.2f} (bar {BAR})")


if __name__ == "__main__":
    main()
