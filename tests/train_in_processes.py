"""One of several processes that torchrun starts: `train_in_processes.py DATA OUT`."""

import sys
from pathlib import Path

import torch

from socialsense.datasets import TaggedFolder
from socialsense.train import similarity
from socialsense.train.processes import processes
from tests.training_examples import untrained_backbone

torch.set_num_threads(1)
data, out = map(Path, sys.argv[1:])
with untrained_backbone(), processes() as every:
    trained = similarity.train_similarity(
        TaggedFolder(data),
        lists=data,
        models_dir=out / "models",
        work_dir=out / "work",
        epochs=2,
        processes=every,
    )
    (out / f"{every.rank}.txt").write_text(f"{every.size} {trained.card.weights_sha256}")
