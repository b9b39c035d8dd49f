"""Where a training that was ended goes on: its state after the last epoch that was complete.

What is drawn at random depends on the seed and the epoch alone, so there is nothing of it to keep.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from models.sasrec.config import Config
from models.sasrec.evaluate import Asked
from models.steps.state import read_state, write_state
from service.retrieval.ranker_publish import unwritable
from service.steering.arrays import IntArray

FORMAT: Final = 1
_PREFIX: Final = ".training-"
_KEPT_S: Final = 7 * 24 * 3600
_MAY_CHANGE: Final = {"patience", "threads"}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A file for the state of one training, by what it learns from and how."""

    path: Path

    @classmethod
    def of(
        cls, root: Path, sequences: Sequence[IntArray], cases: Sequence[Asked], config: Config
    ) -> Checkpoint:
        """The file in a folder for rankers; another one for other data or another way."""
        # How many epochs there will be matters to none of them, unless the learning rate falls.
        free = _MAY_CHANGE if config.last_rate < 1 else _MAY_CHANGE | {"epochs"}
        chosen = {name: one for name, one in asdict(config).items() if name not in free}
        digest = hashlib.sha256(json.dumps([FORMAT, chosen], sort_keys=True).encode())
        for row in (*sequences, *(np.append(case.history, case.target) for case in cases)):
            digest.update(np.int64(len(row)).tobytes())
            digest.update(row.astype(np.int64).tobytes())
        return cls(root / f"{_PREFIX}{digest.hexdigest()[:12]}.pt")

    def read(self) -> dict[str, Any] | None:
        """What was kept; None if there is nothing, or it cannot be read."""
        return read_state(self.path)

    def write(self, state: dict[str, Any]) -> None:
        """Keep a state, instead of the one before; BadCatalogue where there is no writing."""
        try:
            write_state(self.path, state)
        except OSError as error:
            raise unwritable(self.path.parent, error) from error

    def done(self) -> None:
        """Remove it, and what trainings left long ago that nobody went on with."""
        self.path.unlink(missing_ok=True)
        for left in self.path.parent.glob(f"{_PREFIX}*"):
            with suppress(FileNotFoundError):  # another training has just ended too
                if time.time() - left.stat().st_mtime > _KEPT_S:
                    left.unlink()
