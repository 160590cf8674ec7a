"""Predicting past posts from what was known before each: trials, and hashtags' pages frozen.

A trial's account is judged by its earlier posts alone. The pages of its hashtags hold other
accounts' posts of earlier days, each with the lift it had over its own account's level then.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from socialsense.arrays import Float64, Int64
from socialsense.histories import Half, History
from socialsense.shrinkage import Prior, posterior, prior_of
from socialsense.usual import MIN_OTHERS, Curve, Level, log_rate, usual_level
from socialsense.votes import Formula, Pool, count_votes, membership, weighted_lifts

LAST, TOP = 10, 9
"""Of the formula of 2020: posts that make the usual rate, and posts a hashtag's page shows."""
MIN_PAGES = 10
"""Hashtags two accounts use, before which nothing can be said of any."""

Similar = Callable[["Trial", Sequence["Trial"]], Float64]
"""(N,) similarities of posts on a page to the trial's photo."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One post, and what was known before it; `past`: y of earlier posts, newest first."""

    account: str
    half: Half
    followers: int
    day: int
    y: float
    level: Level
    past: tuple[float, ...]
    hashtags: frozenset[str]
    used: tuple[frozenset[str], ...]
    picture: str | None = None

    @property
    def lift(self) -> float:
        """How far the post went beyond its account's level, in log engagement."""
        return self.y - self.level.mean


def trials(histories: Sequence[History], curve: Curve) -> list[Trial]:
    """Every post that has an earlier one, by day."""
    found = [trial for history in histories for trial in _trials(history, curve)]
    return sorted(found, key=lambda trial: (trial.day, trial.account))


def _trials(history: History, curve: Curve) -> Iterator[Trial]:
    expected = curve(history.followers)
    y = [log_rate(post.engagement, history.followers) for post in history.posts]
    for number in range(1, len(y)):
        post, past = history.posts[number], tuple(y[:number][::-1])
        yield Trial(
            account=history.account,
            half=history.half,
            followers=history.followers,
            day=int(post.when),
            y=y[number],
            level=usual_level(past, expected),
            past=past,
            hashtags=post.hashtags,
            used=tuple(earlier.hashtags for earlier in history.posts[:number][::-1]),
            picture=post.picture,
        )


@dataclass(frozen=True, slots=True)
class Pages:
    """All hashtags as they stood before a day; `posts`: places in `trials` by hashtag."""

    trials: Sequence[Trial]
    posts: Mapping[str, Sequence[int]]
    owners: Int64
    lifts: Float64
    formula: Formula
    prior: Prior
    place: Mapping[str, int]

    def others(self, tag: str, account: str) -> list[int]:
        """Places of other accounts' posts on a hashtag's page."""
        return [i for i in self.posts.get(tag, ()) if self.trials[i].account != account]

    def score(
        self, tags: Sequence[str], trial: Trial, similar: Similar | None = None
    ) -> tuple[Float64, Float64]:
        """(T,) scores for a trial and their standard deviations, its own account left out.

        NaN where no other account's post is on the page.
        """
        rows = [self.others(tag, trial.account) for tag in tags]
        columns = sorted({i for row in rows for i in row})
        known = np.array([bool(row) for row in rows], dtype=bool)
        score, sd = np.full(len(tags), np.nan), np.full(len(tags), np.nan)
        if not columns:
            return score, sd
        posts_of = membership(
            [[bisect_left(columns, i) for i in row] for row in rows], len(columns)
        )
        pool = Pool(posts_of, self.lifts[columns], self.owners[columns], np.empty((len(tags), 0)))
        weights = np.ones(len(columns))
        if similar is not None:
            weights = similar(trial, [self.trials[i] for i in columns])
        votes = count_votes(weights, pool, self.formula)
        expected = self.prior.expected[[self.place.get(tag, 0) for tag in tags]]
        effect = weighted_lifts(votes) - expected
        trust, variance = posterior(effect, self.prior.error(votes), self.prior.spreads)
        kept = trust if self.formula.shrink else np.ones(len(tags))
        score[known], sd[known] = (kept * effect)[known], np.sqrt(variance)[known]
        return score, sd


