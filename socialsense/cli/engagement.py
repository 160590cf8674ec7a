"""`train engagement` and `evaluate engagement`: the forecast fitted, and judged on past posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from socialsense.cli.data import Everyone, FromStore, MaybeData, histories_of
from socialsense.cli.output import AsJson, err, out, print_json, progress_bars
from socialsense.settings import Settings

if TYPE_CHECKING:
    from socialsense.evaluate.engagement import EngagementReport


def train_engagement(data: MaybeData = None, store: FromStore = False) -> None:
    """Fit the calibrated forecast on half of the accounts, judge on the others; writes the model.

    From the store, a model is put in place only if it does better on the posts of the others.
    """
    from socialsense.train.publish_engagement import publish_engagement, retrain_engagement

    settings = Settings()
    histories, _ = histories_of(data, store, settings)
    with progress_bars() as show:
        if data:
            print_json(publish_engagement(data, histories, settings, show))
            return
        trained = retrain_engagement(histories, settings, show)
    print_json(trained.card)
    if not trained.kept:
        err.print("It does no better on your posts than the present model, which stays.")


def evaluate_engagement(
    data: MaybeData = None,
    store: FromStore = False,
    everyone: Everyone = False,
    as_json: AsJson = False,
) -> None:
    """How well engagement is predicted: later posts of accounts that nothing was fitted on."""
    from socialsense.engagement import load_engagement
    from socialsense.evaluate import engagement

    settings = Settings()
    model = load_engagement(settings.models_dir)
    histories, similar = histories_of(data, store, settings)
    with progress_bars() as show:
        report = engagement.evaluate_engagement(
            histories, model, everyone=everyone or store, similar=similar, on_progress=show
        )
    if as_json:
        print_json(report)
        return
    _print(report)


def _print(report: EngagementReport) -> None:
    title = f"{report.posts:,} later posts of {report.accounts} accounts (95 % over accounts)"
    heads = ("mean |log error|", "mean log error", "ρ over all", "ρ within accounts", "slope")
    table = Table("", *heads, title=title)
    for name, found in report.forecasts.items():
        figures = (found.error, found.bias, found.spearman, found.within, found.slope)
        table.add_row(name, *("" if figure is None else str(figure) for figure in figures))
    out.print(table)
    table = Table("80 % range", "posts", "accounts", "inside", "range ÷ ×")
    for name, group in report.ranges.items():
        cells = (f"{group.posts:,}", str(group.accounts), str(group.coverage))
        table.add_row(name, *cells, f"{group.factor:.2f}")
    out.print(table)
    losses = ", ".join(f"{name}: {loss}" for name, loss in report.pinball.items())
    out.print(f"Pinball loss at {losses}", highlight=False)
    out.print(
        f"Error saved against the account's median: {report.better}; with any history: "
        f"{report.better_any_history}",
        highlight=False,
    )
    term = report.hashtags
    if term is None:
        out.print("Too few posts share hashtags to say what these add.")
        return
    mean, spread = term.placebo
    out.print(
        f"Hashtags save {term.gain} of the error on {term.posts:,} posts; dealt at random "
        f"{mean:.4f} ± {spread:.4f}. Partial R² {term.explained}. "
        f"Slope {term.slope[0]:.2f} ± {term.slope[1]:.2f}.",
        highlight=False,
    )
    if not report.pictures:
        out.print("No pictures here: similarities are all 1 and the photo's term is left out.")
