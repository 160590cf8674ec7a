"""Jobs as people read them: what each is about, where it stands, how long it takes."""

from datetime import datetime

from socialsense.collect import ForDataset, ForHandle, ForHashtags, Plan, plan_of
from socialsense.errors import InputError
from socialsense.types import Job, JobState
from socialsense.words import duration

STATES: dict[JobState, str] = {
    "queued": "in line",
    "running": "running",
    "waiting": "waiting",
    "done": "done",
    "failed": "stopped",
    "cancelled": "cancelled",
}
SHOWN_TAGS = 5


def title(job: Job) -> str:
    """'Account @mill', 'Hashtags #sea #wind', 'Dataset of 12,000 pictures'."""
    plan = _plan(job)
    if isinstance(plan, ForHandle):
        return f"Account @{plan.handle}"
    if isinstance(plan, ForHashtags):
        return ("Hashtag " if len(plan.tags) == 1 else "Hashtags ") + _tags(plan.tags)
    if isinstance(plan, ForDataset):
        return f"Dataset of {plan.images:,} pictures"
    return job.key


def progress(job: Job) -> str:
    """'12 of 40 accounts and hashtags'; '' before anything is known to be wanted."""
    if not job.total:
        return ""
    things = "pictures" if isinstance(_plan(job), ForDataset) else "accounts and hashtags"
    return f"{job.done:,} of {job.total:,} {things}"


def status(job: Job, now: datetime, *, stopping: bool = False) -> str:
    """What a job under way is at, and for how long; '' for one that has ended."""
    if stopping:
        return "Stops after the page under way."
    if job.state == "queued":
        return "Begins as soon as nothing else is being collected."
    if job.state == "waiting" and job.until:
        left = duration((job.until - now).total_seconds())
        return f"Goes on by itself in {left}; what was collected is kept."
    if job.state != "running":
        return ""
    doing = f"Reading {job.doing}" if job.doing else "Opening the browser"
    return f"{doing}; {left}." if (left := _left(job, now)) else f"{doing}."


def _left(job: Job, now: datetime) -> str:
    """The time left as far as it can be told: jobs learn what is wanted as they go."""
    if not job.total or job.done < 3:
        return ""
    seconds = (now - job.started_at).total_seconds() / job.done * (job.total - job.done)
    return f"{duration(seconds)} left for what is known so far"


def _plan(job: Job) -> Plan | None:
    try:
        return plan_of(job.request or "")
    except InputError:  # of another version
        return None


def _tags(tags: tuple[str, ...]) -> str:
    more = len(tags) - SHOWN_TAGS
    return " ".join(f"#{tag}" for tag in tags[:SHOWN_TAGS]) + (
        f" and {more} more" if more > 0 else ""
    )
