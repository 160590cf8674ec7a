"""The truth of a small, made-up Instagram: accounts, posts and hashtags, all of one seed.

Everything a test may want to check stands here as plain data; what the server says of it is
the business of `shapes`, `polaris` and `legacy`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from math import exp
from random import Random
from typing import Literal

from tests.replica.shortcodes import from_code, to_code
from tests.replica.vocabulary import FIRST_NAMES, PHRASES, PLACES, THINGS, hashtag_names

Kind = Literal["image", "carousel", "video"]

NEWEST = 1_795_000_000  # the newest post, in epoch seconds: everything else lies before it
DAY = 86_400
EPOCH_MS = 1_314_220_021_721  # the zero of the time inside a pk
FIRST_ACCOUNT = 7_100_000_000
THEME_SIZE = 10  # hashtags that are used together
VIDEO, CAROUSEL = 0.04, 0.15
PRIVATE, HIDES, NO_CAPTION, NO_HASHTAG = 0.03, 0.05, 0.015, 0.01


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who posts. `rate`: likes per follower that are usual for them."""

    pk: int
    handle: str
    name: str
    followers: int
    following: int
    private: bool
    verified: bool
    hides_likes: bool
    rate: float
    theme: int


@dataclass(frozen=True, slots=True)
class Post:
    """One post as it truly is: `likes` also where `likes_hidden` keeps them from visitors."""

    pk: int
    owner: str
    taken_at: int
    kind: Kind
    caption: str | None
    hashtags: tuple[str, ...]
    likes: int
    likes_hidden: bool
    comments: int
    theme: int
    slides: int = 0
    pinned: bool = False
    coauthor: str | None = None
    place: str | None = None
    ad: bool = False
    sponsored: bool = False

    @property
    def code(self) -> str:
        """The shortcode in a post's address: the pk in base 64."""
        return to_code(self.pk)


