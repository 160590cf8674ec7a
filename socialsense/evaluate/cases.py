"""Posts to recommend hashtags for, each with what was known before its day."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from socialsense.evaluate.backtest import (
    TOP,
    Pages,
    Similar,
    Trial,
    days,
    rate_lifts,
    trials,
)
from socialsense.evaluate.past import Past
from socialsense.histories import History
from socialsense.train.engagement import FREE_PAGES, capped_lifts
from socialsense.usual import Curve
from socialsense.votes import FAITHFUL

MIN_HISTORY = 3
"""Earlier posts that a judged post has."""


@dataclass(frozen=True, slots=True)
class Case:
    """A post and its hashtags that are to be found (`used`); `earlier`: trials of days before.

    `pages` hold all earlier posts, `tops` the most engaging ones, as in 2020. `similar` is None
    where no pictures are known.
    """

    trial: Trial
    used: frozenset[str]
    earlier: Sequence[Trial]
    past: Past
    pages: Pages
    tops: Pages
    similar: Similar | None
    rng: np.random.Generator


@dataclass(slots=True)
class Cases:
    """Of the judging half, or of `everyone`; with `similar`, of posts that have a picture.

    `curve`: what is usual by followers, from elsewhere or from the fitting half. `left_out`: how
    many posts of those accounts are not judged, by the reason.
    """

    histories: Sequence[History]
    curve: Curve
    similar: Similar | None = None
    everyone: bool = False
    seed: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def each(
        self, on_progress: Callable[[str, int, int], None] = lambda *_: None
    ) -> Iterator[Case]:
        """Day by day."""
        found, past, posts = trials(self.histories, self.curve), Past(), self._posts()
        calibrated = days(found, FREE_PAGES, capped_lifts(found))
        faithful = days(found, FAITHFUL, rate_lifts(found), TOP)
        for (pages, today), (tops, _) in zip(calibrated, faithful, strict=True):
            on_progress("recommending hashtags", today[-1] + 1, len(found))
            start = today[0]
            while posts and posts[0][0] < found[start].day:
                past.add(*posts.popleft()[1:])
            past.rank(np.random.default_rng((self.seed, start)))
            for place in today:
                trial = found[place]
                used = frozenset(tag for tag in trial.hashtags if not past.left_out(tag))
                if self._judged(trial, used, pages) and pages and tops:
                    rng = np.random.default_rng((self.seed, place, 1))
                    yield Case(trial, used, found[:start], past, pages, tops, self.similar, rng)

    def _judged(self, trial: Trial, used: frozenset[str], pages: Pages | None) -> bool:
        if not (self.everyone or trial.half == "judge"):
            return False
        reasons = {
            f"fewer than {MIN_HISTORY} earlier posts": len(trial.past) < MIN_HISTORY,
            "no hashtag": not trial.hashtags,
            "only common, generic or banned hashtags": not used,
            "no picture": self.similar is not None and not trial.picture,
            "before hashtags were known": pages is None,
        }
        why = next((reason for reason, holds in reasons.items() if holds), None)
        if why:
            self.left_out[why] += 1
        return why is None

    def _posts(self) -> deque[tuple[int, str, frozenset[str]]]:
        posts = [(int(p.when), h.account, p.hashtags) for h in self.histories for p in h.posts]
        return deque(sorted(posts, key=lambda post: post[:2]))
