"""Vectors of hashtags, from the company they keep in lists of hashtags.

Positive pointwise mutual information of the co-occurrences, then the largest
eigenvectors: hashtags used beside the same others lie close, so synonyms count.
Long lists are mostly spam, so a list shares one vote among its pairs.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import eigsh

from socialsense.arrays import Float64
from socialsense.errors import InputError
from socialsense.hashtag_text import hashtag_key

MIN_COUNT = 5
LONGEST = 40
DIMENSIONS = 128
SMOOTHING = 0.75
"""Power of the context's frequency (Levy & Goldberg): rare company counts a little less."""


@dataclass(frozen=True, slots=True)
class TagVectors:
    """Unit rows, and how informative each hashtag is: log(lists / lists that have it)."""

    rows: dict[str, int]
    vectors: Float64
    idf: Float64

    def mean(self, tags: Iterable[str]) -> Float64:
        """Direction of the IDF-weighted mean of a post's hashtags; zero where none is known."""
        own = [self.rows[tag] for tag in sorted(tags) if tag in self.rows]
        total = self.idf[own] @ self.vectors[own]
        return np.asarray(total / max(float(np.linalg.norm(total)), 1e-9), dtype=np.float64)


def read_hashtag_lists(data: Path) -> list[list[str]]:
    """The posts of `data/hashtag_lists/*.jsonl`, each its hashtags in order. Raises InputError."""
    files = sorted((data / "hashtag_lists").glob("*.jsonl"))
    try:
        posts = [
            json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()
        ]
        lists = [sorted({hashtag_key(tag) for tag in post["hashtags"]}) for post in posts]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"The lists of hashtags in {data / 'hashtag_lists'} cannot be read.",
            means=f"A line is not a JSON object with `hashtags`: {error!r}.",
            do="Give a folder with --data whose hashtag_lists/*.jsonl are whole.",
        ) from error
    if not lists:
        raise InputError(
            f"There are no lists of hashtags in {data}.",
            means="Vectors of hashtags are learned from hashtag_lists/*.jsonl, which is missing.",
            do="Give a folder with --data that holds hashtag_lists.",
        )
    return lists


def tag_vectors(lists: Sequence[Sequence[str]], dimensions: int = DIMENSIONS) -> TagVectors:
    """Vectors of the hashtags that at least MIN_COUNT of the lists have."""
    used = [tags for tags in lists if 2 <= len(tags) <= LONGEST]
    counts = Counter(tag for tags in used for tag in tags)
    names = sorted(tag for tag, count in counts.items() if count >= MIN_COUNT)
    rows = {tag: row for row, tag in enumerate(names)}
    strength = _ppmi(_beside(used, rows))
    size = min(dimensions, len(names) - 1)
    values, vectors = eigsh(strength, k=size, which="LA", v0=np.ones(len(names)))
    vectors = vectors * np.sqrt(np.maximum(values, 0))
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    idf = np.log(len(used) / np.array([counts[tag] for tag in names]))
    return TagVectors(rows, vectors, idf)


def _beside(lists: Sequence[Sequence[str]], rows: dict[str, int]) -> sparse.csr_matrix:
    """How often two hashtags stand in one list; a list of n known hashtags counts 1 / (n − 1)."""
    where, which, weight = [], [], []
    for number, tags in enumerate(lists):
        known = [rows[tag] for tag in tags if tag in rows]
        where += [number] * len(known)
        which += known
        weight += [max(len(known) - 1, 1) ** -0.5] * len(known)
    used = sparse.csr_matrix((weight, (where, which)), shape=(len(lists), len(rows)))
    return sparse.csr_matrix(used.T @ used)


def _ppmi(beside: sparse.csr_matrix) -> sparse.csr_matrix:
    """Positive pointwise mutual information, made symmetric."""
    pairs = beside.tocoo()
    apart = pairs.row != pairs.col
    row, column, count = pairs.row[apart], pairs.col[apart], pairs.data[apart]
    total = np.bincount(row, count, beside.shape[0])
    context = total**SMOOTHING / np.sum(total**SMOOTHING)
    information = np.log(count / (total[row] * context[column]))
    keep = information > 0
    table = sparse.csr_matrix((information[keep], (row[keep], column[keep])), shape=beside.shape)
    return sparse.csr_matrix((table + table.T) / 2)
