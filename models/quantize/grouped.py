"""A matrix in 4 bits: small numbers, and for each group of a row's weights a scale and a zero."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True, slots=True)
class Grouped:
    """One matrix, outputs by inputs, in whatever layout its file has it."""

    numbers: torch.Tensor
    """From 0 to 15; outputs by inputs."""
    zeros: torch.Tensor
    """The number that means zero; outputs by groups."""
    scales: torch.Tensor
    """What one step is worth; outputs by groups."""

    def plain(self, dtype: torch.dtype) -> torch.Tensor:
        """The weights that it stands for, computed in full and then rounded once."""
        groups = self.numbers.reshape(*self.scales.shape, -1).float()
        steps = groups - self.zeros.float().unsqueeze(-1)
        return (steps * self.scales.float().unsqueeze(-1)).flatten(1).to(dtype)
