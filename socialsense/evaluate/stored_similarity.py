"""How alike the pictures of stored posts are, for the backtest of hashtags."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from socialsense.arrays import Float64
from socialsense.decode import Look
from socialsense.evaluate.backtest import Similar, Trial
from socialsense.histories import History
from socialsense.store import Store
from socialsense.types import Embedder
from socialsense.vectors import Vectors


def stored_similarity(store: Store, embedder: Embedder, histories: Iterable[History]) -> Similar:
    """By the embedder, from vectors that are stored or else computed now, and kept in memory.

    0 where either picture is unknown or cannot be opened.
    """
    pictures = sorted({p.picture for h in histories for p in h.posts if p.picture})
    kept = Vectors(store, embedder.model_id, embedder.embed, Look.of(embedder))
    vectors = kept.of_stored(pictures)
    place = {sha: number for number, sha in enumerate(vectors)}
    matrix = np.array(list(vectors.values()))

    @lru_cache(maxsize=1)  # a trial asks about several groups of posts
    def to_all(picture: str) -> Float64:
        query = matrix[[place[picture]]]
        similarity = embedder.similarity(query, matrix)[0].astype(np.float64)
        return np.append(similarity, 0.0)  # the last place stands for what is unknown

    def similar(trial: Trial, others: Sequence[Trial]) -> Float64:
        if trial.picture not in place:
            return np.zeros(len(others))
        columns = [place.get(other.picture or "", len(place)) for other in others]
        return np.asarray(to_all(trial.picture or "")[columns], dtype=np.float64)

    return similar
