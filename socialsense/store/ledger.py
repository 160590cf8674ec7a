"""How each site was asked, what stops asking it, and whether the person agreed to it."""

from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime

from sqlalchemy import delete, func, insert, select

from socialsense.errors import AskedToWait, PersonNeeded, SocialsenseError
from socialsense.store.database import Database
from socialsense.store.sql import upsert
from socialsense.store.tables import breakers, consents, requests


@dataclass(frozen=True, slots=True)
class Breaker:
    """Why a site is not asked for now.

    Attributes:
        site: which.
        kind: what was met, say "challenge".
        what, means, do: in words, as those of SocialsenseError.
        tripped_at: since when.
        until: when it ends by itself; None where a person must end it.
    """

    site: str
    kind: str
    what: str
    means: str
    do: str
    tripped_at: datetime
    until: datetime | None = None

    @property
    def error(self) -> AskedToWait | PersonNeeded:
        """As whoever wants to ask the site is told it."""
        if self.until is not None:
            return AskedToWait(self.what, means=self.means, do=self.do, until=self.until)
        return PersonNeeded(self.what, means=self.means, do=self.do, kind=self.kind)


_BREAKER = select(*(breakers.c[field.name] for field in fields(Breaker)))


class Ledger(Database):
    """The part of the store that keeps requests, breakers and consents, by site."""

    def note_request(self, site: str, what: str, at: datetime) -> None:
        """Keep that a site was asked for something."""
        with self._writing() as connection:
            connection.execute(insert(requests), {"site": site, "what": what, "asked_at": at})

    def requests_since(self, site: str, since: datetime) -> int:
        """How many requests there were at or after a time."""
        window = (requests.c.site == site, requests.c.asked_at >= since)
        with self._reading() as connection:
            return connection.scalar(select(func.count()).where(*window)) or 0

    def last_request(self, site: str) -> datetime | None:
        """When the site was asked last; None when it never was."""
        statement = select(func.max(requests.c.asked_at)).where(requests.c.site == site)
        with self._reading() as connection:
            last: datetime | None = connection.scalar(statement)
        return last

    def nth_request_since(self, site: str, since: datetime, n: int) -> datetime | None:
        """When the n-th request at or after a time was, 1 being the oldest; None for too few."""
        statement = (
            select(requests.c.asked_at)
            .where(requests.c.site == site, requests.c.asked_at >= since)
            .order_by(requests.c.asked_at)
            .offset(n - 1)
            .limit(1)
        )
        with self._reading() as connection:
            return connection.scalar(statement)

    def forget_requests(self, before: datetime) -> None:
        """Forget the requests before a time."""
        with self._writing() as connection:
            connection.execute(delete(requests).where(requests.c.asked_at < before))

    def trip(
        self,
        site: str,
        kind: str,
        error: SocialsenseError,
        *,
        at: datetime,
        until: datetime | None = None,
    ) -> None:
        """Stop asking a site, until a time or until `clear_breaker`; what stands longer stands."""
        new = Breaker(site, kind, error.what, error.means, error.do, at, until)
        with self._writing() as connection:  # one writer at a time: nothing comes between
            old = self.breaker(site, at)
            if old is None or _end(old) <= _end(new):
                upsert(connection, breakers, [asdict(new)], "last")

    def breaker(self, site: str, now: datetime) -> Breaker | None:
        """What stops asking the site now; None where nothing does."""
        with self._reading() as connection:
            row = connection.execute(_BREAKER.where(breakers.c.site == site)).one_or_none()
        found = None if row is None else Breaker(*row)
        return None if found is None or _end(found) <= now else found

    def clear_breaker(self, site: str) -> None:
        """The site may be asked again."""
        with self._writing() as connection:
            connection.execute(delete(breakers).where(breakers.c.site == site))

    def give_consent(self, site: str, words: str, at: datetime) -> None:
        """Keep that the person agreed to having the site asked, and to which words."""
        row = {"site": site, "words": words, "given_at": at}
        with self._writing() as connection:
            upsert(connection, consents, [row], "last")

    def consent(self, site: str) -> datetime | None:
        """When the person agreed; None where they did not."""
        with self._reading() as connection:
            return connection.scalar(select(consents.c.given_at).where(consents.c.site == site))

    def withdraw_consent(self, site: str) -> None:
        """The person does not agree any more."""
        with self._writing() as connection:
            connection.execute(delete(consents).where(consents.c.site == site))


def _end(breaker: Breaker) -> datetime:
    return breaker.until or datetime.max.replace(tzinfo=UTC)
