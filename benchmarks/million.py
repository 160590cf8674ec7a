"""One photo against 1,000,000 stored vectors, exactly, and its hashtags' weighted means.

python -m benchmarks.million
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import resource

import numpy as np

from benchmarks.timing import interleaved, report
from socialsense import parts
from socialsense.arrays import Float32
from socialsense.scores import score_hashtags
from socialsense.votes import CALIBRATED, Pool

VECTORS, BLOCK = 1_000_000, 50_000
TAGS, TOP_POSTS = 1_000, 30  # as many hashtags as the settings allow
BAR, MEMORY_BAR = 1.5, 1.3


def unit_rows(rng: np.random.Generator, width: int) -> Float32:
    """(VECTORS, width), made in blocks, so that the peak is not that of making them."""
    rows = np.empty((VECTORS, width), np.float32)
    for start in range(0, VECTORS, BLOCK):
        block = rng.standard_normal((BLOCK, width), dtype=np.float32)
        rows[start : start + BLOCK] = block / np.linalg.norm(block, axis=1, keepdims=True)
    return rows


def peak() -> float:
    """Largest size of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Measure and print."""
    from scipy.sparse import csr_array

    embedder = parts.load("embedders", "hashtag")
    width = embedder.embed([]).shape[1]
    before = peak()
    rng = np.random.default_rng(0)
    rows, lifts = unit_rows(rng, width), rng.normal(size=VECTORS)
    query = rows[:1].copy()
    columns = rng.integers(0, VECTORS, TAGS * TOP_POSTS, dtype=np.int32)
    starts = np.arange(0, len(columns) + 1, TOP_POSTS, dtype=np.int32)
    posts_of = csr_array((np.ones(len(columns)), columns, starts), shape=(TAGS, VECTORS))

    pool = Pool(posts_of, lifts, np.arange(VECTORS), np.empty((TAGS, 0)))

    def product() -> object:
        weights = embedder.similarity(query, rows)[0]
        return score_hashtags(weights, pool, CALIBRATED, draws=0)

    seconds = interleaved({"bare dot": lambda: rows @ query[0], "socialsense": product}, rounds=25)
    print(f"{VECTORS:,} vectors of {width}; {TAGS:,} hashtags of {TOP_POSTS} posts; bar × {BAR}")
    report(seconds, "bare dot")
    share = (peak() - before) / rows.nbytes
    print(f"peak memory: {share:.2f} × the array (bar {MEMORY_BAR})")


if __name__ == "__main__":
    main()
