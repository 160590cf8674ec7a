"""The best five of thirty hashtags, every set valued, against the plain loop over all sets.

python -m benchmarks.choosing
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from itertools import combinations

import numpy as np

from benchmarks.timing import interleaved, report
from socialsense.sets import EXACT, EXACT_LIMIT, PRICE, best_set, redundancy
from socialsense.votes import membership

POSTS, TAGS, POSTS_A_TAG = 2_000, 300, 30
BAR_MS = 30


def main() -> None:
    """Measure and print."""
    rng = np.random.default_rng(0)
    worth = rng.normal(0, PRICE, EXACT)
    upper = np.triu(rng.random((EXACT, EXACT)), 1)
    shared = upper + upper.T

    def product() -> tuple[int, ...]:
        return best_set(worth, shared, EXACT_LIMIT)

    gains, costs = worth.tolist(), (PRICE * shared).tolist()

    def value(chosen: tuple[int, ...]) -> float:
        pairs = sum(costs[i][j] for i, j in combinations(chosen, 2))
        return float(sum(gains[i] for i in chosen) - pairs)

    def plain() -> tuple[int, ...]:
        sizes = range(1, EXACT_LIMIT + 1)
        best = max((s for k in sizes for s in combinations(range(EXACT), k)), key=value)
        return tuple(sorted(best, key=lambda i: -gains[i]))

    if product() != plain():
        raise SystemExit("the two do not choose the same set")
    print(f"best {EXACT_LIMIT} of {EXACT} hashtags, bar {BAR_MS} ms")
    report(interleaved({"socialsense": product}, rounds=200), "socialsense")
    report(interleaved({"plain loop": plain, "socialsense": product}, rounds=5), "plain loop")

    tags = [f"{'windmill' * (1 + n % 4)}{n}s" for n in range(TAGS)]
    rows = [rng.choice(POSTS, POSTS_A_TAG, replace=False).tolist() for _ in range(TAGS)]
    posts_of = membership(rows, POSTS)
    print(f"redundancy of {TAGS} hashtags, {POSTS_A_TAG} posts each")
    report(interleaved({"redundancy": lambda: redundancy(tags, posts_of)}, 50), "redundancy")


if __name__ == "__main__":
    main()
