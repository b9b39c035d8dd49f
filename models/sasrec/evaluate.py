"""How well a net tells what comes next, measured with the code that serves it.

Every item that the net knows is ranked, save those of the history; a target that it does not
know, or a history of which it knows nothing, is a miss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from service.retrieval.sasrec_net import Net
from service.steering.arrays import FloatArray, IntArray

UNKNOWN: Final = -1
"""A target that the net does not know."""

_TOGETHER: Final = 64


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Items of the net: what was met, oldest first, and what came next."""

    history: IntArray
    target: int


def ranks(net: Net, cases: Sequence[Asked]) -> FloatArray:
    """The rank of each target, the best being 0; infinite for a miss.

    ValueError where the net's numbers run out of what can be told apart.
    """
    found = np.full(len(cases), np.inf)
    able = [n for n, case in enumerate(cases) if case.target != UNKNOWN and len(case.history)]
    for start in range(0, len(able), _TOGETHER):
        places = able[start : start + _TOGETHER]
        logits = _logits(net, [cases[place].history for place in places])
        for place, scores in zip(places, logits, strict=True):
            found[place] = _rank(scores, cases[place])
    return found


def hit_rate(found: FloatArray, k: int) -> float:
    """HR@k: the share of targets among the first k."""
    return float(np.mean(found < k))


def ndcg(found: FloatArray | IntArray, k: int) -> float:
    """NDCG@k of one target a list."""
    return float(gains(found, k).mean())


def gains(found: FloatArray | IntArray, k: int) -> FloatArray:
    """What each rank adds to it: less the later it is, nothing after the first k."""
    each: FloatArray = np.where(found < k, 1 / np.log2(found + 2), 0.0)
    return each


def _logits(net: Net, histories: Sequence[IntArray]) -> FloatArray:
    with np.errstate(over="ignore", invalid="ignore"):
        logits: FloatArray = net.read(histories) @ net.items.T
    if not np.isfinite(logits).all():
        raise ValueError("the net gives numbers that are not finite")
    return logits


def _rank(scores: FloatArray, case: Asked) -> int:
    target = scores[case.target]
    # An item that scores the same comes first if it stands first.
    ahead = (scores > target) | ((scores == target) & (np.arange(len(scores)) < case.target))
    ahead[case.history] = False
    return int(ahead.sum())
