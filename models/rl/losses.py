"""The two losses of PPO, clipped: nothing is gained by going further than a little."""

from __future__ import annotations

import torch
from torch import Tensor

from models.rl.advantages import mean_over


def policy_loss(
    logs: Tensor, before: Tensor, advantages: Tensor, said: Tensor, clip: float
) -> Tensor:
    """That of a policy, by how likely it and the one that drew the answers find their tokens."""
    ratio = torch.exp(logs - before)
    free = ratio * advantages
    held = ratio.clamp(1 - clip, 1 + clip) * advantages
    return -mean_over(torch.minimum(free, held), said)


def clipped_share(logs: Tensor, before: Tensor, said: Tensor, clip: float) -> Tensor:
    """How many of the tokens have moved further than is rewarded."""
    moved = (torch.exp(logs - before) - 1).abs() > clip
    return mean_over(moved.float(), said)


def value_loss(
    values: Tensor, before: Tensor, returns: Tensor, said: Tensor, clip: float
) -> Tensor:
    """That of values, which may leave those before by so much at most."""
    held = before + (values - before).clamp(-clip, clip)
    worst = torch.maximum((values - returns) ** 2, (held - returns) ** 2)
    return mean_over(worst, said) / 2
