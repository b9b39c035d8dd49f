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

COLDEST: Final = 1e-5
"""Of temperatures: at this one the highest score is all there is."""

_NOTHING: Final = np.zeros(1)


def mask(
    logits: torch.Tensor,
    rows: Sequence[int],
    offers: Sequence[Offer],
    temperatures: Sequence[float] = (),
) -> None:
    """Leave in each row only what its offer allows, raised by what the prior adds. In place.

    Tokens are drawn at these temperatures afterwards; nothing is drawn where there are none.
    """
    places, tokens, bonus = _flat(rows, offers)
    device = logits.device
    index = torch.from_numpy(np.stack([places, tokens])).to(device, non_blocking=True)
    added = torch.from_numpy(bonus).to(device, logits.dtype, non_blocking=True)
    steered = torch.tensor(rows, dtype=torch.int64).to(device, non_blocking=True)
    at = (index[0], index[1])
    said = _sayings(logits[at], index[0], len(logits))
    scores = said + added
    if (sides := _sides(offers)) is not None:
        others, closing = (torch.from_numpy(each).to(device, non_blocking=True) for each in sides)
        warmth = torch.zeros(len(logits), dtype=torch.float32)
        warmth[list(rows)] = torch.tensor(temperatures or [0.0] * len(rows))
        warmth = warmth.clamp(COLDEST).to(device, non_blocking=True)
        # As `Choices.scores` has it.
        before = _together(said[others].float(), index[0][others], warmth)
        after = _together(scores[others].float(), index[0][others], warmth)
        toll = torch.where(torch.isfinite(after), after - before, 0.0)
        scores.index_add_(0, closing, toll[index[0][closing]].to(scores.dtype))
    logits.index_fill_(0, steered, -math.inf)
    logits.index_put_(at, scores)


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


def _sides(offers: Sequence[Offer]) -> tuple[IntArray, IntArray] | None:
    """Where in `_flat` the tokens stand that lead to no end, beside such as do, and where these.

    None where there are none of them.
    """
    if all(isinstance(each, int) or each.closing is None for each in offers):
        return None
    sides = np.concatenate([_side(each) for each in offers])
    return np.flatnonzero(sides < 0), np.flatnonzero(sides > 0)


def _side(offer: Offer) -> IntArray:
    """Of each token 1 if it leads to an end, -1 if others do, 0 where none does."""
    if isinstance(offer, int):
        return np.zeros(1, dtype=np.int8)
    if offer.closing is None:
        return np.zeros(len(offer.tokens), dtype=np.int8)
    return np.where(offer.closing, 1, -1)


def _together(scores: torch.Tensor, places: torch.Tensor, warmth: torch.Tensor) -> torch.Tensor:
    """For each row of the batch what some of its scores come to."""
    highest = torch.full_like(warmth, -math.inf).scatter_reduce_(0, places, scores, "amax")
    shares = ((scores - highest[places]) / warmth[places]).exp()
    drawn = highest + warmth * torch.zeros_like(warmth).index_add_(0, places, shares).log()
    return torch.where(warmth > COLDEST, drawn, highest)


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
