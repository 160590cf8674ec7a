"""Accounts, and their counts over time."""

from collections.abc import Iterable
from dataclasses import fields

from sqlalchemy import select, update

from socialsense.store.database import Database
from socialsense.store.sql import newest_known, read_each, upsert, wanted
from socialsense.store.tables import profile_observations, profiles
from socialsense.types import Profile

_COUNTS = ("followers", "posts_count")
_FIELDS = [field.name for field in fields(Profile)]
_SELECT = select(*(profiles.c[name] for name in _FIELDS))


class Profiles(Database):
    """The part of the store that keeps accounts."""

    def put_profile(self, profile: Profile) -> None:
        """Keep what is newest and known about an account, and its counts at that time."""
        row = {name: getattr(profile, name) for name in _FIELDS if name not in _COUNTS}
        seen = {name: getattr(profile, name) for name in ("handle", *_COUNTS)}
        seen["observed_at"] = profile.fetched_at
        with self._writing() as connection:
            upsert(connection, profiles, [row], "newest")
            upsert(connection, profile_observations, [seen], "first")
            key = profiles.c.handle
            counts = {name: newest_known(key, profile_observations, name) for name in _COUNTS}
            connection.execute(update(profiles).where(key == profile.handle).values(counts))

    def profile(self, handle: str) -> Profile | None:
        """One account; None when nothing is stored about it."""
        return self.profiles_of([handle]).get(handle)

    def profiles_of(self, handles: Iterable[str]) -> dict[str, Profile]:
        """Those of the accounts that are stored, by handle."""
        with self._reading() as connection:
            rows = read_each(connection, _SELECT.where(profiles.c.handle.in_(wanted())), handles)
            return {profile.handle: profile for profile in (Profile(*row) for row in rows)}

    def profiles(self) -> tuple[Profile, ...]:
        """All accounts, by handle."""
        with self._reading() as connection:
            found = [Profile(*row) for row in connection.execute(_SELECT)]
        return tuple(sorted(found, key=lambda profile: profile.handle))
