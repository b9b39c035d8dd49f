"""What a training goes on from: its last checkpoints, each in a folder that tells if it is whole.

A folder counts from when its manifest is written, last, and for as long as its files are as the
manifest says. What a kill or a full disk left of one is passed over for the one before.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from torch import nn
from transformers import TrainerState
from transformers.trainer import TRAINER_STATE_NAME

from models.steps.state import read_state, write_state
from service.errors import DamagedArtifact
from service.modelfolder import read_manifest, write_manifest

STATE_FILE: Final = "state.pt"
KEPT: Final = 2
_PREFIX: Final = "step-"


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """Those of one training, in a folder of theirs."""

    root: Path

    def newest(self) -> Path | None:
        """The last one that is whole."""
        whole = (folder for folder in self._all() if _is_whole(folder))
        return next(whole, None)

    def write(
        self, step: int, state: dict[str, Any], more: Callable[[Path], None] | None = None
    ) -> Path:
        """Keep a state, and what `more` writes; OSError, with those before intact, if it cannot."""
        folder = self.root / f"{_PREFIX}{step:08d}"
        shutil.rmtree(folder, ignore_errors=True)  # damaged, or it would have been gone on from
        try:
            folder.mkdir(parents=True)
            write_state(folder / STATE_FILE, state)
            if more is not None:
                more(folder)
            write_manifest(folder, {"step": step})
        except OSError:
            # What is there of it takes the room that the next attempt needs.
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self._sweep()
        return folder

    def _all(self) -> list[Path]:
        """The last one first."""
        return sorted(self.root.glob(f"{_PREFIX}*"), reverse=True)

    def _sweep(self) -> None:
        for old in self._all()[KEPT:]:
            shutil.rmtree(old, ignore_errors=True)


class Ours:
    """For a trainer of transformers, before it in line: goes on from these, and writes to them."""

    state: TrainerState

    def stand_at(self, folder: Path) -> None:
        """Have the weights of a checkpoint."""
        raise NotImplementedError

    def write_own(self, folder: Path) -> None:
        """What the trainer itself reads to know at which step it goes on."""
        self.state.save_to_json(str(folder / TRAINER_STATE_NAME))

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:  # noqa: ARG002
        self.stand_at(Path(resume_from_checkpoint))


def in_float32(model: nn.Module) -> None:
    """Have what is trained in float32.

    trl makes an adapter on nf4 bfloat16, in which small steps come to nothing.
    """
    for one in model.parameters():
        if one.requires_grad:
            one.data = one.data.float()


def state_in(folder: Path) -> dict[str, Any]:
    """The state of a checkpoint that is whole."""
    state = read_state(folder / STATE_FILE)
    if state is None:
        raise DamagedArtifact(f"{folder / STATE_FILE} cannot be read")
    return state


def _is_whole(folder: Path) -> bool:
    try:
        read_manifest(folder)
    except DamagedArtifact:
        return False
    return True
