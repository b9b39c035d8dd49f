"""Eight 4-bit numbers in an int32, in the orders that checkpoints have them in."""

from __future__ import annotations

from typing import Final, TypeAlias

import torch

Order: TypeAlias = tuple[int, ...]
"""Which of eight neighbours stands in each four bits, the lowest bits first."""

STRAIGHT: Final[Order] = (0, 1, 2, 3, 4, 5, 6, 7)
INTERLEAVED: Final[Order] = (0, 2, 4, 6, 1, 3, 5, 7)
"""As AutoAWQ packs them, for its own kernels' sake."""

EACH: Final = 8
BITS: Final = 4
LARGEST: Final = 2**BITS - 1


def packed(numbers: torch.Tensor, order: Order) -> torch.Tensor:
    """Rows of numbers from 0 to 15, eight columns in each int32."""
    eights = numbers.to(torch.int32).reshape(*numbers.shape[:-1], -1, EACH)
    words = torch.zeros(eights.shape[:-1], dtype=torch.int32)
    for place, neighbour in enumerate(order):
        words |= eights[..., neighbour] << (BITS * place)
    return words


def unpacked(words: torch.Tensor, order: Order) -> torch.Tensor:
    """The numbers again, as bytes."""
    eights = torch.empty((*words.shape, EACH), dtype=torch.uint8)
    for place, neighbour in enumerate(order):
        eights[..., neighbour] = (words >> (BITS * place)) & LARGEST
    return eights.flatten(-2)
