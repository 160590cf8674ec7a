"""Ways to recommend hashtags for a post, each from what was known before its day.

All leave out hashtags that are common, generic or banned. Those that find fewer than SHOWN go on
with the popular ones, but for the two formulas; equals stand in random order.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

import numpy as np

from socialsense.evaluate.cases import Case
from socialsense.hashtags import COMMON_HASHTAGS, related_hashtags
from socialsense.sets import best_set, habits, redundancy, relevance, worth
from socialsense.shrinkage import SPREADS
from socialsense.votes import membership

SHOWN = 5
"""Hashtags a way may recommend: the platform's cap."""
CANDIDATES = 30
"""Hashtags the two formulas choose from."""
NEIGHBOURS = 20
"""Posts of the most similar photos whose hashtags count."""


Way = Callable[[Case], Sequence[str]]
"""At most SHOWN hashtags, best first."""


def ways(pictures: bool) -> dict[str, Way]:
    """Those that can be followed, with or without pictures."""
    found: dict[str, Way] = {
        "random": at_random,
        "popular": lambda case: case.past.popular(SHOWN),
        "own history": own_history,
        "co-occurrence": co_occurrence,
    }
    if pictures:
        found["nearest photos"] = nearest_photos
    return found | {"formula of 2020": formula_of_2020, "socialsense": socialsense}


def at_random(case: Case) -> list[str]:
    """Hashtags that several accounts have used."""
    tags = list(case.pages.posts)
    drawn = (tags[i] for i in case.rng.permutation(len(tags)))
    return list(islice(_judged(case, drawn), SHOWN))


def own_history(case: Case) -> list[str]:
    """The account's hashtags, by the share of its posts they stood under, later ones first."""
    return _first(case, habits(case.trial.used))


def co_occurrence(case: Case) -> list[str]:
    """What stands beside the account's hashtags in other accounts' posts.

    A hashtag gets, for each of the account's other ones, the share of that one's posts it stands
    under, weighted by the account's habit; so the account's own come back if others join them.
    """
    votes: dict[str, float] = defaultdict(float)
    for own, habit in sorted(habits(case.trial.used).items()):
        posts = [case.past.posts[i] for i in case.past.by_tag.get(own, ())]
        beside = [tags for account, tags in posts if account != case.trial.account]
        for tags in beside:
            for tag in tags - {own}:
                votes[tag] += habit / len(beside)
    return _first(case, votes)


def nearest_photos(case: Case) -> list[str]:
    """Hashtags of other accounts' most similar photos, each with its similarity for a vote."""
    others = [t for t in case.earlier if t.picture and t.account != case.trial.account]
    votes: dict[str, float] = defaultdict(float)
    if case.similar is not None and others:
        near = case.similar(case.trial, others)
        for i in np.argsort(-near, kind="stable")[:NEIGHBOURS]:
            for tag in others[i].hashtags:
                votes[tag] += float(near[i])
    return _first(case, votes)


def formula_of_2020(case: Case) -> list[str]:
    """The candidates of highest score over the top posts of their pages; none without any."""
    tags = candidates(case)
    scores, _ = case.tops.score(tags, case.trial, case.similar)
    known = {t: float(s) for t, s in zip(tags, scores, strict=True) if np.isfinite(s)}
    return _order(case, known)[:SHOWN]


def socialsense(case: Case) -> list[str]:
    """The set of most value among the same candidates, by calibrated scores."""
    tags = candidates(case)
    if not tags:
        return []
    score, spread = case.pages.score(tags, case.trial, case.similar)
    unknown = ~np.isfinite(score)
    score[unknown], spread[unknown] = 0.0, np.sqrt(SPREADS**2 @ case.pages.prior.spreads)
    habit = habits(case.trial.used)
    rows = [case.pages.others(tag, case.trial.account) for tag in tags]
    places = sorted({i for row in rows for i in row})
    column = {i: number for number, i in enumerate(places)}
    posts_of = membership([[column[i] for i in row] for row in rows], len(places))
    near = np.full(len(tags), 0.5)
    if case.similar is not None and places:
        near = relevance(case.similar(case.trial, [case.pages.trials[i] for i in places]), posts_of)
    value = worth(score, spread, near, np.array([habit.get(tag, 0.0) for tag in tags]))
    return [tags[i] for i in best_set(value, redundancy(tags, posts_of), SHOWN)]


def candidates(case: Case) -> list[str]:
    """Up to CANDIDATES: the account's own, most used first, then those beside them on top posts."""
    used = Counter(tag for tags in case.trial.used for tag in tags)
    own = sorted(used, key=lambda tag: (-used[tag], tag))
    seeds = (own or COMMON_HASHTAGS)[:CANDIDATES]
    top = dict.fromkeys(i for tag in seeds for i in case.tops.posts.get(tag, ()))
    captions = [tuple(case.tops.trials[i].hashtags) for i in top]
    return [*_judged(case, [*seeds, *related_hashtags(seeds, captions, CANDIDATES - len(seeds))])]


def _judged(case: Case, tags: Iterable[str]) -> Iterator[str]:
    return (tag for tag in tags if not case.past.left_out(tag))


def _first(case: Case, votes: Mapping[str, float]) -> list[str]:
    """The SHOWN hashtags of most votes, then the popular ones."""
    best = _order(case, votes)[:SHOWN]
    return best + case.past.popular(SHOWN - len(best), without=best)


def _order(case: Case, votes: Mapping[str, float]) -> list[str]:
    """By falling votes; equals, to twelve digits, in random order."""
    tags = [*_judged(case, sorted(votes))]
    mixed = case.rng.permutation(len(tags))
    counts = np.array([votes[tag] for tag in tags], dtype=np.float64).round(12)
    return [tags[i] for i in mixed[np.argsort(-counts[mixed], kind="stable")]]
