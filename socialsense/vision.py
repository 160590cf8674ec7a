"""torchvision, made importable beside a torch that was built for the CPU alone.

torchvision 0.28's wheel is built for CUDA; without CUDA its compiled operators do
not load and the import stops at two missing schemas. Declaring them is enough for
models and transforms; detection operators and `torchvision.io` stay out of reach.
Whoever needs torchvision takes it from here.
"""

import torch

_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def _declare_operators() -> "torch.library.Library | None":
    if torch.version.cuda is not None:
        return None
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for name in ("nms", "qnms"):
        library.define(name + _SCHEMA)  # type: ignore[no-untyped-call]
    return library


_operators = _declare_operators()  # kept alive: the schemas go when it does

from torchvision.transforms import v2 as transforms  # noqa: E402

__all__ = ["transforms"]