@dataclass
class World:
    """`accounts` that post, `hashtags` they use, `posts` in all (ads come on top)."""

    seed: int = 1
    accounts: int = 300
    hashtags: int = 150
    posts: int = 13_000
    people: dict[str, Account] = field(init=False, default_factory=dict)
    by_pk: dict[int, Post] = field(init=False, default_factory=dict)
    ads: list[Post] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.tags = hashtag_names(self.hashtags)
        self.effects = {tag: self.random.gauss(0, 0.12) for tag in self.tags}
        self.themes = [self.tags[i :: self._themes] for i in range(self._themes)]
        for n in range(self.accounts):
            account = self._account(n)
            self.people[account.handle] = account
        posts = self._posts()
        self.by_pk = {post.pk: post for post in posts}
        self.ads = [
            self._post(self.posts + n, self._open[n % len(self._open)], ad=True) for n in range(8)
        ]
        self.by_pk |= {ad.pk: ad for ad in self.ads}

    @property
    def _themes(self) -> int:
        return max(1, self.hashtags // THEME_SIZE)

    @cached_property
    def _open(self) -> list[Account]:
        return [account for account in self.people.values() if not account.private]

    def _account(self, n: int) -> Account:
        draw = self.random
        first, thing = FIRST_NAMES[n % len(FIRST_NAMES)], THINGS[(n * 7) % len(THINGS)]
        turn = n // len(FIRST_NAMES)
        return Account(
            pk=FIRST_ACCOUNT + n,
            handle=f"{first}.{thing}" + (f"_{turn}" if turn else ""),
            name=f"{first} {thing}".title(),
            followers=int(exp(draw.gauss(9.0, 1.6))) + 20,
            following=draw.randint(50, 900),
            private=n > 0 and draw.random() < PRIVATE,
            verified=draw.random() < 0.05,
            hides_likes=draw.random() < HIDES,
            rate=exp(draw.gauss(-3.4, 0.5)),
            theme=n % self._themes,
        )

    def _posts(self) -> list[Post]:
        people = list(self.people.values())
        # Nearly all posts are public, else a hashtag could never show them.
        weights = [self.random.uniform(0.4, 1.6) * (0.02 if p.private else 1) for p in people]
        owners = people + self.random.choices(people, weights, k=max(0, self.posts - len(people)))
        posts = [self._post(n, owner) for n, owner in enumerate(owners[: self.posts])]
        return self._pin(posts)

    def _post(self, n: int, owner: Account, *, ad: bool = False) -> Post:
        draw = self.random
        taken_at = NEWEST - int(draw.random() * 700 * DAY)
        tags = self._tags(owner.theme)
        chance = draw.random()
        kind: Kind = "video" if chance < VIDEO else "image"
        if VIDEO <= chance < VIDEO + CAROUSEL:
            kind = "carousel"
        lift = sum(self.effects[tag] for tag in tags) + draw.gauss(0, 0.45)
        likes = int(owner.followers * owner.rate * exp(lift)) + draw.randint(0, 5)
        collab = draw.random() < 0.02 and not owner.private and not ad
        coauthor = draw.choice(self._open).handle if collab else None
        return Post(
            pk=((taken_at * 1000 - EPOCH_MS) << 23) | (n << 4),
            owner=owner.handle,
            taken_at=taken_at,
            kind=kind,
            caption=self._caption(tags),
            hashtags=tags,
            likes=likes,
            likes_hidden=owner.hides_likes or draw.random() < 0.01,
            comments=int(likes * draw.uniform(0.005, 0.06)),
            theme=owner.theme,
            slides=draw.randint(2, 5) if kind == "carousel" else 0,
            coauthor=None if coauthor == owner.handle else coauthor,
            place=draw.choice(PLACES) if draw.random() < 0.2 else None,
            ad=ad,
            sponsored=ad or draw.random() < 0.01,
        )

    def _tags(self, theme: int) -> tuple[str, ...]:
        draw = self.random
        if draw.random() < NO_HASHTAG + NO_CAPTION:
            return ()
        own = self.themes[theme]
        weights = list(accumulate(1 / (1 + rank) for rank in range(len(own))))
        chosen = draw.choices(own, cum_weights=weights, k=draw.randint(2, 7))
        if draw.random() < 0.4:
            chosen.append(draw.choice(self.tags))
        return tuple(dict.fromkeys(chosen))

    def _caption(self, tags: tuple[str, ...]) -> str | None:
        draw = self.random
        if not tags and draw.random() < NO_CAPTION / (NO_CAPTION + NO_HASHTAG):
            return None
        written = [f"#{tag.title() if draw.random() < 0.05 else tag}" for tag in tags]
        if written and draw.random() < 0.03:
            written.append(written[0])  # people do repeat themselves
        return (draw.choice(PHRASES) + "\n\n" + " ".join(written)).strip()

    def _pin(self, posts: list[Post]) -> list[Post]:
        """One account in three pins its most liked post of the older half."""
        own: dict[str, list[int]] = defaultdict(list)
        for n, post in enumerate(posts):
            own[post.owner].append(n)
        for numbers in list(own.values())[::3]:
            older = sorted(numbers, key=lambda n: posts[n].taken_at)[: len(numbers) // 2]
            if older:
                best = max(older, key=lambda n: posts[n].likes)
                posts[best] = replace(posts[best], pinned=True)
        return posts

    @cached_property
    def _by_tag(self) -> dict[str, list[Post]]:
        pages: dict[str, list[Post]] = defaultdict(list)
        for post in self.by_pk.values():
            if not post.ad and not self.people[post.owner].private:
                for tag in post.hashtags:
                    pages[tag].append(post)
        for page in pages.values():
            page.sort(key=lambda post: (-post.likes, post.pk))
        return pages

    @cached_property
    def _by_handle(self) -> dict[str, list[Post]]:
        grids: dict[str, list[Post]] = defaultdict(list)
        for post in self.by_pk.values():
            if not post.ad:
                grids[post.owner].append(post)
                if post.coauthor:
                    grids[post.coauthor].append(post)
        for handle, grid in grids.items():
            # Pinned first, newest first, but within a day in any order, as on real grids.
            grid.sort(
                key=lambda p: (not (p.pinned and p.owner == handle), -(p.taken_at // DAY), p.pk)
            )
        return grids

    def top_posts(self, tag: str) -> list[Post]:
        """Every public post with the hashtag, the most liked first: what its page leads through."""
        return self._by_tag.get(tag.lower(), [])

    def grid(self, handle: str) -> list[Post]:
        """What stands on a profile, pinned first, joint posts of others included."""
        account = self.people.get(handle)
        return [] if account is None or account.private else self._by_handle.get(handle, [])

    def post(self, code: str) -> Post | None:
        """The post behind a shortcode, unless there is none or its owner is private."""
        post = self.by_pk.get(from_code(code))
        return None if post is None or self.people[post.owner].private else post
