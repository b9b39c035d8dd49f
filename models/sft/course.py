"""How a training has gone so far, and which of its steps was the best."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from models.sft.choices import LESS, LOSS
from service.errors import BadInput


@dataclass(slots=True)
class Course:
    """Figures by step; kept with every checkpoint, so that they go on too."""

    best_by: str = LOSS
    patience: int = 3
    losses: list[float] = field(default_factory=list)
    """Of each step, before it was taken."""
    judgements: dict[int, dict[str, float]] = field(default_factory=dict)
    """By the number of steps taken."""
    tokens: int = 0
    """Read so far, those of prompts included."""
    seconds: float = 0.0
    """In steps alone."""

    @property
    def step(self) -> int:
        """How many were taken."""
        return len(self.losses)

    @property
    def best(self) -> int | None:
        """The step that was judged best, the first of several; None if none was judged."""
        if not self.judgements:
            return None
        return max(self.judgements, key=lambda step: (self._worth(step), -step))

    @property
    def over(self) -> bool:
        """Whether patience has ended it."""
        return self.best is not None and self._since(self.best) >= self.patience

    def learnt(self, loss: float, norm: float, tokens: int) -> None:
        """Note a step; BadInput if there is nothing left to learn with."""
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise BadInput(
                f"The training diverged in step {self.step + 1}: loss or gradient is no number.",
                hint="Lower learning_rate. The checkpoints before are as they were.",
            )
        self.losses.append(loss)
        self.tokens = tokens

    def judged(self, figures: Mapping[str, float]) -> bool:
        """Note what a step is worth; whether it is the best so far."""
        if self.best_by not in figures:
            raise BadInput(
                f"Nothing gives the figure {self.best_by!r} that the best is kept by.",
                hint=f"There are {', '.join(figures)}.",
            )
        if not math.isfinite(figures[self.best_by]):
            raise BadInput(
                f"After step {self.step} {self.best_by} is no number: the training diverged.",
                hint="Lower learning_rate. The checkpoints before are as they were.",
            )
        self.judgements[self.step] = dict(figures)
        return self.best == self.step

    def state(self) -> dict[str, Any]:
        """All of it, for a checkpoint."""
        return asdict(self)

    def figures(self) -> dict[str, Any]:
        """What is told of it beside the adapter; judgements by step."""
        best = self.best
        return {
            "steps": self.step,
            "best_step": self.step if best is None else best,
            "ended_by": "patience" if self.over else "steps",
            "losses": [round(loss, 5) for loss in self.losses],
            "first_loss": round(self.losses[0], 5),
            "last_loss": round(self.losses[-1], 5),
            "judgements": {str(step): found for step, found in self.judgements.items()},
            "best": {} if best is None else self.judgements[best],
            "final": self.judgements.get(self.step, {}),
            "tokens": self.tokens,
            "seconds_a_step": round(self.seconds / self.step, 4),
        }

    def _worth(self, step: int) -> float:
        figure = self.judgements[step][self.best_by]
        return -figure if self.best_by.split(" ")[-1] in LESS else figure

    def _since(self, best: int) -> int:
        return sum(step > best for step in self.judgements)
