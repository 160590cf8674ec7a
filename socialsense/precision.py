"""May a rougher arithmetic stand in for float32? Measured on real pictures, then remembered."""

import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from socialsense.arrays import Float32

MIN_AGREEMENT = 0.999
"""Rank correlation with float32 below which the rougher one is not used."""

Run = Callable[[Float32], Float32]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets bf16 in where it orders real pictures as float32 does.

    `key` names the weights, `pictures` gives some tens of real ones, ready for the
    network, and `memory` is the JSON file that keeps what was measured.

    bf16 keeps eight bits of what a layer gives. Compute the last linear layer outside,
    in float32, or scores that lie close together become equal.
    """

    key: str
    memory: Path
    pictures: Callable[[], Float32]

    def passes(self, machine: str, exact: Run, rough: Callable[[], Run]) -> bool:
        """Whether `rough` agrees with `exact` on this machine; both rest once that is known."""
        key = f"{self.key} · {machine}"
        known = _read(self.memory)
        if key not in known:
            pictures = self.pictures()
            known[key] = round(rank_agreement(exact(pictures), rough()(pictures)), 6)
            _write(self.memory, known)
        return known[key] >= MIN_AGREEMENT


def rank_agreement(one: Float32, other: Float32) -> float:
    """Spearman's ρ of the scores where D = 1, else of the cosines of all pairs of rows.

    0 where it is not defined: with too few pictures, or all of them alike.
    """
    from scipy.stats import rankdata

    first, second = (rankdata(_ordered(rows)) for rows in (one, other))
    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def _ordered(rows: Float32) -> Float32:
    if rows.shape[1] == 1:
        return rows[:, 0]
    unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    pairs: Float32 = (unit @ unit.T)[np.triu_indices(len(rows), 1)]
    return pairs


def _read(path: Path) -> dict[str, float]:
    try:
        return {key: float(value) for key, value in json.loads(path.read_text("utf-8")).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _write(path: Path, known: dict[str, float]) -> None:
    """Best effort: without it the next process measures again."""
    new = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(json.dumps(known, indent=2, ensure_ascii=False) + "\n", "utf-8")
        new.replace(path)
    except OSError as error:
        log.warning("What was measured could not be kept in %s (%s).", path, error.strerror)
