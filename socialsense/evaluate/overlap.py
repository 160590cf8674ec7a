"""How far the hashtags of two posts overlap: the truth that similarity is held against."""

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np

from socialsense.arrays import Float64

COMMON = 0.05
"""Hashtags on more than this share of the posts inform of nothing."""


def hashtag_table(posts: Sequence[Collection[str]]) -> tuple[Float64, Float64]:
    """(N, T) ones where a post has an informative hashtag, and their (T,) IDF.

    Hashtags used once cannot be shared; they are left out like the common ones.
    idf = log(N / (1 + posts with the hashtag)).
    """
    counts = Counter(tag for tags in posts for tag in set(tags))
    informs = sorted(tag for tag, count in counts.items() if 1 < count <= COMMON * len(posts))
    columns = {tag: column for column, tag in enumerate(informs)}
    used = np.zeros((len(posts), len(informs)))
    for row, tags in enumerate(posts):
        used[row, [columns[tag] for tag in tags if tag in columns]] = 1.0
    return used, np.log(len(posts) / (1 + used.sum(axis=0)))


def weighted_overlap(used: Float64, idf: Float64) -> Float64:
    """(N, N) weighted Jaccard: Σ idf of shared hashtags / Σ idf of all; 0 where there are none."""
    shared = (used * idf) @ used.T
    size = used @ idf
    union = size[:, None] + size[None, :] - shared
    overlap: Float64 = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return overlap
