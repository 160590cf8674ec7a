"""The loop that fits the head to pairs of posts: epochs, early stopping, a checkpoint."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from socialsense.embedders.hashtag import Head
from socialsense.train.chunks import BATCH, NEIGHBOURS, Chunk, Chunks, draw
from socialsense.train.losses import TEMPERATURE, contrastive_loss, pair_loss, theme_loss
from socialsense.train.processes import Processes

DROPOUT = 0.3
THEME_RATE, LINE_RATE, DIRECTION_RATE = 2e-4, 1e-2, 2e-6
"""Learning rates of the theme head, of the line from products to logits, of the direction head."""
RECIPE = (BATCH, NEIGHBOURS, DROPOUT, THEME_RATE, LINE_RATE, DIRECTION_RATE, TEMPERATURE)
"""What a checkpoint depends on; another recipe begins anew."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one pass gave; `score` is the mean of both areas under the ROC curve, validation."""

    number: int
    loss: float
    score: float | None
    best: bool


class Objective(nn.Module):
    """What is minimised: surprise at a photo's theme, at who shares, at who overlaps most.

    The last alone moves the directions, slowly: they were fitted in closed form, and pairs
    made them worse.
    """

    def __init__(self, head: Head) -> None:
        super().__init__()
        self.head = head
        self.line = nn.Parameter(torch.stack([head.radius().square().view(()), torch.tensor(-3.0)]))

    def forward(self, rows: Tensor, themes: Tensor, overlap: Tensor) -> Tensor:
        """(N, width), (N,) theme numbers or −1, (N, N) overlaps or −1, to the loss."""
        seen = functional.dropout(rows, DROPOUT, self.training)
        directions = functional.normalize(self.head.direction(seen), dim=1)
        told = self.head.told(directions.detach(), self.head.theme(seen))
        surprise = theme_loss(self.head.theme(seen), themes)
        surprise = surprise + contrastive_loss(directions, overlap)
        return surprise + pair_loss(self.line[0] * (told @ told.T) + self.line[1], overlap)


def fit_loop(
    head: Head,
    chunks: Chunks,
    processes: Processes,
    *,
    posts: int,
    epochs: int,
    patience: int,
    seed: int,
    score: Callable[[Head], float] | None = None,
    checkpoint: Path | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> tuple[Head, int]:
    """The head of the best epoch by `score`, else of the last, and that epoch's number.

    Epoch 0 is the head as given. With a checkpoint, a stopped loop goes on behind the
    last epoch it finished, to the same answer.
    """
    objective = Objective(head)
    module = processes.together(objective)
    optimizer = torch.optim.Adam(
        [
            {"params": objective.head.theme.parameters(), "lr": THEME_RATE},
            {"params": [objective.line], "lr": LINE_RATE},
            {"params": objective.head.direction.parameters(), "lr": DIRECTION_RATE},
        ]
    )
    memory = _Memory(checkpoint, objective, optimizer)
    memory.restore(score, processes)
    steps = max(1, -(-posts // (BATCH * processes.size * chunks.count)))
    while memory.epoch < epochs and memory.waited < patience:
        memory.epoch += 1
        rng = np.random.default_rng([seed, memory.epoch])
        own = np.random.default_rng([seed, memory.epoch, processes.rank])
        torch.manual_seed(int(own.integers(2**31)))
        total = 0.0
        for chunk in chunks.epoch(rng):
            total += _pass(module, optimizer, chunk, steps, own)
        reached = None
        if score is not None:
            objective.eval()
            reached = processes.gathered(score(objective.head))[0]
        best = memory.judge(reached)
        if processes.first:
            memory.keep()
            if on_epoch:
                on_epoch(Epoch(memory.epoch, total / (steps * chunks.count), reached, best))
    objective.load_state_dict(memory.best_state)
    return objective.head.eval(), memory.best_epoch


def _pass(
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    chunk: Chunk,
    steps: int,
    rng: np.random.Generator,
) -> float:
    module.train()
    total = 0.0
    for _ in range(steps):
        chosen = draw(len(chunk.rows), rng)
        index = torch.from_numpy(chosen)
        loss = module(chunk.rows[index], chunk.themes[index], chunk.overlap(chosen))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total


class _Memory:
    """Where a loop stands; on disk too, where it has a file."""

    def __init__(
        self, file: Path | None, objective: Objective, optimizer: torch.optim.Optimizer
    ) -> None:
        self._file, self._objective, self._optimizer = file, objective, optimizer
        self.epoch = self.best_epoch = self.waited = 0
        self.best_score = -1.0
        self.best_state = self._copy()

    def restore(self, score: Callable[[Head], float] | None, processes: Processes) -> None:
        """What the first process's file holds, or the beginning."""
        kept: dict[str, Any] = {}
        if self._file is not None and processes.first and self._file.exists():
            kept = torch.load(self._file, weights_only=True)
        kept = processes.gathered(kept)[0]
        if kept:
            self._objective.load_state_dict(kept["state"])
            self._optimizer.load_state_dict(kept["optimizer"])
            self.best_state = kept["best_state"]
            self.epoch, self.best_epoch, self.waited = kept["epochs"]
            self.best_score = kept["best_score"]
        elif score is not None:
            self._objective.eval()
            self.best_score = processes.gathered(score(self._objective.head))[0]

    def judge(self, reached: float | None) -> bool:
        """Whether the epoch just made is the best so far; without a score the last one is."""
        best = reached is None or reached > self.best_score
        self.waited = 0 if best else self.waited + 1
        if best:
            self.best_state, self.best_epoch = self._copy(), self.epoch
            self.best_score = -1.0 if reached is None else reached
        return best

    def keep(self) -> None:
        """Write the file, whole or not at all."""
        if self._file is None:
            return
        kept = {
            "state": self._objective.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "best_state": self.best_state,
            "epochs": (self.epoch, self.best_epoch, self.waited),
            "best_score": self.best_score,
        }
        partial = self._file.with_suffix(".part")
        torch.save(kept, partial)
        partial.replace(self._file)

    def _copy(self) -> dict[str, Tensor]:
        return {name: value.clone() for name, value in self._objective.state_dict().items()}
