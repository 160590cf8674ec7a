"""Words and JSON on the terminal: answers on standard output, complaints on standard error."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

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
    text = json.dumps(value, indent=2, ensure_ascii=False, default=_plain)
    out.print(text, markup=False, highlight=False, soft_wrap=True)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else asdict(value)
