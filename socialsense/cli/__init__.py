"""The command line: the same answers as the dashboard, in words or JSON."""

import typer

from socialsense.cli import (
    collect,
    engagement,
    evaluate,
    forget,
    installed,
    rank,
    stored,
    track,
    train,
)
from socialsense.cli.output import say
from socialsense.errors import SocialsenseError

app = typer.Typer(
    name="socialsense",
    help="Which photo, which hashtags, how much engagement.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("rank")(rank.rank)
app.command("track")(track.track)
app.command("status")(stored.status)
app.command("demo")(stored.demo)
app.command("reparse")(collect.reparse)
app.command("forget")(forget.forget)
app.command("models")(installed.models)
train.train.command("engagement")(engagement.train_engagement)
evaluate.evaluate.command("engagement")(engagement.evaluate_engagement)
app.add_typer(collect.collect, name="collect")
app.add_typer(train.train, name="train")
app.add_typer(evaluate.evaluate, name="evaluate")


def main() -> None:
    """Run the command line; errors become words, exit code 1."""
    try:
        app()
    except SocialsenseError as error:
        say(error)
        raise SystemExit(1) from None
