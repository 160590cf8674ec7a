"""`forget`: an account, or what others posted long ago, out of the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from socialsense.cli.output import AsJson, err, out, print_json
from socialsense.errors import InputError
from socialsense.handles import clean_handle
from socialsense.settings import Settings
from socialsense.types import Forgotten
from socialsense.words import forgotten

if TYPE_CHECKING:
    from socialsense.store import Store


def forget(
    handle: Annotated[str | None, typer.Argument(help="The account to forget.")] = None,
    older_than: Annotated[
        int | None,
        typer.Option(
            metavar="DAYS",
            min=1,
            max=36_500,
            help="Forget others' posts that were last read so long ago.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Forget an account, or what others posted: says what would go, and asks first."""
    if (handle is None) == (older_than is None):
        raise InputError(
            "It is not clear what to forget.",
            means="It takes a handle or a number of days, and not both.",
            do="Say forget HANDLE, or forget --older-than DAYS.",
        )
    from socialsense.store import Store

    settings = Settings()
    with Store.open(settings.store_url, settings.images_dir) as store:
        if handle is not None:
            found = _account(store, settings, clean_handle(handle), yes=yes)
        else:
            found = _others(store, older_than or 1, yes=yes)
    if as_json:
        print_json(found)
    else:
        out.print(f"Forgotten: {forgotten(found)}.", highlight=False)


def _account(store: Store, settings: Settings, handle: str, *, yes: bool) -> Forgotten:
    from socialsense.forgetting import forget_account, would_forget_account

    _confirm(f"All that is stored of @{handle}", would_forget_account(store, handle), yes=yes)
    return forget_account(store, handle, settings.own_models_dir)


def _others(store: Store, days: int, *, yes: bool) -> Forgotten:
    from socialsense.forgetting import forget_others, would_forget_others

    before = datetime.now(UTC) - timedelta(days=days)
    found = would_forget_others(store, before)
    if found == Forgotten():
        return found
    _confirm(f"Of others, last read more than {days:,} days ago", found, yes=yes)
    return forget_others(store, before)


def _confirm(what: str, found: Forgotten, *, yes: bool) -> None:
    err.print(f"{what}: {forgotten(found)}.", highlight=False)
    if not (yes or typer.confirm("Forget it? It comes back only if it is read again.", err=True)):
        err.print("Nothing was forgotten.")
        raise typer.Exit(1)
