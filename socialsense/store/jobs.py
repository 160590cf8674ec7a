"""Long work: where each piece stands, who works at it, and whether it shall stop."""

from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, delete, false, or_, select, true, update

from socialsense.store.database import Database
from socialsense.store.sql import upsert
from socialsense.store.tables import jobs
from socialsense.types import Job

_SELECT = select(*(jobs.c[field.name] for field in fields(Job)))


class Jobs(Database):
    """The part of the store that keeps jobs.

    A job that is not stored cannot be claimed, and nothing happens to it.
    """

    def put_job(self, job: Job) -> None:
        """Keep a job as it stands now; who owns it, and whether it shall stop, stays."""
        with self._writing() as connection:
            upsert(connection, jobs, [asdict(job)], "last")

    def job(self, key: str) -> Job | None:
        """One job; None when it never began."""
        with self._reading() as connection:
            row = connection.execute(_SELECT.where(jobs.c.key == key)).first()
        return None if row is None else Job(*row)

    def jobs(self) -> tuple[Job, ...]:
        """All jobs, the latest alive first."""
        latest = [jobs.c.heartbeat_at.desc(), jobs.c.key]
        with self._reading() as connection:
            return tuple(Job(*row) for row in connection.execute(_SELECT.order_by(*latest)))

    def claim_job(self, key: str, owner: str, stale_before: datetime) -> bool:
        """Whether `owner` may work at the job now; it then owns it, and a stop asked is forgotten.

        Refused while another one owns it, it is "running", and its heartbeat is not before
        `stale_before`. The state stays: put it to "running" in the same `transaction()`, so
        that nobody else claims the job in between.
        """
        free = or_(
            jobs.c.owner.is_(None),
            jobs.c.owner == owner,
            jobs.c.state != "running",
            jobs.c.heartbeat_at < stale_before,
        )
        mine = {"owner": owner, "cancel_asked": false(), "heartbeat_at": datetime.now(UTC)}
        return self._change(key, mine, free) == 1

    def owner_of(self, key: str) -> str | None:
        """Who works at the job, or did last; None where nobody does."""
        with self._reading() as connection:
            return connection.scalar(select(jobs.c.owner).where(jobs.c.key == key))

    def release_job(self, key: str, owner: str) -> None:
        """Nobody owns the job from now on, unless it is another one's by now."""
        self._change(key, {"owner": None}, jobs.c.owner == owner)

    def cancel_job(self, key: str) -> None:
        """Ask who works at the job to stop; where nobody does, it is "cancelled" at once.

        One that is done stays so.
        """
        idle = or_(jobs.c.state != "running", jobs.c.owner.is_(None))
        state = case((idle, "cancelled"), else_=jobs.c.state)
        self._change(key, {"cancel_asked": true(), "state": state}, jobs.c.state != "done")

    def cancel_asked(self, key: str) -> bool:
        """Whether the job shall stop."""
        with self._reading() as connection:
            return bool(connection.scalar(select(jobs.c.cancel_asked).where(jobs.c.key == key)))

    def heartbeat(self, key: str) -> None:
        """Note that the job is alive now."""
        self._change(key, {"heartbeat_at": datetime.now(UTC)})

    def drop_job(self, key: str) -> None:
        """Forget a job; its items stay."""
        with self._writing() as connection:
            connection.execute(delete(jobs).where(jobs.c.key == key))

    def _change(self, key: str, values: dict[str, Any], *where: ColumnElement[bool]) -> int:
        """Gives how many jobs that changed, 0 or 1."""
        with self._writing() as connection:
            statement = update(jobs).where(jobs.c.key == key, *where).values(values)
            return connection.execute(statement).rowcount