def usual_rates(found: Sequence[Trial]) -> Float64:
    """(N,) each account's usual rate before, as the formula of 2020 has it."""
    return np.array([np.mean(np.exp(trial.past[:LAST])) for trial in found])


def rate_lifts(found: Sequence[Trial]) -> Float64:
    """(N,) lifts as the formula of 2020 has them: differences of rates."""
    return np.asarray(np.exp([trial.y for trial in found]) - usual_rates(found), dtype=np.float64)


def days(
    found: Sequence[Trial], formula: Formula, lifts: Float64, top: int | None = None
) -> Iterator[tuple[Pages | None, list[int]]]:
    """Day by day: the pages as they stood before it, and that day's trials by their place.

    `lifts` (N,): of each trial, in the formula's link. `top`: only so many posts of the most
    engagement a page, as platforms show them; by default all.
    """
    names, owners = np.unique([trial.account for trial in found], return_inverse=True)
    del names
    posts: dict[str, list[int]] = defaultdict(list)
    start = 0
    for day in sorted({trial.day for trial in found}):
        end = start
        while end < len(found) and found[end].day == day:
            end += 1
        yield _frozen(found, posts, owners, lifts, formula, top), list(range(start, end))
        for place in range(start, end):
            if len(found[place].past) >= MIN_OTHERS:
                for tag in sorted(found[place].hashtags):  # sets differ in order by process
                    posts[tag].append(place)
        start = end


def _frozen(
    found: Sequence[Trial],
    posts: Mapping[str, list[int]],
    owners: Int64,
    lifts: Float64,
    formula: Formula,
    top: int | None,
) -> Pages | None:
    """The pages of hashtags that at least two accounts use; None where they are too few."""
    shown = {
        tag: _top(found, places, top)
        for tag, places in posts.items()
        if len({owners[i] for i in places}) > 1
    }
    if len(shown) < MIN_PAGES:
        return None
    posts_of = membership(list(shown.values()), len(found))
    traits = np.array([_traits(found, len(posts[tag]), places) for tag, places in shown.items()])
    pool = Pool(posts_of, lifts, owners, traits)
    votes = count_votes(np.ones(len(found)), pool, formula)
    prior = prior_of(votes, weighted_lifts(votes), traits, formula)
    place = {tag: number for number, tag in enumerate(shown)}
    return Pages(found, shown, owners, lifts, formula, prior, place)


def _top(found: Sequence[Trial], places: list[int], top: int | None) -> list[int]:
    if top is None:
        return list(places)
    engagement = [found[i].y + np.log(found[i].followers) for i in places]
    return [places[i] for i in np.argsort(-np.array(engagement), kind="stable")[:top]]


def _traits(found: Sequence[Trial], size: int, places: Sequence[int]) -> tuple[float, ...]:
    followers = float(np.median([np.log(found[i].followers) for i in places]))
    return float(np.log(size)), float(np.log(size) ** 2), followers


def mean_scores(
    found: Sequence[Trial],
    formula: Formula,
    lifts: Float64,
    top: int | None = None,
    similar: Similar | None = None,
    on_trial: Callable[[int, int], None] = lambda *_: None,
) -> Float64:
    """(N,) mean score of each trial's hashtags, from pages frozen before; NaN where unknown.

    `lifts`, `top`: as `days` wants them. `on_trial` hears how many are done, of how many.
    """
    means = np.full(len(found), np.nan)
    for pages, today in days(found, formula, lifts, top):
        on_trial(today[-1] + 1, len(found))
        if pages is None:
            continue
        for place in today:
            scores, _ = pages.score(sorted(found[place].hashtags), found[place], similar)
            if np.isfinite(scores).any():
                means[place] = np.nanmean(scores)
    return means
