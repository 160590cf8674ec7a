"""`rank`: photos, hashtags and prediction in one go."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from socialsense.cli.output import AsJson, err, out, print_json, say
from socialsense.cli.stored import open_store
from socialsense.errors import InputError, SocialsenseError
from socialsense.settings import Settings
from socialsense.sources.demo import NOTICE
from socialsense.types import DEMO, Denominator, Mode
from socialsense.words import (
    against_next,
    cautions,
    change,
    count,
    forecast,
    gain,
    percent,
    percentile,
    reasons,
    took_over,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socialsense.accounts import Account
    from socialsense.answers import HashtagSet, Prediction, RankedHashtag, RankedImage
    from socialsense.recommend import Recommender
    from socialsense.types import Image

SHOWN = 15
"""Hashtags in the table; JSON has them all."""


def rank(
    handle: Annotated[str, typer.Argument(help="The account that will post.")],
    photos: Annotated[list[Path], typer.Argument(help="Candidate photos.")],
    as_json: AsJson = False,
    denominator: Annotated[
        Denominator | None,
        typer.Option(help="In faithful mode, of the average of lifts; default: the settings'."),
    ] = None,
    mode: Annotated[
        Mode | None, typer.Option(help="Of the formula; default: the settings'.")
    ] = None,
) -> None:
    """Rank photos, find hashtags for the best one, and predict its engagement."""
    from socialsense.accounts import sources_of
    from socialsense.handles import clean_handle
    from socialsense.recommend import Recommender

    settings = Settings()
    with open_store(settings) as store:
        recommender = Recommender.load(store, settings)
        if recommender.popularity_problem:
            say(recommender.popularity_problem)
            err.print(took_over(recommender.popularity_name), highlight=False)
        account = recommender.account(clean_handle(handle))
        images = _read(photos, settings.max_photos, recommender.side)
        ranked = recommender.rank_images(images, account)
        best = next(image for image in images if image.sha256 == ranked[0].sha256)
        mode = mode or settings.mode
        hashtags = recommender.rank_hashtags(best, account, denominator=denominator, mode=mode)
        chosen = recommender.best_set(hashtags, mode=mode)
        changes = recommender.changes(chosen, hashtags, mode)
        prediction, problem = _predict(recommender, account, chosen, best, mode)
    notice = NOTICE if DEMO in sources_of(account, hashtags) else None
    if as_json:
        print_json(
            {
                "handle": account.profile.handle,
                "source": account.profile.source,
                "notice": notice,
                "photos": ranked,
                "mode": mode,
                "hashtags": hashtags,
                "set": chosen.tags,
                "changes": changes,
                "prediction": prediction,
            }
        )
    else:
        if notice:
            out.print(f"[yellow]{notice}[/]")
        _print_answer(ranked, hashtags, chosen, prediction, mode)
    if problem:
        say(problem)


def _read(paths: Sequence[Path], limit: int, side: int | None) -> list[Image]:
    """The photos that can be read; says which cannot. Raises InputError when none can."""
    from socialsense.decode import Look, opened
    from socialsense.images import read_file

    images: dict[str, Image] = {}
    files = ((path.name, partial(read_file, path)) for path in paths[:limit])
    for item in opened(files, Look(side)):
        if isinstance(item, SocialsenseError):
            say(item)
        else:
            images.setdefault(item.sha256, item)
    if len(paths) > limit:
        err.print(f"Only the first {limit} photos are compared (SOCIALSENSE_MAX_PHOTOS).")
    if not images:
        raise InputError(
            "None of the photos could be read.",
            means="There is nothing to rank.",
            do="Give at least one picture as JPEG, PNG or WebP.",
        )
    return list(images.values())


def _predict(
    recommender: Recommender, account: Account, chosen: HashtagSet, image: Image, mode: Mode
) -> tuple[Prediction | None, SocialsenseError | None]:
    """The prediction, recorded; or why there is none."""
    try:
        prediction = recommender.predict(account, chosen, image, mode)
    except SocialsenseError as error:
        return None, error
    recommender.record(prediction, image, chosen)
    return prediction, None


def _print_answer(
    images: Sequence[RankedImage],
    hashtags: Sequence[RankedHashtag],
    chosen: HashtagSet,
    prediction: Prediction | None,
    mode: Mode,
) -> None:
    out.print(_photo_table(images))
    if hashtags:
        out.print(_hashtag_table(hashtags, chosen, images[0].name, mode))
        out.print(f"Best set: [bold]{escape(chosen.text)}[/]", highlight=False)
        for text in cautions(chosen.hashtags):
            out.print(text, markup=False, highlight=False)
    else:
        out.print("No hashtag has evidence yet: no stored top post has a picture and an owner.")
    if prediction:
        usual = prediction.usual_rate * prediction.followers
        out.print(f"Expected: [bold]{forecast(prediction)}[/], {percent(prediction.rate)}")
        out.print(f"Usual: {count(usual)}, {percent(prediction.usual_rate)}")
        if mode == "calibrated":
            out.print(f"Hashtags: {gain(prediction)}. Photo: ×{prediction.photo:.2f}.")


def _photo_table(images: Sequence[RankedImage]) -> Table:
    table = Table("", "photo", "score", "", "why", title="Photos by expected popularity")
    for item in images:
        where = "\n".join(line for line in (percentile(item), against_next(item)) if line)
        score = f"{item.score:+.2f}"
        table.add_row(str(item.rank), escape(item.name), score, where, reasons(item.reasons))
    return table


def _hashtag_table(
    hashtags: Sequence[RankedHashtag], chosen: HashtagSet, photo: str, mode: Mode
) -> Table:
    heads = ("", "hashtag", "score", "80 % interval", "similarity", "posts", "verdict")
    table = Table(*heads, title=f"Hashtags for {escape(photo)}, against the usual engagement")
    for item in hashtags[:SHOWN]:
        known = item.low is not None and item.high is not None
        table.add_row(
            "✓" if item in chosen.hashtags else "",
            f"#{escape(item.tag)}",
            change(item.score, mode),
            f"{change(item.low or 0, mode)} to {change(item.high or 0, mode)}" if known else "",
            f"{item.similarity:.2f}",
            str(item.support),
            item.verdict,
        )
    return table
