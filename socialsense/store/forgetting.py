"""Taking away again what is stored of other people: only ever because a person asks for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    SelectBase,
    Table,
    and_,
    delete,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    union,
    update,
)

from socialsense.store.images import Images, unwritable
from socialsense.store.sql import chunks
from socialsense.store.tables import (
    embeddings,
    images,
    items,
    jobs,
    outcomes,
    payloads,
    post_hashtags,
    post_observations,
    posts,
    predictions,
    profile_observations,
    profiles,
    requests,
)
from socialsense.types import DEMO, Forgotten

CHUNK = 5000
"""Pictures taken away at a time; other writers come between."""


@dataclass(frozen=True, slots=True)
class _Doomed:
    """What is to go. The condition on posts is never null; `handles`: who is named no more."""

    posts: ColumnElement[bool]
    profiles: ColumnElement[bool]
    handles: SelectBase
    predictions: ColumnElement[bool]

    @property
    def pks(self) -> Select[str]:
        return select(posts.c.pk).where(self.posts)


class Forgetting(Images):
    """The part of the store that forgets.

    Rows go in one transaction; then, a few thousand at a time, the pictures that no post shows
    any more. Should that be cut off, they have no name by then, and the next forgetting goes on.
    """

    def would_forget_account(self, handle: str) -> Forgotten:
        """What `forget_account` and `drop_unshown` would take away now."""
        return self._count(_account(handle))

    def forget_account(self, handle: str, job: str, naming: Iterable[int] = ()) -> Forgotten:
        """Take away an account, its posts, the predictions made for it, and the job of its own.

        With them go its items in other jobs, the saved pages that are its own or a hashtag's on
        which its posts stood, and those of the ids `naming`. Its pictures stay: `drop_unshown`.
        """
        doomed = _account(handle)
        with self._writing() as connection:
            _drop_payloads_of(connection, doomed, job, naming)
            connection.execute(delete(items).where(items.c.job == job))
            connection.execute(delete(jobs).where(jobs.c.key == job))
            return _forget(connection, doomed)

    def would_forget_others(self, before: datetime, kept: Collection[str]) -> Forgotten:
        """What `forget_others` and `drop_unshown` would take away now."""
        return self._count(_others(before, kept))

    def forget_others(self, before: datetime, kept: Collection[str]) -> Forgotten:
        """Take away posts last read before a time, and profiles that then have none.

        Those of the demo stay, and those of the handles `kept`. All saved pages of before then
        go as well: they hold such posts. Their pictures stay: `drop_unshown`.
        """
        with self._writing() as connection:
            connection.execute(delete(payloads).where(payloads.c.fetched_at < before))
            return _forget(connection, _others(before, kept))

    def drop_unshown(self) -> int:
        """Take away pictures that no post shows, their embeddings, their files; gives how many.

        Not to be called inside a transaction: files do not come back. A row whose file is gone
        is one of these, and harmless until the next call. Raises StoreError.
        """
        unshown = _unshown_after(false()).limit(CHUNK)
        dropped = 0
        while True:
            with self._writing() as connection:  # one writer at a time: nobody keeps one meanwhile
                shas = connection.scalars(unshown).all()
                self._unlink(shas)
                _drop_pictures(connection, shas)
            dropped += len(shas)
            if len(shas) < CHUNK:
                return dropped

    def _unlink(self, shas: Iterable[str]) -> None:
        try:
            for sha256 in shas:
                self.image_path(sha256).unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(self.images_dir, error) from error

    def _count(self, doomed: _Doomed) -> Forgotten:
        numbers = {
            "profiles": select(profiles.c.handle).where(doomed.profiles),
            "posts": doomed.pks,
            "pictures": _unshown_after(doomed.posts),
            "predictions": select(predictions.c.id).where(doomed.predictions),
        }
        with self._reading() as connection:
            found = {
                name: connection.scalar(select(func.count()).select_from(rows.subquery())) or 0
                for name, rows in numbers.items()
            }
        return Forgotten(**found)


def _account(handle: str) -> _Doomed:
    return _Doomed(
        posts=and_(posts.c.handle.is_not(None), posts.c.handle == handle),
        profiles=profiles.c.handle == handle,
        handles=select(literal(handle)),
        predictions=predictions.c.handle == handle,
    )


def _others(before: datetime, kept: Collection[str]) -> _Doomed:
    anybody = or_(posts.c.handle.is_(None), posts.c.handle.not_in(kept))
    old = and_(posts.c.source != DEMO, posts.c.fetched_at < before, anybody)
    idle = and_(
        profiles.c.source != DEMO,
        profiles.c.fetched_at < before,
        profiles.c.handle.not_in(kept),
        ~exists().where(posts.c.handle == profiles.c.handle, ~old),
    )
    authors = select(posts.c.handle).where(old, posts.c.handle.is_not(None))
    handles = union(authors, select(profiles.c.handle).where(idle))
    return _Doomed(posts=old, profiles=idle, handles=handles, predictions=false())


def _unshown_after(doomed: ColumnElement[bool]) -> CompoundSelect[str]:
    """Pictures that no post shows once the doomed ones are gone."""
    shown = select(posts.c.image_sha256).where(posts.c.image_sha256.is_not(None), ~doomed)
    return select(images.c.sha256).except_(shown)


def _forget(connection: Connection, doomed: _Doomed) -> Forgotten:
    """What refers to something goes before it; pictures stay."""

    def drop(table: Table, where: ColumnElement[bool]) -> int:
        return connection.execute(delete(table).where(where)).rowcount

    gone = select(profiles.c.handle).where(doomed.profiles)
    made = select(predictions.c.id).where(doomed.predictions)
    drop(items, and_(items.c.kind == "picture", items.c.name.in_(doomed.pks)))
    drop(items, and_(items.c.kind == "profile", items.c.name.in_(doomed.handles)))
    _drop_from_ledger(connection, doomed)
    drop(post_observations, post_observations.c.pk.in_(doomed.pks))
    drop(post_hashtags, post_hashtags.c.pk.in_(doomed.pks))
    drop(profile_observations, profile_observations.c.handle.in_(gone))
    drop(outcomes, outcomes.c.prediction_id.in_(made))
    return Forgotten(
        profiles=drop(profiles, doomed.profiles),
        posts=drop(posts, doomed.posts),
        predictions=drop(predictions, doomed.predictions),
    )


def _drop_from_ledger(connection: Connection, doomed: _Doomed) -> None:
    """The requests stay, since they count; what was asked for goes, as the browser says it."""
    asked = [select("post " + posts.c.shortcode).where(doomed.posts)]
    handles = doomed.handles.subquery().c[0]
    asked += [select("profile " + handles + end) for end in ("", ", further on")]
    words = requests.c.what.in_(union(*asked))
    connection.execute(update(requests).where(words).values(what=""))


def _drop_payloads_of(
    connection: Connection, doomed: _Doomed, job: str, naming: Iterable[int]
) -> None:
    pages = select(post_hashtags.c.tag).where(
        post_hashtags.c.pk.in_(doomed.pks), post_hashtags.c.seen_at.is_not(None)
    )
    of_kind = {"profile": doomed.handles, "picture": doomed.pks, "hashtag": pages}
    for kind, names in of_kind.items():
        same = and_(payloads.c.kind == kind, payloads.c.name.in_(names))
        connection.execute(delete(payloads).where(same))
    connection.execute(delete(payloads).where(payloads.c.job == job))
    for ids in chunks(naming):
        connection.execute(delete(payloads).where(payloads.c.id.in_(ids)))


def _drop_pictures(connection: Connection, shas: Collection[str]) -> None:
    for model in connection.scalars(select(embeddings.c.model_id).distinct()).all():
        same = and_(embeddings.c.model_id == model, embeddings.c.sha256.in_(shas))
        connection.execute(delete(embeddings).where(same))
    connection.execute(delete(images).where(images.c.sha256.in_(shas)))
