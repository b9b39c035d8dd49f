"""How much better each token was than expected."""

from __future__ import annotations

import torch
from torch import Tensor


def gae(
    rewards: Tensor, values: Tensor, said: Tensor, gamma: float, decay: float
) -> tuple[Tensor, Tensor]:
    """Generalised advantage estimates, and the returns that values should have foretold.

    An answer is over after its last token, whether it ended itself or was cut short; both are 0
    where nothing was said.
    """
    rewards, values = rewards * said, values * said
    advantages = torch.zeros_like(rewards)
    after = torch.zeros_like(rewards[:, 0])
    value_after = torch.zeros_like(after)
    for place in reversed(range(rewards.shape[1])):
        surprise = rewards[:, place] + gamma * value_after - values[:, place]
        after = (surprise + gamma * decay * after) * said[:, place]
        advantages[:, place] = after
        value_after = values[:, place]
    return advantages, advantages + values


def whitened(values: Tensor, said: Tensor) -> Tensor:
    """With mean 0 and spread 1 over what was said; 0 elsewhere."""
    there = values[said]
    spread = there.std(correction=0)
    return (values - there.mean()) / (spread + 1e-8) * said


def mean_over(values: Tensor, said: Tensor) -> Tensor:
    """The mean over what was said."""
    return (values * said).sum() / said.sum().clamp(min=1)
