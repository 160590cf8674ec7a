"""Long work: where each piece stands, so that it continues there."""

from dataclasses import asdict, fields

from sqlalchemy import select

from socialsense.store.database import Database
from socialsense.store.sql import upsert
from socialsense.store.tables import jobs
from socialsense.types import Job

_SELECT = select(*(jobs.c[field.name] for field in fields(Job)))


class Jobs(Database):
    """The part of the store that keeps jobs."""

    def put_job(self, job: Job) -> None:
        """Keep a job as it stands now."""
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
