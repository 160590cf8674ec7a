"""Accounts as they are stored, and why one may be of no use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from socialsense.collect import ForHandle
from socialsense.collect.plans import private_account
from socialsense.errors import UnknownAccount
from socialsense.types import DEMO, Post, Profile

if TYPE_CHECKING:
    from socialsense.answers import RankedHashtag
    from socialsense.store import Store


@dataclass(frozen=True, slots=True)
class Account:
    """A stored account and its posts, newest first."""

    profile: Profile
    posts: tuple[Post, ...]


def find_account(store: Store, handle: str) -> Account:
    """What is stored about an account. Raises UnknownAccount or PrivateAccount."""
    profile = store.profile(handle)
    if profile is None:
        raise unknown(handle)
    if profile.private:
        raise private_account(handle)
    return Account(profile, store.posts(handle))


def unknown(handle: str) -> UnknownAccount:
    """For who asks about an account of which nothing is stored."""
    return UnknownAccount(
        f"Nothing is stored about @{handle}.",
        means="The handle is misspelt, or the account has not been collected yet.",
        do="Check the spelling, or collect it: on the Data page, or with 'collect handle'. "
        "Accounts of the demo, such as demo.windmills, are there already.",
    )


def asked_for(store: Store) -> tuple[Profile, ...]:
    """The stored accounts that may be named: the demo's, and those a person asked for, by handle.

    The others stand behind top posts; only their numbers are shown.
    """
    handles = collected(store)
    return tuple(
        profile
        for profile in store.profiles()
        if profile.source == DEMO or profile.handle in handles
    )


def collected(store: Store) -> frozenset[str]:
    """Handles that a person asked to collect, also those of which nothing is stored yet."""
    prefix = ForHandle("").key
    return frozenset(
        job.key.removeprefix(prefix) for job in store.jobs() if job.key.startswith(prefix)
    )


def sources_of(account: Account, hashtags: Iterable[RankedHashtag]) -> frozenset[str]:
    """Where the data behind an answer came from: the account's own, and all evidence."""
    evidence = {post.source for item in hashtags for post in item.evidence}
    return frozenset({account.profile.source, *evidence})
