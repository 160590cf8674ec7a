"""The best set of hashtags under a cap: what each is worth, less what they share.

A hashtag is worth what it should add to log engagement, and more where it suits the photo and
the account, whose followers know it by its hashtags. A set's value is the sum of its hashtags'
worth minus `price` times the redundancy of each of its pairs: a second hashtag over the same
posts, or the same word spelled otherwise, brings nobody new.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from socialsense.arrays import Float64, FloatArray
from socialsense.types import CautionKind

if TYPE_CHECKING:
    from scipy.sparse import csr_array

# Chosen on the fitting half of the backtest (`evaluate hashtags`): with less habit, more doubt
# or a higher price, sets hold fewer of the hashtags really used; with more habit hardly more,
# but the expected lift falls. It has no pictures: RELEVANCE and GENERIC are judgement.
DOUBT = 0.25
"""What a standard deviation of a score costs: of two alike the better known one."""
HABIT = 0.2
"""What a hashtag is worth that stands under all the account's posts."""
RELEVANCE = 0.1
"""What the hashtag nearest to the photo is worth beyond the farthest: as one under half of them."""
GENERIC = 0.1
"""What a hashtag costs that says nothing of a photo: as much."""
HALF_LIFE = 4.0
"""Posts after which one says half as much of an account's habits."""
NEAREST = 3
"""Posts of a hashtag that tell how near it is to a photo."""
PRICE = 0.03
"""What a pair of wholly redundant hashtags costs, in the unit of worth."""
EXACT = 30
"""Hashtags among which the best set is searched exactly, those of highest worth."""
EXACT_LIMIT = 5
"""Longest sets searched exactly; longer ones are chosen one hashtag at a time."""
SHORTEST_STEM = 3
SHORTEST_NEAR = 8

Indices = NDArray[np.integer[Any]]


def worth(
    score: Float64,
    spread: Float64,
    relevance: Float64,
    habit: Float64,
    cautions: Sequence[CautionKind | None] = (),
) -> Float64:
    """What each hashtag adds to a set, in log engagement; all (T,).

    `score`, `spread`: expected log lift and its standard deviation; `relevance`, `habit`: as
    below, 0 where unknown; `cautions`: what the lists say of each, if asked. −inf for banned
    ones, which no set takes.
    """
    costs = {None: 0.0, "sensitive": 0.0, "generic": GENERIC, "banned": np.inf}
    cost = np.array([costs[kind] for kind in cautions]) if cautions else 0.0
    value = score - DOUBT * spread + RELEVANCE * relevance + HABIT * habit - cost
    return np.asarray(value, dtype=np.float64)


def habits(used: Sequence[Collection[str]]) -> dict[str, float]:
    """The share of an account's posts that each hashtag stands under, in [0, 1].

    `used`: the hashtags of each post, newest first; older posts count less.
    """
    weights = 0.5 ** (np.arange(len(used)) / HALF_LIFE)
    shares: dict[str, float] = defaultdict(float)
    for tags, weight in zip(used, weights / max(weights.sum(), 1e-12), strict=True):
        for tag in set(tags):
            shares[tag] += float(weight)
    return dict(shares)


def relevance(similarity: FloatArray, posts_of: "csr_array") -> Float64:
    """(T,) how near each hashtag's posts are to the photo, from 0 (farthest) to 1 (nearest).

    `similarity` (N,) of posts; the mean of a hashtag's NEAREST most similar ones is ranked
    among the hashtags (ties share their ranks). ½ for a hashtag without posts, or alone.
    """
    ends = posts_of.indptr
    rows = [similarity[posts_of.indices[a:b]] for a, b in pairwise(ends)]
    near = np.array([np.sort(row)[-NEAREST:].mean() if len(row) else np.nan for row in rows])
    known = np.isfinite(near)
    result = np.full(len(rows), 0.5)
    if known.sum() > 1:
        # scipy.stats ranks as well, but takes half a second to import.
        _, place, ties = np.unique(near[known], return_inverse=True, return_counts=True)
        below = np.cumsum(ties) - ties + (ties - 1) / 2
        result[known] = below[place] / (known.sum() - 1)
    return result


def redundancy(tags: Sequence[str], posts_of: "csr_array") -> Float64:
    """(T, T): how far two hashtags do the same, in [0, 1]; symmetric, 0 on the diagonal.

    `posts_of` (T, N) holds ones where a hashtag stands under a post. The Jaccard index of
    the two sets of posts, or 1 for two spellings of one word: apart from underscores,
    diacritics and digits at the end they are the same, an English plural, or (from
    8 letters on) one letter longer in the second half. Raises ValueError where rows and
    hashtags differ in number.
    """
    if posts_of.shape[0] != len(tags):
        raise ValueError(f"{len(tags)} hashtags, but {posts_of.shape[0]} rows of posts")
    shared: Float64 = (posts_of @ posts_of.T).toarray().astype(np.float64)
    counts = shared.diagonal()
    either = counts[:, None] + counts - shared
    result: Float64 = np.divide(shared, either, out=np.zeros_like(shared), where=either > 0)
    for one, other in _spelled_alike(tags):
        result[one, other] = result[other, one] = 1.0
    np.fill_diagonal(result, 0.0)
    return result


