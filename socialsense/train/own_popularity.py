"""Retrain the popularity probe on one account's own posts, and keep it only where it wins.

The ranking starts from the shipped one and moves from it the further, the more posts there
are: with few it stays where it was. Whether that helps is judged as in life: fitted to the
earlier posts, it must rank the later ones better than the shipped one does.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from socialsense import parts
from socialsense.answers import Retrained
from socialsense.arrays import Float64
from socialsense.cards import read_weights, write_model
from socialsense.decode import Look, opened
from socialsense.errors import InputError
from socialsense.popularity.probe import ProbePopularity
from socialsense.settings import Settings
from socialsense.store import Store
from socialsense.train.ranking import pairs_within
from socialsense.types import Card, Image, Post

EARLIER = 0.7
"""Share of the posts, the oldest, that the backtest is fitted to."""
MIN_POSTS, MIN_PAIRS = 12, 6


def retrain(handle: str, store: Store, settings: Settings) -> Retrained:
    """Fit, backtest, and keep the account's own ranking if it wins. Raises InputError, ModelError.

    A ranking kept earlier is taken away where it would not win any more.
    """
    shipped = parts.load("popularity", "probe", settings)
    if not isinstance(shipped, ProbePopularity):
        raise TypeError(type(shipped))
    _, tensors = read_weights(settings.models_dir, "popularity", "probe")
    table, likes = _history(handle, store, shipped)
    start, scale = tensors["weight"].astype(np.float64), tensors["scale"].astype(np.float64)
    earlier = round(EARLIER * len(likes))
    past, future = slice(None, earlier), slice(earlier, None)
    fitted = moved(table[past], likes[past], start, scale)
    own, judged = _right(table[future] @ fitted, likes[future])
    before, _ = _right(table[future] @ start, likes[future])
    if judged < MIN_PAIRS:
        raise _too_few(handle, len(likes))
    result = Retrained(handle, len(likes), judged, own, before, kept=own > before)
    if result.kept:
        weight = moved(table, likes, start, scale)
        card = Card(
            kind="popularity",
            name=handle,
            summary="The popularity probe, moved towards what an account's own posts say.",
            trained_on=f"{len(likes)} posts of this account, on this machine",
            licence="yours",
            weights_sha256=None,
            metrics={"pairs": judged, "own": own, "shipped": before},
            details={"backbone_sha256": shipped.backbone},
        )
        fresh = tensors | {"weight": weight.astype(np.float32)}
        write_model(settings.own_models_dir, card, fresh)
    else:
        (settings.own_models_dir / "popularity" / handle / "card.json").unlink(missing_ok=True)
    return result


def moved(table: Float64, likes: Sequence[int], start: Float64, scale: Float64) -> Float64:
    """(F,) weights: RankNet on the posts' pairs, with a Gaussian prior around `start`.

    `scale`: what one unit of a feature is; the pairs weigh as much together as there are posts.
    """
    first, second, gap = pairs_within(likes, [""] * len(likes))
    if not len(gap):
        return start
    difference = (table[first] - table[second]) / scale
    offset = (table[first] - table[second]) @ start
    weight = gap / gap.sum() * len(likes)

    def loss(step: Float64) -> tuple[float, Float64]:
        logit = offset + difference @ step
        slope = step - difference.T @ (weight * expit(-logit))
        return float(weight @ np.logaddexp(0, -logit) + step @ step / 2), slope

    found = minimize(loss, np.zeros(len(start)), jac=True, method="L-BFGS-B")
    return np.asarray(start + found.x / scale, dtype=np.float64)


def _history(handle: str, store: Store, model: ProbePopularity) -> tuple[Float64, list[int]]:
    """What the model sees of the account's posts, oldest first, and their likes."""
    posts = sorted(
        (p for p in store.posts(handle) if p.image_sha256 and p.likes is not None),
        key=lambda post: post.taken_at,
    )
    if len(posts) < MIN_POSTS:
        raise _too_few(handle, len(posts))
    seen: list[tuple[Post, Image]] = []
    files = ((post.pk, store.image(post.image_sha256 or "") or b"") for post in posts)
    for post, item in zip(posts, opened(files, Look.of(model)), strict=True):
        if isinstance(item, Image):
            seen.append((post, item))
    table = model.look([image.pixels for _, image in seen])
    return table, [post.likes or 0 for post, _ in seen]


def _right(scores: Float64, likes: Sequence[int]) -> tuple[float, int]:
    """Share of pairs in which more likes go with the higher score, and how many pairs."""
    first, second, _ = pairs_within(likes, [""] * len(likes))
    return (float(np.mean(scores[first] > scores[second])) if len(first) else 0.0), len(first)


def _too_few(handle: str, posts: int) -> InputError:
    return InputError(
        f"@{handle} has too few posts to learn from ({posts} with a picture and likes).",
        means=f"At least {MIN_POSTS} are needed, so that the later ones can judge what the earlier "
        "ones taught.",
        do="Collect more of its posts first; until then the shipped model ranks.",
    )
