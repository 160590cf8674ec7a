"""A measured figure and how far to trust it."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from socialsense.arrays import Float64


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, value: float, draws: Float64) -> Self:
        """From the figure on the sample and on bootstrap draws of it."""
        low, high = np.quantile(draws, (0.025, 0.975))
        return cls(float(value), float(low), float(high))

    @classmethod
    def of_draws(cls, draws: Float64) -> Self:
        """From (B,): the figure itself, then draws of it; those that are NaN say nothing."""
        known = draws[1:][np.isfinite(draws[1:])]
        return cls.of(float(draws[0]), known if len(known) else np.full(1, np.nan))

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"