def best_set(
    worth: Float64,
    redundancy: Float64,
    limit: int,
    *,
    price: float = PRICE,
    keep: Collection[int] = (),
) -> tuple[int, ...]:
    """Indices of the set of 1 to `limit` hashtags of highest value, by falling worth.

    `worth` (T,), `redundancy` (T, T), `price` at least 0; the hashtags in `keep` are always
    in, others of worth −inf never. Up to a limit of 5 it is the very best out of those and the
    EXACT worthiest others; beyond, each next hashtag is the one that adds most, until none adds
    anything. Of equals the shorter set, then that of the worthier hashtags, then of the lower
    indices. Empty only with limit 0 or nothing to choose from. Raises ValueError for what makes
    no sense.
    """
    kept = sorted(set(keep))
    _check(worth, redundancy, limit, price, kept)
    gains = worth - price * redundancy[:, kept].sum(axis=1)
    order = np.argsort(-worth, kind="stable")
    others = order[~np.isin(order, kept) & (worth[order] > -np.inf)]
    search = _greedy
    if limit <= EXACT_LIMIT:
        others, search = others[:EXACT], _exact
    costs = price * redundancy[np.ix_(others, others)]
    added = search(gains[others], costs, limit - len(kept), bool(kept))
    return tuple(sorted({*kept, *map(int, others[added])}, key=lambda i: (-worth[i], i)))


def _exact(gains: Float64, costs: Float64, room: int, may_be_empty: bool) -> list[int]:
    """Every set is valued, as the set without its last hashtag plus what that one adds."""
    value, best, chosen = np.zeros(1), 0.0 if may_be_empty else -np.inf, np.empty(0, np.intp)
    adds = gains[None, :]  # (sets of this size, T): what each hashtag would add to each
    for size in range(1, min(room, len(gains)) + 1):
        sets, shorter = _sets(len(gains), size)
        value = value[shorter] + adds[shorter, sets[:, -1]]
        first = int(value.argmax())
        if value[first] > best:
            best, chosen = float(value[first]), sets[first]
        if size < room:
            adds = adds[shorter] - costs[sets[:, -1]]
    return [int(index) for index in chosen]


@lru_cache(maxsize=32)
def _sets(n: int, size: int) -> tuple[Indices, Indices]:
    """All sets of that size out of n, in order, and which shorter set each begins with."""
    if size == 1:
        return np.arange(n, dtype=np.int8)[:, None], np.zeros(n, np.int32)
    shorter, _ = _sets(n, size - 1)
    after = n - 1 - shorter[:, -1].astype(np.int32)  # how many may follow
    begins = np.repeat(np.arange(len(shorter), dtype=np.int32), after)
    last = np.arange(len(begins)) - np.repeat(np.cumsum(after), after) + n
    return np.column_stack([shorter[begins], last.astype(np.int8)]), begins


def _greedy(gains: Float64, costs: Float64, room: int, may_be_empty: bool) -> list[int]:
    """The hashtag that adds most, again and again, while one adds something."""
    gains, chosen = gains.copy(), list[int]()
    while len(chosen) < min(room, len(gains)):
        first = int(gains.argmax())
        if gains[first] <= 0 and (chosen or may_be_empty):
            break
        chosen.append(first)
        gains -= costs[first]
        gains[first] = -np.inf
    return chosen


def _check(
    worth: Float64, redundancy: Float64, limit: int, price: float, kept: Sequence[int]
) -> None:
    if redundancy.shape != (len(worth), len(worth)):
        raise ValueError(f"{len(worth)} hashtags, but redundancy of shape {redundancy.shape}")
    numbers = (worth < np.inf).all() and np.isfinite(redundancy).all()
    if not (numbers and 0 <= price < np.inf):
        raise ValueError("worth, redundancy and price must be finite, price at least 0")
    if len(kept) > limit:
        raise ValueError(f"{len(kept)} hashtags to keep under a limit of {limit}")
    if kept and not 0 <= kept[0] <= kept[-1] < len(worth):
        raise ValueError(f"hashtags to keep must be among 0 to {len(worth) - 1}: {kept}")


def _spelled_alike(tags: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs of indices whose words are one."""
    places: dict[str, list[int]] = {}
    for index, tag in enumerate(tags):
        places.setdefault(_word(tag), []).append(index)
    for word, indices in places.items():
        for spelling in {word, *_shorter(word)}:
            for other in places.get(spelling, ()):
                yield from ((index, other) for index in indices)


def _word(tag: str) -> str:
    """A hashtag without underscores, diacritics and digits at the end."""
    letters = normalize("NFD", tag).replace("_", "").rstrip("0123456789")
    word = normalize("NFC", "".join(c for c in letters if not "\u0300" <= c <= "\u036f"))
    return word if len(word) >= SHORTEST_STEM else tag


def _shorter(word: str) -> Iterator[str]:
    """Singulars of an English plural, and the word with one letter of its second half left out.

    A letter less makes another word of a short one (plane, planet); so does another letter
    in place of one, and one at the beginning (instafood, instagood; pets, poets).
    """
    if word.endswith("s") and len(word) > SHORTEST_STEM:
        yield word[:-1]
    if word.endswith("es") and len(word) > SHORTEST_STEM + 1:
        yield word[:-2]
    if word.endswith("ies"):
        yield word[:-3] + "y"
    if len(word) >= SHORTEST_NEAR:
        for place in range((len(word) + 1) // 2, len(word)):
            yield word[:place] + word[place + 1 :]
