"""How a job stands, told to the store."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from socialsense.types import Item, Job, JobState

if TYPE_CHECKING:
    from socialsense.collect.plan import Counts, Plan
    from socialsense.store import Store


class Report:
    """That of a plan's job. `counts`: its things, as they were when it was told last."""

    counts: Counts

    def __init__(self, store: Store, plan: Plan, started_at: datetime) -> None:
        self._store, self._plan, self._started_at = store, plan, started_at
        self._doing = ""

    def put(
        self,
        state: JobState,
        *,
        doing: str = "",
        error: str | None = None,
        until: datetime | None = None,
    ) -> Job:
        """Counts anew what is done, and tells it; while it runs, what it is at stays said."""
        self._doing = (doing or self._doing) if state == "running" else ""
        self.counts = self._store.count_items(self._plan.key)
        done, total = self._plan.progress(self.counts)
        job = Job(
            key=self._plan.key,
            state=state,
            done=done,
            total=total,
            error=error,
            started_at=self._started_at,
            heartbeat_at=datetime.now(UTC),
            doing=self._doing,
            request=self._plan.request,
            until=until,
        )
        self._store.put_job(job)
        return job

    def end(self) -> Job:
        """Done, or failed where some things could not be read."""
        counts = self._store.count_items(self._plan.key)
        failed = sum(n for (_, state), n in counts.items() if state in ("retry", "changed"))
        if not failed:
            return self.put("done")
        things = "1 thing" if failed == 1 else f"{failed:,} things"
        kept = "could not be read. All else is kept. Collect again to try them again."
        return self.put("failed", error=f"{things} {kept}")


def words(item: Item) -> str:
    """What is read, without the names of other people."""
    if item.kind == "hashtag":
        return f"#{item.name}"
    if item.kind == "picture":
        return "a picture"
    return "the account behind a top post" if item.pictures == 0 else f"@{item.name}"
