"""The engagement of simulated posts, what of it can be seen, and the hashtags' pages."""

import math
import random
from statistics import NormalDist
from typing import Any

import demo_plan as plan
from demo_drafts import Draft, planted
from demo_luck import deal_luck

HIDDEN, CAPTIONLESS = 0.08, 0.06
PAGE_NOISE, PAGE_LENGTH, PER_OWNER = 1.5, 18, 7
COMMENT_NOISE = 0.35
MIDDLE_HALF = 0.6745


def simulate(
    drafts: list[Draft], figures: dict[str, Any], effects: dict[str, float], rng: random.Random
) -> None:
    """Give each post its engagement, and decide what of it can be seen."""
    luck = deal_luck(drafts, figures["within_account"]["log_quantiles"], effects, rng)
    for account in plan.ACCOUNTS:
        own = [i for i, draft in enumerate(drafts) if draft.account is account]
        if own:
            _engage([drafts[i] for i in own], [luck[i] for i in own], figures, effects, rng)
            _pin([drafts[i] for i in own], rng)
    shown = [d for d in drafts if not d.pinned and d.account.likes_shown]
    for draft in rng.sample(shown, round(HIDDEN * len(drafts))):
        draft.hidden = True
    for draft in drafts:
        draft.hidden |= not draft.account.likes_shown


def _engage(
    drafts: list[Draft],
    luck: list[float],
    figures: dict[str, Any],
    effects: dict[str, float],
    rng: random.Random,
) -> None:
    followers = drafts[0].account.followers
    usual = _usual_log_rate(followers, figures["tiers"], rng)
    talk = figures["comments_per_like"]
    chatty = math.log(talk["median"]) + _middle(talk["log_sd_between_accounts"], rng)
    for draft, residual in zip(drafts, luck, strict=True):
        lift = sum(planted(tag, draft.theme, effects) for tag in draft.tags)
        draft.engagement = max(1, round(followers * math.exp(usual + lift + residual)))
        per_like = math.exp(chatty + COMMENT_NOISE * _normal(rng))
        draft.comments = round(draft.engagement * per_like / (1 + per_like))


def _usual_log_rate(followers: int, tiers: list[dict[str, Any]], rng: random.Random) -> float:
    tier = next(t for t in tiers if t["followers_from"] <= followers < t["followers_below"])
    return math.log(tier["median_rate"]) + _middle(tier["log_sd_between_accounts"], rng)


def _pin(drafts: list[Draft], rng: random.Random) -> None:
    best = sorted(drafts, key=lambda d: -d.engagement)[: max(len(drafts) // 4, 1)]
    for draft in rng.sample(best, min(drafts[0].account.pinned, len(best))):
        draft.pinned = True


def pages(drafts: list[Draft], rng: random.Random) -> dict[str, list[int]]:
    """For each hashtag the places in `drafts` of its top posts, best first but for some noise."""
    standing = [math.log(d.engagement) + PAGE_NOISE * _normal(rng) for d in drafts]
    found: dict[str, list[int]] = {}
    for place in sorted(range(len(drafts)), key=lambda i: -standing[i]):
        for tag in drafts[place].tags:
            page = found.setdefault(tag, [])
            owner = drafts[place].account
            if (
                len(page) < PAGE_LENGTH
                and sum(drafts[i].account is owner for i in page) < PER_OWNER
            ):
                page.append(place)
    return dict(sorted(found.items()))


def _normal(rng: random.Random) -> float:
    return NormalDist().inv_cdf(min(max(rng.random(), 1e-6), 1 - 1e-6))


def _middle(sd: float, rng: random.Random) -> float:
    """A draw from the middle half of a normal distribution."""
    return sd * rng.uniform(-MIDDLE_HALF, MIDDLE_HALF)
