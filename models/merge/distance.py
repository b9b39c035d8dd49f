"""How far the weights of models lie from each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from models.llm.tensors import Tensors
from models.steps.telling import Moment, Telling
from service.errors import BadInput


@dataclass(frozen=True, slots=True)
class Apart:
    """Of a child from a parent."""

    cosine: float
    """Mean over the tensors; 1 where they point the same way."""
    distance: float
    """Of all weights together, relative to the parent's; 0 where they are equal."""
    equal: int
    """Tensors that are the parent's to the bit."""
    tensors: int


def apart(child: Path, parent: Path, stage: str, telling: Telling) -> Apart:
    """Compare tensor by tensor; BadInput where a weight is not finite."""
    cosines, equal, moved, size = 0.0, 0, 0.0, 0.0
    with Tensors(child) as ours, Tensors(parent) as theirs:
        for count, name in enumerate(ours, start=1):
            a, b = ours[name].float().flatten(), theirs[name].float().flatten()
            if not torch.isfinite(a).all():
                raise BadInput(
                    f"{name} of the blend is not finite.",
                    hint="A weight of its parents is not: evaluate each of them first.",
                )
            moved += float((a - b).square().sum())
            size += float(b.square().sum())
            # Equal zeros, as fresh biases are, point the same way.
            same = torch.equal(a, b)
            equal += same
            cosines += 1.0 if same else float(torch.cosine_similarity(a, b, dim=0))
            telling(Moment(stage, count, len(ours)))
        total = len(ours)
    return Apart(cosines / total, (moved / size) ** 0.5 if size else moved**0.5, equal, total)
