"""What each setting of the formula predicts where the truth is known.

python -m benchmarks.simulation

A made-up platform: accounts differ (standard deviation 0.5 of the log rate), posts scatter
(0.40 normal + 0.25 Student's t₆), and a hashtag's page shows the nine posts of most engagement,
seen through noise. Hashtags do nothing, or have true effects of standard deviation 0.10.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import spearmanr

from socialsense.arrays import Float64
from socialsense.scores import score_hashtags
from socialsense.usual import usual_level
from socialsense.votes import CALIBRATED, FAITHFUL, Formula, Pool, membership

TOP, HISTORY, CHOSEN = 9, 10, 5
SETTINGS = {
    "formula of 2020": FAITHFUL,
    "log lifts, as they are": replace(CALIBRATED, correction="none", shrink=False),
    "… less the mean over hashtags": replace(CALIBRATED, correction="pool", shrink=False),
    "… and drawn towards it": replace(CALIBRATED, correction="pool"),
    "… less a curve over size instead: calibrated": CALIBRATED,
}


@dataclass(frozen=True, slots=True)
class World:
    """T hashtags with their true effects and sizes, and a page of posts for each.

    `rates`, `usual`: of posts and of their accounts on average; `lifts`: in log engagement.
    """

    effects: Float64
    log_sizes: Float64
    rates: Float64
    usual: Float64
    lifts: Float64
    log_followers: Float64

    def pool(self, formula: Formula) -> Pool:
        """As the formula wants it; every post is of an account of its own."""
        tags = len(self.effects)
        rows = np.arange(tags * TOP).reshape(tags, TOP)
        posters = np.median(self.log_followers.reshape(tags, TOP), axis=1)
        traits = np.column_stack([self.log_sizes, self.log_sizes**2, posters])
        faithful = formula.votes == "post"
        lifts = self.rates - self.usual if faithful else self.lifts
        return Pool(membership(rows.tolist(), rows.size), lifts, np.arange(rows.size), traits)


def world(seed: int, tags: int, spread: float) -> World:
    """A platform; the same seed gives the same one."""
    rng = np.random.default_rng(seed)
    log_sizes = rng.uniform(np.log(20), np.log(3000), tags)
    effects = rng.normal(0, spread, tags) if spread else np.zeros(tags)
    pages = [
        _page(rng, int(np.exp(size)), effect)
        for size, effect in zip(log_sizes, effects, strict=True)
    ]
    rates, usual, lifts, followers = np.concatenate(pages, axis=1)
    return World(effects, log_sizes, rates, usual, lifts, followers)


def _page(rng: np.random.Generator, posts: int, effect: float) -> Float64:
    """(4, TOP): rates, mean rates of their accounts, lifts and log followers of the top posts."""
    followers = rng.normal(8.5, 1.5, posts)
    expected = -3.7 - 0.35 * (followers - 9.2)
    levels = expected + rng.normal(0, 0.5, posts)
    y = np.minimum(levels + effect + _noise(rng, posts), 0.0)
    top = np.argsort(-(y + followers + 0.5 * rng.normal(size=posts)))[:TOP]
    past = [np.minimum(levels[i] + _noise(rng, HISTORY), 0.0) for i in top]
    usual = [usual_level(own.tolist(), expected[i]).mean for own, i in zip(past, top, strict=True)]
    means = [np.exp(own).mean() for own in past]
    return np.array([np.exp(y[top]), means, y[top] - usual, followers[top]])


def _noise(rng: np.random.Generator, size: int) -> Float64:
    noise: Float64 = 0.4 * rng.normal(size=size) + 0.25 * rng.standard_t(6, size=size)
    return noise


@dataclass(frozen=True, slots=True)
class Result:
    """Of the best five by score: the factor predicted, and their true mean effect.

    `found`: Spearman's ρ of scores with true effects (NaN without any); `with_size`: with size;
    `covered`: share of true effects inside their 80 % interval.
    """

    predicted: float
    true: float
    found: float
    with_size: float
    covered: float


def judge(platform: World, formula: Formula) -> Result:
    """What a setting of the formula makes of a platform, all photos alike."""
    pool = platform.pool(formula)
    scores = score_hashtags(np.ones(len(pool.lifts)), pool, formula, draws=200)
    score, truth = scores.score, platform.effects
    best = np.argsort(-score, kind="stable")[:CHOSEN]
    added = float(score[best].mean())
    usual = float(np.median(platform.usual))
    return Result(
        predicted=1 + added / usual if formula.votes == "post" else float(np.exp(added)),
        true=float(platform.effects[best].mean()),
        found=_rank(score, platform.effects),
        with_size=_rank(score, platform.log_sizes),
        covered=float(np.mean((scores.low <= truth) & (truth <= scores.high))),
    )


def _rank(score: Float64, other: Float64) -> float:
    return float(spearmanr(score, other).statistic) if np.ptp(other) > 0 else float("nan")


def main(runs: int = 40) -> None:
    """Measure and print."""
    for spread in (0.0, 0.05, 0.1, 0.2):
        for tags in (120, 30):
            print(f"\ntrue effects of sd {spread}, best {CHOSEN} of {tags} hashtags, {runs} runs")
            platforms = [world(seed, tags, spread) for seed in range(runs)]
            for name, formula in SETTINGS.items():
                found = [judge(platform, formula) for platform in platforms]
                print(
                    f"{name:46s} predicted ×{np.mean([r.predicted for r in found]):.2f}   "
                    f"true ×{np.exp(np.mean([r.true for r in found])):.2f}   "
                    f"ρ to truth {np.mean([r.found for r in found]):.2f}   "
                    f"ρ to size {np.mean([r.with_size for r in found]):.2f}   "
                    f"covered {np.mean([r.covered for r in found]):.2f}"
                )


if __name__ == "__main__":
    main()
