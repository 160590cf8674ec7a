"""`status` and `demo`: what is stored, and filling the store with the demo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import Progress
from rich.table import Table

from socialsense.cli.output import AsJson, err, out, print_json
from socialsense.settings import Settings
from socialsense.sources.demo import NOTICE
from socialsense.words import behind_top_posts, followers

if TYPE_CHECKING:
    from socialsense.store import Store


@contextmanager
def open_store(settings: Settings, *, refill: bool = False) -> Iterator[Store]:
    """The store with the demo in it; shows progress while that is being filled."""
    from socialsense.collect import collect_demo
    from socialsense.store import Store

    with Store.open(settings.store_url, settings.images_dir) as store:
        with Progress(console=err, transient=True) as progress:
            task = progress.add_task("Filling the demo", total=None, visible=False)
            collect_demo(
                store,
                again=refill,
                on_progress=lambda job: progress.update(
                    task, completed=job.done, total=job.total, visible=True
                ),
            )
        yield store


def status(as_json: AsJson = False) -> None:
    """What is stored, how fresh it is, and which models are in use.

    Accounts behind top posts are counted, not named.
    """
    from socialsense.accounts import asked_for

    settings = Settings()
    with open_store(settings) as store:
        counts, profiles, jobs = store.counts(), asked_for(store), store.jobs()
    models = {"embedder": settings.embedder, "popularity": settings.popularity}
    if as_json:
        print_json({"stored": counts, "profiles": profiles, "jobs": jobs, "models": models})
        return
    table = Table("account", "followers", "source", "read")
    for profile in profiles:
        table.add_row(
            f"@{profile.handle}",
            "private" if profile.private else followers(profile.followers),
            profile.source,
            f"{profile.fetched_at:%Y-%m-%d}",
        )
    out.print(table)
    if others := behind_top_posts(counts["profiles"] - len(profiles)):
        out.print(others)
    out.print(" · ".join(f"{number:,} {name}" for name, number in counts.items()))
    for job in jobs:
        of = "" if job.total is None else f" of {job.total}"
        out.print(f"{job.key}: {job.state}, {job.done}{of}, {job.heartbeat_at:%Y-%m-%d %H:%M}")
    out.print(" · ".join(f"{kind} {name}" for kind, name in models.items()))


def demo() -> None:
    """Fill the store with the demo again: fictional accounts, openly licensed photos."""
    settings = Settings()
    with open_store(settings, refill=True) as store:
        counts = store.counts()
    out.print(
        f"The demo is in the store: {counts['profiles']} profiles, {counts['posts']} posts; "
        f"{NOTICE}."
    )
