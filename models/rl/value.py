"""The value head: what is still to come of an answer, by the last hidden state before a token."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from models.rl.losses import value_loss


class ValueHead(nn.Module):
    """A line through normalised hidden states; it says 0 until it has learnt."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dimension, elementwise_affine=False)
        self.line = nn.Linear(dimension, 1)
        nn.init.zeros_(self.line.weight)
        nn.init.zeros_(self.line.bias)

    def forward(self, states: Tensor) -> Tensor:
        """A value for each state."""
        values: Tensor = self.line(self.norm(states)).squeeze(-1)
        return values


def fit(  # noqa: PLR0913, PLR0917 - what is learnt by what, and how
    head: ValueHead,
    optimizer: torch.optim.Optimizer,
    states: Tensor,
    returns: Tensor,
    said: Tensor,
    steps: int,
    clip: float = math.inf,
) -> float:
    """Teach the head the returns of some answers; the loss after it.

    Hidden states are not taught: they cost a forward pass that was done already.
    """
    with torch.no_grad():
        before = head(states)
    for _ in range(steps):
        optimizer.zero_grad()
        value_loss(head(states), before, returns, said, clip).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    with torch.no_grad():
        return float(value_loss(head(states), before, returns, said, math.inf))
