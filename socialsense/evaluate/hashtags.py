"""How well hashtags are recommended: what posts used, from what was known before their day.

Two questions that are never blended. Do recommendations name the hashtags that were used
(recall, hit, nDCG)? That rewards imitation. And what lift do the pages expect of them? That is
a forecast by the very scores that choose, not something that happened.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from socialsense.errors import InputError
from socialsense.evaluate.accounts import AccountDraws
from socialsense.evaluate.backtest import Similar
from socialsense.evaluate.cases import MIN_HISTORY, Case, Cases
from socialsense.evaluate.estimate import Estimate
from socialsense.evaluate.recommendations import SHOWN, ways
from socialsense.histories import History
from socialsense.usual import Curve

MIN_ACCOUNTS = 3


@dataclass(frozen=True, slots=True)
class Recommended:
    """One way to recommend, judged by its first SHOWN hashtags; all are means over posts.

    `recall`: share of the used hashtags that are among them; `hit`: share of posts with at least
    one; `ndcg`: the same with the rank counted. `seen`, `unseen`: recall of hashtags the account
    had or had not used before. `lift`: mean calibrated score (predicted log lift); `beyond`: by
    how much it is above that of the used ones.
    """

    recall: Estimate
    hit: Estimate
    ndcg: Estimate
    seen: Estimate
    unseen: Estimate
    lift: Estimate
    beyond: Estimate


@dataclass(frozen=True, slots=True)
class HashtagReport:
    """The backtest. `used`: mean calibrated score of the used hashtags.

    `left_out`: posts that are not judged, by the reason.
    """

    accounts: int
    posts: int
    pictures: bool
    left_out: Mapping[str, int]
    used: Estimate
    ways: Mapping[str, Recommended]


def evaluate_hashtags(
    histories: Sequence[History],
    curve: Curve,
    *,
    everyone: bool = False,
    similar: Similar | None = None,
    seed: int = 0,
    on_progress: Callable[[str, int, int], None] = lambda *_: None,
) -> HashtagReport:
    """Judge on the accounts of the judging half, or on `everyone` where none was learned from.

    With `similar` only posts with a picture are judged; `curve` as in `Cases`. Raises InputError
    for too few accounts.
    """
    cases = Cases(histories, curve, similar, everyone, seed)
    followed = ways(pictures=similar is not None)
    rows: dict[str, list[list[float]]] = {name: [] for name in followed}
    expected, accounts = list[float](), list[str]()
    for case in cases.each(on_progress):
        shown = {name: way(case) for name, way in followed.items()}
        scores = _scores(case, sorted(case.used.union(*shown.values())))
        accounts.append(case.trial.account)
        expected.append(_mean(scores[tag] for tag in sorted(case.used)))
        for name, tags in shown.items():
            lift = _mean(scores[tag] for tag in tags) if tags else 0.0
            found = hits(tags, case.used, case.trial.used)
            rows[name].append([*found, lift, lift - expected[-1]])
    if len(set(accounts)) < MIN_ACCOUNTS:
        raise InputError(
            "There are too few accounts to judge hashtags by.",
            means="Each post's hashtags are guessed from earlier posts, also those of others.",
            do=f"Give accounts with more than {MIN_HISTORY} posts whose likes are known.",
        )
    draws = AccountDraws.of(accounts, seed)
    return HashtagReport(
        accounts=len(set(accounts)),
        posts=len(accounts),
        pictures=similar is not None,
        left_out=dict(cases.left_out),
        used=draws.estimate(np.array(expected)),
        ways={
            name: Recommended(*map(draws.estimate, np.array(table).T))
            for name, table in rows.items()
        },
    )


def hits(
    tags: Sequence[str], used: Collection[str], before: Iterable[Collection[str]]
) -> tuple[float, float, float, float, float]:
    """Recall, hit, nDCG, and recall of the hashtags used `before` and of the others.

    `tags`: at most SHOWN, best first. nDCG has binary gain (Järvelin & Kekäläinen 2002). NaN
    where there are none to find.
    """
    own = frozenset[str]().union(*before)
    discount = 1 / np.log2(np.arange(2, SHOWN + 2))
    found = np.array([tag in used for tag in tags], dtype=np.float64)
    return (
        _mean(tag in tags for tag in used),
        float(found.any()),
        float(discount[: len(found)] @ found / discount[: len(used)].sum()),
        _mean(tag in tags for tag in used if tag in own),
        _mean(tag in tags for tag in used if tag not in own),
    )


def _scores(case: Case, tags: Sequence[str]) -> dict[str, float]:
    """Calibrated scores; 0, what is expected of any, where nothing is known."""
    scores, _ = case.pages.score(tags, case.trial, case.similar)
    return dict(zip(tags, np.nan_to_num(scores).tolist(), strict=True))


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return sum(known) / len(known) if known else float("nan")
