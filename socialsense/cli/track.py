"""`track`: how predictions have fared, and telling what happened to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from socialsense.cli.output import AsJson, out, print_json
from socialsense.cli.stored import open_store
from socialsense.errors import InputError
from socialsense.settings import Settings
from socialsense.sources.demo import NOTICE
from socialsense.types import DEMO
from socialsense.words import forecast, happened
from socialsense.words import track as in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socialsense.answers import Outcome
    from socialsense.store import RecordedPrediction, Store, Tracked

SHORT = 8
"""Letters of a prediction's id that are shown."""
LEAST = 6
"""Letters of it that must be given."""


def track(
    as_json: AsJson = False,
    outcome: Annotated[
        str | None, typer.Option(metavar="ID", help="The prediction to tell an outcome of.")
    ] = None,
    likes: Annotated[int | None, typer.Option(help="Likes that its post got.")] = None,
    comments: Annotated[int | None, typer.Option(help="Comments that it got.")] = None,
) -> None:
    """Show how predictions have fared, or tell what happened to one."""
    with open_store(Settings()) as store:
        if outcome is not None:
            _tell(store, outcome, likes, comments, as_json=as_json)
            return
        if likes is not None or comments is not None:
            raise InputError(
                "It is not said whose likes and comments these are.",
                means="An outcome belongs to one prediction.",
                do="Give its ID as well: track --outcome ID --likes N; `track` lists them.",
            )
        tracked = _matched(store)
        sources = {p.source for p in store.profiles_of(t.recorded.handle for t in tracked).values()}
    _show(tracked, NOTICE if DEMO in sources else None, as_json=as_json)


def _matched(store: Store) -> tuple[Tracked, ...]:
    """The predictions with their outcomes, after a look for stored posts that followed."""
    from socialsense import parts
    from socialsense.matching import match_outcomes

    if not store.counts()["predictions"]:
        return ()
    settings = Settings()
    match_outcomes(store, parts.load("embedders", settings.embedder, settings))
    return store.outcomes()


def _tell(
    store: Store, prefix: str, likes: int | None, comments: int | None, *, as_json: bool
) -> None:
    from datetime import UTC, datetime

    from socialsense.track_record import told

    recorded = _named(store.predictions(), prefix.strip().lower())
    outcome = told(recorded.id, likes, comments, datetime.now(UTC))
    store.put_outcome(outcome)
    if as_json:
        print_json(outcome)
        return
    out.print(
        f"Kept for @{recorded.handle}, {recorded.made_at:%d %B %Y}: {happened(outcome)}; "
        f"predicted were {forecast(recorded.prediction)}.",
        highlight=False,
    )


def _named(predictions: Sequence[RecordedPrediction], prefix: str) -> RecordedPrediction:
    """The one whose id begins so. Raises InputError."""
    do = f"Copy the ID from `track`; its first {SHORT} letters are enough."
    if len(prefix) < LEAST:
        raise InputError(
            f"'{prefix}' is too short for a prediction's ID.",
            means=f"It takes at least {LEAST} letters to tell predictions apart.",
            do=do,
        )
    found = [recorded for recorded in predictions if recorded.id.startswith(prefix)]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(
            f"{len(found)} predictions have an ID that begins with {prefix}.",
            means="It is not clear which one is meant.",
            do="Give more letters of the ID: `track --json` shows them all.",
        )
    raise InputError(
        f"No prediction has an ID that begins with '{prefix[:70]}'.",
        means="It is misspelt, or the prediction is kept in another store.",
        do=do,
    )


def _show(tracked: Sequence[Tracked], notice: str | None, *, as_json: bool) -> None:
    from socialsense.track_record import summary

    record = summary(tracked)
    if as_json:
        print_json({"notice": notice, "record": record, "predictions": tracked})
        return
    if notice:
        out.print(f"[yellow]{notice}[/]")
    out.print(in_words(record), highlight=False)
    if tracked:
        out.print(_table(tracked))


def _table(tracked: Sequence[Tracked]) -> Table:
    table = Table("ID", "made", "account", "hashtags", "predicted", "what happened")
    for item in tracked:
        recorded, outcome = item.recorded, item.outcome
        table.add_row(
            recorded.id[:SHORT],
            f"{recorded.made_at:%Y-%m-%d}",
            f"@{recorded.handle}",
            escape(" ".join(f"#{tag}" for tag in recorded.tags)),
            forecast(recorded.prediction),
            happened(outcome) + _by(outcome),
        )
    return table


def _by(outcome: Outcome | None) -> str:
    """Who says so, where a person does."""
    return " (as told)" if outcome is not None and outcome.pk is None else ""
