"""Words and JSON on the terminal: answers on standard output, complaints on standard error."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import datetime
from math import isnan
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TaskID

from socialsense.errors import SocialsenseError

out = Console()
err = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


def say(error: SocialsenseError) -> None:
    """What happened, what it means, what to do."""
    err.print(f"[bold red]{escape(error.what)}[/]", highlight=False)
    err.print(f"{escape(error.means)}\n{escape(error.do)}", highlight=False)


def print_json(value: Any) -> None:
    """Any tree of dataclasses, times and plain values, as JSON."""
    text = json.dumps(_plain(value), indent=2, ensure_ascii=False, allow_nan=False)
    out.print(text, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def progress_bars() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar for each thing that is being done."""
    tasks: dict[str, TaskID] = {}
    with Progress(console=err) as progress:

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done)

        yield show


def _plain(value: Any) -> Any:
    """What JSON can hold: of a dataclass what its repr shows, no arrays of draws; NaN as null."""
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.repr}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return None if isinstance(value, float) and isnan(value) else value
