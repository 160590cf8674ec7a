"""Scoring 300 hashtags over 20,000 posts, with 1,000 joint draws of every score.

python -m benchmarks.scoring
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics

import numpy as np

from benchmarks.timing import interleaved, report
from socialsense.scores import DRAWS, score_hashtags
from socialsense.votes import CALIBRATED, Pool, membership

TAGS, POSTS, TAGS_A_POST = 300, 20_000, 3
BAR_MS = 250.0


def main() -> None:
    """Measure and print; every post is of an account of its own, the hardest case."""
    rng = np.random.default_rng(0)
    rows: list[list[int]] = [[] for _ in range(TAGS)]
    for post in range(POSTS):
        for tag in rng.choice(TAGS, TAGS_A_POST, replace=False):
            rows[tag].append(post)
    pool = Pool(
        membership(rows, POSTS), rng.normal(size=POSTS), np.arange(POSTS), rng.random((TAGS, 3))
    )
    weights = rng.random(POSTS)
    posts_of = pool.posts_of

    def bare() -> np.ndarray:
        scores: np.ndarray = (posts_of @ (weights * pool.lifts)) / (posts_of @ weights)
        return scores

    seconds = interleaved(
        {
            "bare weighted means": bare,
            "scores without draws": lambda: score_hashtags(weights, pool, CALIBRATED, draws=0),
            f"scores with {DRAWS:,} draws": lambda: score_hashtags(weights, pool, CALIBRATED),
        },
        rounds=15,
    )
    print(f"{TAGS} hashtags, {POSTS:,} posts, {posts_of.nnz:,} memberships; bar {BAR_MS:.0f} ms")
    report(seconds, "bare weighted means")
    median = 1000 * statistics.median(seconds[f"scores with {DRAWS:,} draws"])
    print(f"median {median:.0f} ms: {median / BAR_MS:.2f} of the bar")


if __name__ == "__main__":
    main()
