"""Scoring 300 hashtags over 20,000 posts against the arithmetic it consists of.

python -m benchmarks.scoring
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from benchmarks.timing import interleaved, report
from socialsense.embedders.color import BANDS, LEVELS, ColorEmbedder
from socialsense.hashtags import membership, score_hashtags

TAGS, POSTS, TAGS_A_POST = 300, 20_000, 3
BAR = 2.0


def main() -> None:
    """Measure and print."""
    rng = np.random.default_rng(0)
    vectors = rng.random((POSTS, BANDS * LEVELS**3), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    query = vectors[:1]
    lifts = rng.normal(size=POSTS)
    rows: list[list[int]] = [[] for _ in range(TAGS)]
    for post in range(POSTS):
        for tag in rng.choice(TAGS, TAGS_A_POST, replace=False):
            rows[tag].append(post)
    posts_of = membership(rows, POSTS)
    embedder = ColorEmbedder()
    names = [f"tag{n}" for n in range(TAGS)]

    def product() -> list[int]:
        weights = embedder.similarity(query, vectors)[0]
        return score_hashtags(weights, lifts, posts_of).order(names)

    def bare() -> np.ndarray:
        weights = (vectors @ query[0]).astype(np.float64)
        scores: np.ndarray = (posts_of @ (weights * lifts)) / (posts_of @ weights)
        return scores

    print(f"{TAGS} hashtags, {POSTS:,} posts, {posts_of.nnz:,} memberships, bar × {BAR}")
    report(interleaved({"bare numpy": bare, "socialsense": product}, rounds=200), "bare numpy")


if __name__ == "__main__":
    main()
