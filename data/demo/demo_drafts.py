"""Drafts of posts: dates, photos and hashtags dealt to the accounts.

Dealing from decks (shuffled and used up before they are shuffled again) keeps
every account's hashtags balanced, so that few posts say much.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import demo_plan as plan
from demo_photos import WINDOWS, Photo

FIRST, LAST = datetime(2025, 1, 6, tzinfo=UTC), datetime(2026, 10, 28, tzinfo=UTC)
CAP_SINCE, CAP = datetime(2025, 12, 1, tzinfo=UTC), 5
CAROUSELS, CONDITIONALS = 0.2, 0.3


@dataclass
class Draft:
    """A post in the making; `tags` are what it was found under, whatever its caption says."""

    account: plan.Account
    theme: str
    taken_at: datetime
    photo: Photo | None = None
    window: int = 0
    tags: list[str] = field(default_factory=list)
    caption: str | None = None
    engagement: int = 0
    comments: int = 0
    hidden: bool = False
    pinned: bool = False
    carousel: bool = False


def deck(items: Sequence[str], rng: random.Random) -> Iterator[str]:
    """The items in random order, again and again."""
    while True:
        yield from rng.sample(items, len(items))


def draft_posts(photos: list[Photo], rng: random.Random) -> list[Draft]:
    """Every account's posts with their dates, photos and hashtags."""
    drafts: list[Draft] = []
    for account in plan.ACCOUNTS:
        themes = [theme for theme, count in account.posts.items() for _ in range(count)]
        rng.shuffle(themes)
        step = (LAST - FIRST) / max(len(themes), 1)
        for i, theme in enumerate(themes):
            taken = FIRST + step * (i + rng.random())
            taken = taken.replace(hour=rng.randrange(6, 22), second=0, microsecond=0)
            drafts.append(Draft(account, theme, taken, carousel=rng.random() < CAROUSELS))
    _deal_photos(drafts, photos, rng)
    for account in plan.ACCOUNTS:
        if account.tagged:
            _deal_tags([d for d in drafts if d.account is account], rng)
    return drafts


def _deal_photos(drafts: list[Draft], photos: list[Photo], rng: random.Random) -> None:
    """Each photo once before any a second time; an account meets a photo once if it can."""
    for theme in plan.THEME_TAGS:
        usable = [p for p in photos if p.theme == theme and not p.sample]
        rng.shuffle(usable)
        queue = [(photo, window) for window in range(len(WINDOWS)) for photo in usable]
        slots = [d for d in drafts if d.theme == theme]
        if len(slots) > len(queue):
            raise ValueError(f"{theme}: {len(slots)} posts, {len(queue)} pictures")
        for draft in rng.sample(slots, len(slots)):
            seen = {d.photo.stem for d in slots if d.photo and d.account is draft.account}
            chosen = next((item for item in queue if item[0].stem not in seen), queue[0])
            queue.remove(chosen)
            draft.photo, draft.window = chosen


def _deal_tags(drafts: list[Draft], rng: random.Random) -> None:
    """Themes, broad, generic and conditional hashtags, at most CAP since the platform's cap."""
    decks = {theme: deck(tags, rng) for theme, tags in plan.THEME_TAGS.items()}
    broad = {
        theme: deck([tag for tag, fits in plan.BROAD_TAGS.items() if theme in fits], rng)
        for theme in plan.THEME_TAGS
    }
    generic, special = deck(plan.GENERIC_TAGS, rng), deck(list(plan.CONDITIONAL), rng)
    for draft in drafts:
        capped = draft.taken_at >= CAP_SINCE
        own = min(rng.choice((1, 2) if capped else (1, 2, 2)), len(plan.THEME_TAGS[draft.theme]))
        wanted = [next(decks[draft.theme]) for _ in range(own)]
        wanted += [next(broad[draft.theme]) for _ in range(1 if capped else 3)]
        wanted += [next(generic) for _ in range(1 if capped else rng.choice((1, 2, 2)))]
        if rng.random() < CONDITIONALS:
            wanted.append(_conditional(draft.theme, special, rng))
        draft.tags = list(dict.fromkeys(wanted))[: CAP if capped else None]
        rng.shuffle(draft.tags)


def _conditional(theme: str, special: Iterator[str], rng: random.Random) -> str:
    fitting = [tag for tag, themes in plan.CONDITIONAL.items() if theme in themes]
    return rng.choice(fitting) if fitting and rng.random() < 0.5 else next(special)


def slight_effects(rng: random.Random) -> dict[str, float]:
    """The planted effect of every hashtag that is not conditional."""
    tags = [tag for tags in plan.THEME_TAGS.values() for tag in tags]
    tags += [*plan.BROAD_TAGS, *plan.GENERIC_TAGS]
    return {
        tag: plan.EFFECTS.get(tag, round(rng.uniform(-plan.SLIGHT, plan.SLIGHT), 3)) for tag in tags
    }


def planted(tag: str, theme: str, effects: dict[str, float]) -> float:
    """What a hashtag does to the log engagement of a picture of a theme."""
    if tag in plan.CONDITIONAL:
        return plan.ON_THEME if theme in plan.CONDITIONAL[tag] else plan.OFF_THEME
    return effects[tag]
