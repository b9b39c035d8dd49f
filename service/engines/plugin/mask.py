"""Offers as an edit of a batch's logits: a few tensor operations for however many requests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import torch

from service.engines.plugin.steered import Offer
from service.steering.arrays import FloatArray, IntArray

LARGEST: Final = 1e30
"""Of a logit, and below nought of what a prior adds: a number after temperature and penalty too."""

_NOTHING: Final = np.zeros(1)


def mask(logits: torch.Tensor, rows: Sequence[int], offers: Sequence[Offer]) -> None:
    """Leave in each row only what its offer allows, raised by what the prior adds. In place."""
    places, tokens, bonus = _flat(rows, offers)
    device = logits.device
    index = torch.from_numpy(np.stack([places, tokens])).to(device, non_blocking=True)
    added = torch.from_numpy(bonus).to(device, logits.dtype, non_blocking=True)
    steered = torch.tensor(rows, dtype=torch.int64).to(device, non_blocking=True)
    at = (index[0], index[1])
    said = _sayings(logits[at], index[0], len(logits))
    logits.index_fill_(0, steered, -math.inf)
    logits.index_put_(at, said + added)


def _flat(rows: Sequence[int], offers: Sequence[Offer]) -> tuple[IntArray, IntArray, FloatArray]:
    """The place, token and bonus of everything that is allowed, end to end."""
    tokens = [np.array([each]) if isinstance(each, int) else each.tokens for each in offers]
    bonus = [_NOTHING if isinstance(each, int) else each.bonus for each in offers]
    places = np.repeat(np.asarray(rows, dtype=np.int64), [len(allowed) for allowed in tokens])
    return (
        places,
        np.concatenate(tokens, dtype=np.int64),
        np.clip(np.concatenate(bonus), -LARGEST, 0),
    )


def _sayings(said: torch.Tensor, places: torch.Tensor, rows: int) -> torch.Tensor:
    """What the model says of the allowed tokens, made usable.

    Where it gives no number, any other token wins; where it gives none at all, it has no opinion.
    No value is looked at from the host, so nothing waits for the device.
    """
    usable = torch.isfinite(said)
    counts = torch.zeros(rows, dtype=said.dtype, device=said.device)
    counts.index_add_(0, places, usable.to(said.dtype))
    otherwise = torch.where(counts[places] > 0, -math.inf, 0.0).to(said.dtype)
    return torch.where(usable, said.clamp(-LARGEST, LARGEST), otherwise)
