"""Bootstrap over accounts: posts of one account are alike, so it is drawn with all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from socialsense.arrays import Float64, Int64
from socialsense.evaluate.estimate import Estimate

STRAPS = 1000


@dataclass(frozen=True, slots=True)
class AccountDraws:
    """How often each of B draws holds each of A accounts; row 0 is the sample as it is.

    `draws` (B, A); `account` (N,): the column of each post's account.
    """

    draws: Float64
    account: Int64

    @classmethod
    def of(cls, accounts: Sequence[str], seed: int) -> Self:
        """From the account of each post."""
        names, account = np.unique(accounts, return_inverse=True)
        rng = np.random.default_rng(seed)
        lots = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), STRAPS)
        return cls(np.vstack([np.ones(len(names)), lots]).astype(np.float64), account)

    def means(self, values: Float64) -> Float64:
        """(N,) values to the (B,) mean over the posts of each draw, those that are NaN left out.

        NaN where it drew none.
        """
        known = np.isfinite(values)
        sums = np.bincount(self.account[known], values[known], self.draws.shape[1])
        n = self.draws @ np.bincount(self.account[known], minlength=self.draws.shape[1])
        empty = np.full(len(n), np.nan)
        means: Float64 = np.divide(self.draws @ sums, n, out=empty, where=n > 0)
        return means

    def estimate(self, values: Float64) -> Estimate:
        """The mean over posts with its interval."""
        return Estimate.of_draws(self.means(values))
