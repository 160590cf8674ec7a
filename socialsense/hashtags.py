"""Candidate hashtags, and the ranking of those that posts speak for.

How a score is made of posts stands in `scores`; here evidence goes in and ranked hashtags
come out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from socialsense.answers import Evidence, RankedHashtag
from socialsense.arrays import Float64, FloatArray
from socialsense.scores import Scores, score_hashtags
from socialsense.types import Denominator, Mode
from socialsense.votes import CALIBRATED, FAITHFUL, Formula, Pool, membership

COMMON_HASHTAGS: tuple[str, ...] = (
    "photography", "art", "nature", "travel", "photooftheday", "picoftheday", "beautiful",
    "love", "instagood", "style", "design", "artist", "illustration", "handmade", "diy",
    "food", "animals", "landscape", "sunset", "sky", "architecture", "history", "science",
    "education", "teacher", "learning", "inspiration", "creative", "summer", "happy",
)  # fmt: skip
"""Where an account without hashtags of its own starts."""


def related_hashtags(
    seeds: Sequence[str], captions: Iterable[Sequence[str]], count: int
) -> tuple[str, ...]:
    """Hashtags that stand beside the seeds in captions, the most frequent first."""
    known = frozenset(seeds)
    beside = Counter(tag for tags in captions for tag in set(tags) if tag not in known)
    return tuple(sorted(beside, key=lambda tag: (-beside[tag], tag))[:count])


def formula_of(mode: Mode, denominator: Denominator) -> Formula:
    """The settings of the formula; the calibrated mode has one denominator."""
    return CALIBRATED if mode == "calibrated" else replace(FAITHFUL, denominator=denominator)


def pool_of(
    evidence: Sequence[Evidence],
    posts_of: Mapping[str, Sequence[int]],
    sizes: Mapping[str, int],
) -> Pool:
    """What scores are made of; `posts_of` names each hashtag's posts by place in `evidence`.

    `sizes`: posts that carry a hashtag on the whole platform, where known.
    """
    followers = np.log([max(item.followers, 1) for item in evidence])
    traits = np.full((len(posts_of), 3), np.nan)
    for row, (tag, columns) in enumerate(posts_of.items()):
        if sizes.get(tag):
            traits[row, :2] = np.log(sizes[tag]), np.log(sizes[tag]) ** 2
        if len(columns):
            traits[row, 2] = np.median(followers[list(columns)])
    return Pool(
        posts_of=membership(tuple(posts_of.values()), len(evidence)),
        lifts=np.array([item.lift for item in evidence], dtype=np.float64),
        owners=np.array([item.owner for item in evidence], dtype=np.int64),
        traits=traits,
    )


def score_photos(similarity: FloatArray, pool: Pool, formula: Formula) -> Float64:
    """(Q, T) scores of the same hashtags for Q photos; `similarity` (Q, N)."""
    rows = [score_hashtags(weights, pool, formula, draws=0).score for weights in similarity]
    return np.array(rows, dtype=np.float64).reshape(len(similarity), pool.posts_of.shape[0])


def rank_by_evidence(
    evidence: Sequence[Evidence],
    posts_of: Mapping[str, Sequence[int]],
    formula: Formula,
    sizes: Mapping[str, int] | None = None,
) -> tuple[RankedHashtag, ...]:
    """Hashtags, best first; those that no post speaks for stand last, with score 0."""
    tags = tuple(posts_of)
    weights = np.array([item.similarity for item in evidence], dtype=np.float64)
    scores = score_hashtags(weights, pool_of(evidence, posts_of, sizes or {}), formula)
    ranked = [
        _ranked(scores, row, tags[row], [evidence[place] for place in posts_of[tags[row]]])
        for row in scores.order(tags)
    ]
    return tuple(sorted(ranked, key=lambda item: not item.support))


def _ranked(scores: Scores, row: int, tag: str, evidence: Sequence[Evidence]) -> RankedHashtag:
    return RankedHashtag(
        tag=tag,
        score=float(scores.score[row]),
        low=_known(scores.low[row]),
        high=_known(scores.high[row]),
        similarity=float(scores.similarity[row]),
        lift=float(scores.lift[row]),
        support=int(scores.support[row]),
        evidence=tuple(evidence),
        helps=_known(scores.helps[row]),
        accounts=int(scores.accounts[row]),
        raw=float(scores.raw[row]),
        correction=float(scores.correction[row]),
        trust=float(scores.trust[row]),
        draws=scores.draws[row],
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
