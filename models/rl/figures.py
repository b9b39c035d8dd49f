"""What an iteration found out, as told while it goes and kept in the manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from models.rl.judging import Judged
from models.steps.telling import Moment

Iteration: TypeAlias = dict[str, float]
"""By name: means over the answers of an iteration."""


def figures_of(
    judged: Sequence[Judged], lengths: Sequence[int], others: Mapping[str, float]
) -> Iteration:
    """Rewards, the share of legal lines among all that are there or lack, tokens, and others."""
    found = [one.rewards for one in judged]
    return {
        "reward": float(np.mean([one.total for one in found])),
        "lines": float(np.mean([sum(one.lines) for one in found])),
        "list": float(np.mean([one.whole for one in found])),
        "legal": sum(one.legal for one in found) / sum(len(one.lines) for one in found),
        "length": float(np.mean(lengths)),
        **others,
    }


def moment_of(stage: str, done: Sequence[Iteration], total: int) -> Moment:
    """How far it has come, with the figures that tell most of the last iteration.

    trl finds out no KL where that costs nothing.
    """
    last = done[-1] if done else {}
    told: Iteration = {name: last[name] for name in ("reward", "legal", "kl") if name in last}
    return Moment(stage, len(done), total, told)


def risen(iterations: Sequence[Iteration], name: str = "reward") -> tuple[float, float]:
    """A figure's mean over the first and over the last quarter of the iterations."""
    quarter = max(1, len(iterations) // 4)
    every = [one[name] for one in iterations]
    return float(np.mean(every[:quarter])), float(np.mean(every[-quarter:]))
