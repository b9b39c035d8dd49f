"""What is asked of a model's general ability, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from models.evaluate.bootstrap import Estimate

TELLING: Final = tuple(map(re.compile, (r"acc$", r"exact_match.*strict", r"exact_match", r".*")))


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked of a model."""

    tasks: tuple[str, ...]
    data: Path
    """Folder of YAML files and what they read."""
    limit: int | None = None
    """Questions of each task at most."""
    chat: bool = False
    """Whether prompts are put into the model's chat template."""
    batch: int = 8


@dataclass(frozen=True, slots=True)
class Ability:
    """What a model reached in one task, by metric."""

    questions: int
    metrics: Mapping[str, Estimate]
    better: Mapping[str, int] = field(default_factory=dict)
    """By metric: 1 where more is, -1 where less is, 0 where nobody says."""

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> Ability:
        """What its plain fields make."""
        metrics = {name: Estimate(**of) for name, of in fields["metrics"].items()}
        return cls(int(fields["questions"]), metrics, dict(fields["better"]))

    @property
    def first(self) -> tuple[str, Estimate] | None:
        """The metric that stands for the task in a table: accuracy, or the strictest match."""
        for wanted in TELLING:
            for name, estimate in self.metrics.items():
                if wanted.match(name):
                    return name, estimate
        return None
