"""Statistics of real engagement, as figures only: no account, no post, no name leaves this file.

Two collections of 2017 are read: accounts with 10 k followers and more, with some
15 recent posts each, and one post each of smaller accounts.
"""

import json
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

TIERS = (50, 200, 500, 1_000, 3_000, 10_000, 100_000, 1_000_000)
QUANTILES = 41
MIN_POSTS = 8
SMALL = 10_000


def fit(data: Path) -> dict[str, Any]:
    """Rates by follower tier, residuals within an account, comments per like."""
    large = _grouped(_lines(data / "accounts_2017" / "posts.jsonl"))
    small = _lines(data / "small_accounts_2017" / "posts.jsonl")
    points = [(p["followers"], np.log(p["likes"] / p["followers"])) for p in small if _usable(p)]
    points = [(f, rate) for f, rate in points if f < SMALL]
    points += [(float(np.median(f)), float(np.median(r))) for f, r, _ in large.values()]
    residuals = np.concatenate([np.array(r) - np.mean(r) for _, r, _ in large.values()])
    within = _spread(residuals)
    talk = [np.median(c) for _, _, c in large.values() if len(c)]
    return {
        "tiers": [_tier(points, *edges, within["log_sd"]) for edges in pairwise(TIERS)],
        "within_account": within,
        "comments_per_like": {
            "median": round(float(np.exp(np.median(talk))), 5),
            "log_sd_between_accounts": _robust_sd(np.array(talk)),
        },
    }


def _usable(post: dict[str, Any]) -> bool:
    likes, followers = post["likes"] or 0, post["followers"] or 0
    return bool(likes > 0 and followers >= TIERS[0])


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _grouped(
    posts: list[dict[str, Any]],
) -> dict[str, tuple[list[float], list[float], list[float]]]:
    """Followers, log likes / followers and log comments / likes of each account's photos."""
    found: dict[str, tuple[list[float], list[float], list[float]]] = defaultdict(
        lambda: ([], [], [])
    )
    for post in posts:
        if _usable(post) and not post["is_video"]:
            followers, rates, talk = found[post["account"]]
            followers.append(float(post["followers"]))
            rates.append(float(np.log(post["likes"] / post["followers"])))
            if post["comments"]:
                talk.append(float(np.log(post["comments"] / post["likes"])))
    return {name: lists for name, lists in found.items() if len(lists[1]) >= MIN_POSTS}


def _tier(points: list[tuple[float, float]], low: int, high: int, within: float) -> dict[str, Any]:
    """One tier; below SMALL each account is one post, which carries its own luck as well."""
    luck = within if high <= SMALL else 0.0
    rates = np.array([rate for followers, rate in points if low <= followers < high])
    return {
        "followers_from": low,
        "followers_below": high,
        "accounts": len(rates),
        "median_rate": round(float(np.exp(np.median(rates))), 5),
        "log_sd_between_accounts": round(float(np.sqrt(_robust_sd(rates) ** 2 - luck**2)), 4),
    }


def _spread(residuals: "np.ndarray[Any, Any]") -> dict[str, Any]:
    at = (np.arange(QUANTILES) + 0.5) / QUANTILES
    return {
        "log_sd": round(float(np.std(residuals)), 4),
        "posts": len(residuals),
        "log_quantiles": [round(float(q), 4) for q in np.quantile(residuals, at)],
    }


def _robust_sd(values: "np.ndarray[Any, Any]") -> float:
    """The standard deviation that fits the middle half; fake followers make long tails."""
    low, high = np.quantile(values, [0.25, 0.75])
    return round(float(high - low) / 1.349, 4)
