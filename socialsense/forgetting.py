"""Forgetting an account, or what others posted long ago: only ever because a person asks for it.

No post is deleted by itself. What would go is told in numbers first.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from socialsense.accounts import collected, unknown
from socialsense.collect import ForHandle
from socialsense.collect.owner import is_lost
from socialsense.errors import Busy, InputError
from socialsense.types import DEMO, Forgotten

if TYPE_CHECKING:
    from socialsense.store import Store


def would_forget_account(store: Store, handle: str) -> Forgotten:
    """What `forget_account` would take away now; raises the same."""
    _check(store, handle)
    return store.would_forget_account(handle)


def forget_account(store: Store, handle: str, models_dir: Path | None = None) -> Forgotten:
    """Take away all that is stored of an account, and its ranking in the folder of own models.

    What others wrote about it stays theirs. Raises UnknownAccount where nothing is stored about
    it, InputError for one of the demo, and Busy where a job that runs collects it.
    """
    _check(store, handle)
    if models_dir is not None:  # first: after a kill the account is still there to be forgotten
        shutil.rmtree(models_dir / "popularity" / handle, ignore_errors=True)
    naming = store.payloads_naming(handle)  # takes long: others may write meanwhile
    with store.transaction():
        _check(store, handle)
        found = store.forget_account(handle, ForHandle(handle).key, naming)
    return replace(found, pictures=store.drop_unshown())


def would_forget_others(store: Store, before: datetime) -> Forgotten:
    """What `forget_others` would take away now."""
    return store.would_forget_others(before, _kept(store))


def forget_others(store: Store, before: datetime) -> Forgotten:
    """Take away posts last read before a time, of accounts that nobody asked about.

    With them go profiles of such accounts that were read before it too and then have no post,
    and all saved pages of before it. The demo stays, and accounts that were collected by their
    handle or for which a prediction was made.
    """
    with store.transaction():
        found = store.forget_others(before, _kept(store))
    return replace(found, pictures=store.drop_unshown())


def _kept(store: Store) -> frozenset[str]:
    """Accounts asked about; also those of which nothing is stored yet."""
    return collected(store) | {recorded.handle for recorded in store.predictions()}


def _check(store: Store, handle: str) -> None:
    profile = store.profile(handle)
    if profile is not None and profile.source == DEMO:
        raise InputError(
            f"@{handle} is an account of the demo.",
            means="It is fictional, and the next start would fill it in again.",
            do="Forget accounts that were collected.",
        )
    own = ForHandle(handle).key
    if profile is None and store.job(own) is None and not store.posts(handle, limit=1):
        raise unknown(handle)
    alive = [j.key for j in store.jobs() if j.state == "running" and not is_lost(store, j)]
    if any(key == own or store.known_items(key, "profile", [handle]) for key in alive):
        raise _busy(handle)


def _busy(handle: str) -> Busy:
    return Busy(
        f"@{handle} is being collected.",
        means="A job that reads it is running; what it reads next would be stored again.",
        do="Stop that job first: cancel it on the Data page, or press Ctrl-C where it runs.",
    )
