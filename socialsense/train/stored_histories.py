"""What the user has collected, as accounts' posts over time."""

from collections.abc import Iterator, Sequence

from socialsense.engagement import grown_up
from socialsense.histories import History, PastPost, days_of
from socialsense.store import Store
from socialsense.types import Post, Profile

RUN = 100
"""Accounts read at a time."""
LATEST = 1000
"""Posts of an account that count at most, its newest."""


def stored_histories(store: Store, without: frozenset[str] = frozenset()) -> list[History]:
    """The accounts whose followers are known, in alphabetical order.

    Their posts: not pinned, likes visible, and read once they had had their time. `without`:
    sources whose accounts and posts are left out, such as the demo.
    """
    known = [p for p in store.profiles() if p.followers and p.source not in without]
    runs = (known[start : start + RUN] for start in range(0, len(known), RUN))
    return [history for run in runs for history in _histories(store, run, without)]


def _histories(
    store: Store, profiles: Sequence[Profile], without: frozenset[str]
) -> Iterator[History]:
    found = store.countable_posts([profile.handle for profile in profiles], LATEST)
    posts = {
        handle: [post for post in grown_up(items) if post.source not in without]
        for handle, items in found.items()
    }
    pks = [post.pk for items in posts.values() for post in items]
    tags, pictures = store.hashtags_of(pks), store.image_hashes(pks)
    for profile in profiles:
        own = [
            _past_post(post, tags.get(post.pk, ()), pictures.get(post.pk))
            for post in posts.get(profile.handle, ())
        ]
        if own:
            yield History(profile.handle, profile.followers or 0, tuple(own[::-1]))


def _past_post(post: Post, tags: Sequence[str], picture: str | None) -> PastPost:
    return PastPost(days_of(post.taken_at), post.engagement or 0, frozenset(tags), picture)
