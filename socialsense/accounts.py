"""Accounts as they are stored, and why one may be of no use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from socialsense.errors import PrivateAccount, UnknownAccount
from socialsense.types import Post, Profile

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
        raise UnknownAccount(
            f"Nothing is stored about @{handle}.",
            means="The handle is misspelt, or the account has not been collected yet.",
            do="Check the spelling, or try a demo account such as demo.windmills.",
        )
    if profile.private:
        raise PrivateAccount(
            f"@{handle} is a private account.",
            means="Its posts cannot be read, so its usual engagement stays unknown.",
            do="Make the account public, or choose another handle.",
        )
    return Account(profile, store.posts(handle))


def sources_of(account: Account, hashtags: Iterable[RankedHashtag]) -> frozenset[str]:
    """Where the data behind an answer came from: the account's own, and all evidence."""
    evidence = {post.source for item in hashtags for post in item.evidence}
    return frozenset({account.profile.source, *evidence})
