"""`collect` and `reparse`: from Instagram into the store, and saved pages read again."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from socialsense.cli.output import AsJson, err, out, print_json
from socialsense.errors import InputError
from socialsense.handles import clean_handle
from socialsense.hashtag_text import clean_hashtags
from socialsense.settings import Settings

if TYPE_CHECKING:
    from socialsense.collect import Plan
    from socialsense.store import Store
    from socialsense.types import Job

collect = typer.Typer(help="Collect from Instagram, in a browser that you log in to by hand.")

Accept = Annotated[
    bool, typer.Option("--accept-risk", help="You have read the risk and accept it.")
]
Again = Annotated[bool, typer.Option("--again", help="Read again what is fresh.")]


@collect.command("handle")
def collect_handle(
    handle: str,
    hashtags: Annotated[int | None, typer.Option(help="Hashtags to read.", min=1)] = None,
    posts: Annotated[int | None, typer.Option(help="Top posts of each.", min=1)] = None,
    again: Again = False,
    accept_risk: Accept = False,
    as_json: AsJson = False,
) -> None:
    """An account, and all that a recommendation for it needs."""
    from socialsense.collect import ForHandle

    settings = Settings()
    plan = ForHandle(
        clean_handle(handle), hashtags or settings.candidates, posts or settings.top_posts
    )
    _show(_run(settings, plan, again=again, accept=accept_risk), as_json)


@collect.command("hashtag")
def collect_hashtag(
    tags: list[str],
    posts: Annotated[int | None, typer.Option(help="Top posts of each.", min=1)] = None,
    again: Again = False,
    accept_risk: Accept = False,
    as_json: AsJson = False,
) -> None:
    """Hashtags' top posts, and the accounts behind them."""
    from socialsense.collect import ForHashtags

    settings = Settings()
    plan = ForHashtags(clean_hashtags(" ".join(tags)), posts or settings.top_posts)
    _show(_run(settings, plan, again=again, accept=accept_risk), as_json)


@collect.command("dataset")
def collect_dataset(
    out_: Annotated[Path, typer.Option("--out", help="Folder to write to.")],
    images: Annotated[int, typer.Option(help="Pictures to collect.", min=1)] = 12_000,
    tags: Annotated[
        Path | None, typer.Option("--hashtags", help="A file of hashtags, one a line.")
    ] = None,
    accept_risk: Accept = False,
    as_json: AsJson = False,
) -> None:
    """Pictures with their hashtags, for `train similarity --data`."""
    from socialsense.collect import ForDataset
    from socialsense.collect.dataset import write_dataset

    settings = Settings()
    plan = ForDataset(images, _read(tags)) if tags else ForDataset(images)
    try:
        job = _run(settings, plan, again=False, accept=accept_risk)
    finally:
        with _open(settings) as store:
            written = write_dataset(store, plan, out_)
        err.print(f"{written:,} pictures with their hashtags are in {out_}.")
    _show(job, as_json)


@collect.command("login")
def collect_login(
    accept_risk: Accept = False,
) -> None:
    """Open the browser, to log in by hand or to answer what Instagram asks."""
    from socialsense.sources.browser import log_in

    settings = Settings()
    with _open(settings) as store:
        site = settings.site
        _consent(store, site, accept=accept_risk)
        out.print(
            "A browser window opens. Log in, or answer what Instagram asks. Nothing that you type "
            "is read. Close the window, or press Ctrl-C, when it is done."
        )
        if not log_in(settings):
            raise InputError(
                "Nobody is logged in.",
                means="The window was closed before.",
                do="Run 'collect login' again.",
            )
        store.clear_breaker(site)
    out.print("You are logged in. Collecting may go on.")


def reparse(as_json: AsJson = False) -> None:
    """Read saved pages again, after an update, without asking Instagram."""
    from socialsense.collect.reparse import reparse as read_again

    with _open(Settings()) as store:
        found = read_again(store)
    if as_json:
        print_json(found)
        return
    out.print(
        f"{found.read:,} saved pages read, {found.repaired:,} of them for the first time; "
        f"{found.unreadable:,} still have an unknown shape."
    )


def _run(settings: Settings, plan: Plan, *, again: bool, accept: bool) -> Job:
    from socialsense import parts
    from socialsense.collect import collect as run
    from socialsense.collect.estimate import estimate

    source = parts.load("sources", "browser", settings)
    with _open(settings) as store:
        _consent(store, settings.site, accept=accept)
        asked = store.requests_since(settings.site, datetime.now(UTC) - timedelta(days=1))
        err.print(estimate(plan, settings.request_seconds, settings.requests_per_day, asked))
        err.print("Ctrl-C stops after the page under way; the same command goes on.")
        with _progress() as show, _stoppable() as stopped:
            return run(source, store, plan, on_progress=show, cancelled=stopped, again=again)


def _show(job: Job, as_json: bool) -> None:
    """What became of it; exit code 1 where something is missing."""
    if as_json:
        print_json(job)
    elif job.state == "done":
        out.print(f"Done: {job.key}. `status` says what is stored, `rank` answers from it.")
    elif job.state == "cancelled":
        out.print("Stopped. All that was collected is kept; the same command goes on from here.")
    else:
        out.print(job.error or job.state)
    if job.state not in ("done", "cancelled"):
        raise typer.Exit(1)


def _open(settings: Settings) -> Store:
    from socialsense.store import Store

    return Store.open(settings.store_url, settings.images_dir)


def _consent(store: Store, site: str, *, accept: bool) -> None:
    """Asks once, in words that name the risk; the answer is kept."""
    from socialsense.collect.consent import ACCEPT, RISK, accept_risk

    if store.consent(site) is not None:
        return
    err.print(RISK)
    if not (accept or typer.confirm(ACCEPT, err=True)):
        raise InputError(
            "Nothing was collected.",
            means="Collecting is off until you accept its risk.",
            do="The demo and your own exports work without it.",
        )
    accept_risk(store, site)


@contextmanager
def _progress() -> Iterator[Callable[[Job], None]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=err) as bars:
        task = bars.add_task("Opening the browser", total=1)
        yield lambda job: bars.update(
            task, description=job.doing, completed=job.done, total=job.total
        )


@contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """Ctrl-C asks to stop after the page under way; a second one does not wait for it."""
    asked: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: bool(asked)
    finally:
        signal.signal(signal.SIGINT, before)


def _read(file: Path) -> tuple[str, ...]:
    try:
        return clean_hashtags(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{file} cannot be read.",
            means="It should hold hashtags, one a line.",
            do="Give another file with --hashtags, or leave it out for a hundred common ones.",
        ) from error
