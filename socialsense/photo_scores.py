"""What scores of photos say: their order, their reasons, and the engagement to expect of them."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import expit

from socialsense.answers import RankedImage, Reason
from socialsense.arrays import Float32, Float64
from socialsense.types import Image, PopularityModel

MIN_OWN = 5
"""Own posts with a picture, from which scores are compared with them."""
REASONS = 3
MIN_EFFECT = 0.05
"""On the scale of scores; smaller ones change a probability by about one per cent."""
MAX_SCORE = 1.0
"""Scores further from the account's own mean count as this far."""
SLOPES = 0.25
"""How far accounts may differ in what a score does to log engagement (standard deviation)."""


def in_order(
    images: Sequence[Image],
    judged: Mapping[str, Float32],
    model: PopularityModel,
    own: Sequence[float],
) -> tuple[RankedImage, ...]:
    """Photos, best first; `judged`: by SHA-256 the score and what each factor adds to it.

    `own`: scores of the account's own posts.
    """
    order = sorted(images, key=lambda image: (-judged[image.sha256][0], image.name))
    scores = np.array([judged[image.sha256][0] for image in order], dtype=np.float64)
    known = model.percentile(scores)
    wins = [*expit(scores[:-1] - scores[1:]).tolist(), None]
    return tuple(
        RankedImage(
            name=image.name,
            sha256=image.sha256,
            rank=place + 1,
            score=float(scores[place]),
            percentile=_percentile(float(scores[place]), own),
            model_percentile=float(known[place]),
            beats_next=wins[place],
            reasons=_reasons(judged[image.sha256][1:], model.factors),
        )
        for place, image in enumerate(order)
    )


def effect_of(score: float, own: Float64, y: Float64, spread: float, prior: float) -> float:
    """What a photo's score adds to log engagement, against the account's own posts.

    `own`, `y` (N,): scores and log rates of own posts, `spread` how far the latter stray. The
    slope learned elsewhere (`prior`) is drawn towards what these posts show, and never below 0:
    a photo that scores better is not expected to do worse. 0 with too few posts.
    """
    if len(own) < MIN_OWN:
        return 0.0
    x, lift = own - own.mean(), y - np.median(y)
    precision = 1 / SLOPES**2 + float(x @ x) / spread**2
    slope = (prior / SLOPES**2 + float(x @ lift) / spread**2) / precision
    beyond = float(np.clip(score - own.mean(), -MAX_SCORE, MAX_SCORE))
    return max(slope, 0.0) * beyond


def _reasons(effects: Float32, factors: Sequence[tuple[str, str]]) -> tuple[Reason, ...]:
    """The factors that add or take away most, strongest first; none that hardly matters."""
    strongest = sorted(range(len(factors)), key=lambda k: -abs(effects[k]))[:REASONS]
    return tuple(
        Reason(factors[k][0] if effects[k] > 0 else factors[k][1], float(effects[k]))
        for k in strongest
        if abs(effects[k]) >= MIN_EFFECT
    )


def _percentile(score: float, own: Sequence[float]) -> float | None:
    """Share of the account's own posts scored lower (ties count half), 0 to 100."""
    if len(own) < MIN_OWN:
        return None
    below = sum(other < score for other in own) + sum(other == score for other in own) / 2
    return 100 * below / len(own)
