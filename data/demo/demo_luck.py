"""Luck, dealt fairly: real residuals of log engagement, so placed that no hashtag is lucky.

In a sample this small, chance and the company a hashtag keeps would drown what
is planted. So residuals are swapped between posts of one account and period
until each hashtag's posts, its own effect set aside, are neither better nor
worse than their accounts. The residuals themselves stay those that were drawn.
"""

import random
from collections import defaultdict
from statistics import fmean

import demo_plan as plan
from demo_drafts import Draft, planted

BLOCK = 10
SWAPS = 15_000
Group = tuple[str, bool]


def deal_luck(
    drafts: list[Draft], quantiles: list[float], effects: dict[str, float], rng: random.Random
) -> list[float]:
    """One residual for each post; every run of ten posts of an account has good and bad."""
    luck = [0.0] * len(drafts)
    blocks = _blocks(drafts)
    for block in blocks:
        ranks = [(i + rng.random()) / len(block) for i in range(len(block))]
        rng.shuffle(ranks)
        for place, rank in zip(block, ranks, strict=True):
            luck[place] = quantiles[int(rank * len(quantiles))]
    _swap(drafts, luck, [b for b in blocks if len(b) > 1], effects, rng)
    return luck


def _blocks(drafts: list[Draft]) -> list[list[int]]:
    blocks = []
    for account in plan.ACCOUNTS:
        own = [i for i, draft in enumerate(drafts) if draft.account is account]
        blocks += [own[i : i + BLOCK] for i in range(0, len(own), BLOCK)]
    return blocks


def _groups(draft: Draft) -> set[Group]:
    """The hashtags of a post; a conditional one counts apart on and off its themes."""
    return {(tag, draft.theme in plan.CONDITIONAL.get(tag, ())) for tag in draft.tags}


def _swap(
    drafts: list[Draft],
    luck: list[float],
    blocks: list[list[int]],
    effects: dict[str, float],
    rng: random.Random,
) -> None:
    groups = [_groups(draft) for draft in drafts]
    sums, sizes = _imbalance(drafts, luck, groups, effects)
    for _ in range(SWAPS):
        one, two = rng.sample(rng.choice(blocks), 2)
        gain = luck[two] - luck[one]
        moves = [(g, gain) for g in sorted(groups[one] - groups[two])]
        moves += [(g, -gain) for g in sorted(groups[two] - groups[one])]
        if sum(((sums[g] + by) ** 2 - sums[g] ** 2) / sizes[g] for g, by in moves) < 0:
            luck[one], luck[two] = luck[two], luck[one]
            for group, by in moves:
                sums[group] += by


def _imbalance(
    drafts: list[Draft],
    luck: list[float],
    groups: list[set[Group]],
    effects: dict[str, float],
) -> tuple[dict[Group, float], dict[Group, int]]:
    """How much better than their accounts a hashtag's posts are without its own effect."""
    lifts = [sum(planted(tag, d.theme, effects) for tag in d.tags) for d in drafts]
    usual = {
        account.handle: fmean(own)
        for account in plan.ACCOUNTS
        if (own := [v for d, v in zip(drafts, lifts, strict=True) if d.account is account])
    }
    sums: dict[Group, float] = defaultdict(float)
    sizes: dict[Group, int] = defaultdict(int)
    for draft, own_groups, lift, residual in zip(drafts, groups, lifts, luck, strict=True):
        for group in sorted(own_groups):
            alone = planted(group[0], draft.theme, effects)
            sums[group] += residual + lift - alone - usual[draft.account.handle]
            sizes[group] += 1
    return sums, sizes
