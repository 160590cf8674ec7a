"""What the loop minimises, each on one batch.

Pairs that share a hashtag weigh as much as those that do not. How far two posts' hashtags
overlap, weighted by how informative each is, says how sure a sharing pair is to count.
"""

import torch
from torch import Tensor
from torch.nn import functional

from socialsense.evaluate.similarity import OVERLAP

TEMPERATURE = 0.1


def theme_loss(logits: Tensor, themes: Tensor) -> Tensor:
    """Cross-entropy where the theme is known; 0 where none is."""
    total = functional.cross_entropy(logits, themes, ignore_index=-1, reduction="sum")
    return total / (themes >= 0).sum().clamp_min(1)


def pair_loss(logits: Tensor, overlap: Tensor) -> Tensor:
    """Binary cross-entropy over pairs; those that share and those that do not weigh the same.

    The target of a pair that shares is its overlap over OVERLAP, at most 1. Pairs of
    negative overlap are left out. (N, N) twice; the lower triangles are not read.
    """
    pairs = torch.triu(torch.ones_like(overlap, dtype=torch.bool), 1) & (overlap >= 0)
    target = (overlap / OVERLAP).clamp(0, 1)
    each = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    total = each.sum() * 0
    for side in (pairs & (overlap > 0), pairs & (overlap == 0)):
        total = total + (each * side).sum() / side.sum().clamp_min(1) / 2
    return total


def contrastive_loss(directions: Tensor, overlap: Tensor) -> Tensor:
    """Supervised contrastive loss (Khosla et al. 2020, eq. 2), positives weighted by overlap.

    (N, D) unit rows, (N, N) overlaps; pairs of negative overlap are left out, and rows that
    overlap with nobody. 0 where there are none.
    """
    allowed = overlap >= 0
    logits = (directions @ directions.T / TEMPERATURE).masked_fill(~allowed, -1e9)
    surprise = torch.logsumexp(logits, dim=1, keepdim=True) - logits
    weight = overlap.clamp_min(0)
    total = weight.sum(dim=1)
    mean = (weight * surprise).sum(dim=1) / total.clamp_min(1e-9)
    return mean.sum() / (total > 0).sum().clamp_min(1)
