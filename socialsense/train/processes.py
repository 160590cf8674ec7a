"""One training over several processes, each with its share of the photos.

    torchrun --nproc-per-node 2 -m socialsense train similarity --data DIR

Without torchrun there is one process, and nothing here costs anything.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import numpy as np
import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from socialsense.arrays import Float64

T = TypeVar("T")
PATIENCE = timedelta(hours=24)
"""How long one process waits for another: describing photos takes them unequally long."""


@dataclass(frozen=True, slots=True)
class Processes:
    """This process among all: its number and how many there are."""

    rank: int = 0
    size: int = 1

    @property
    def first(self) -> bool:
        """Whether this is the one that speaks and writes."""
        return self.rank == 0

    def share(self, count: int) -> range:
        """This process's part of `count` things; parts differ by one at most."""
        return range(self.rank, count, self.size)

    def total(self, table: Float64) -> Float64:
        """The sum of every process's table."""
        if self.size == 1:
            return table
        tensor = torch.from_numpy(np.array(table, dtype=np.float64))
        distributed.all_reduce(tensor)
        return np.asarray(tensor.numpy(), dtype=np.float64)

    def gathered(self, thing: T) -> list[T]:
        """Every process's thing, in order of rank; keep it small."""
        if self.size == 1:
            return [thing]
        things: list[T] = [thing] * self.size
        distributed.all_gather_object(things, thing)
        return things

    def together(self, module: nn.Module) -> nn.Module:
        """The module with gradients averaged over all processes."""
        return module if self.size == 1 else DistributedDataParallel(module)


@contextmanager
def processes() -> Iterator[Processes]:
    """Joins the others that torchrun has started; alone where it has not."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield Processes()
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())
    distributed.init_process_group("gloo", timeout=PATIENCE)
    try:
        yield Processes(distributed.get_rank(), distributed.get_world_size())
    finally:
        distributed.destroy_process_group()
