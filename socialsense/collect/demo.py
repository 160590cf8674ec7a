"""The demo in the store."""

from collections.abc import Callable
from typing import Protocol, cast

from socialsense import parts
from socialsense.collect.crawl import collect
from socialsense.collect.plan import Listings
from socialsense.store import Store
from socialsense.types import Job, Source


class DemoSource(Source, Protocol):
    """A source that can name everything it supplies."""

    handles: tuple[str, ...]
    tags: tuple[str, ...]
    version: str


def collect_demo(
    store: Store, on_progress: Callable[[Job], None] | None = None, *, again: bool = False
) -> Job:
    """Collect the whole demo source, once for each version of its data unless `again`."""
    source = cast("DemoSource", parts.load("sources", "demo"))
    key = f"demo:{source.version}"
    job = store.job(key)
    if job is not None and job.state == "done" and not again:
        return job
    plan = Listings(key, source.handles, source.tags)
    return collect(source, store, plan, on_progress=on_progress, again=again)
