"""What is kept of a comparison, so that the same command goes on where it was ended.

A folder: lists, answers, and a line for each model that was measured to the end, which is not even
opened again. Lists and answers of a model that was not are not asked for again either; how fast
they came and how much memory that took is kept as they come.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fcntl import LOCK_NB
from pathlib import Path
from typing import Any

from models.evaluate.ledger import Journal, Key
from models.evaluate.outcomes import OutcomeForm
from models.evaluate.recommend.listed import ListedForm
from service.errors import BadInput
from service.versions import holding


class FactsForm:
    """Facts of a model, as a ledger writes and reads them."""

    def plain(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Under one name."""
        return {"facts": facts}

    def read(self, fields: dict[str, Any]) -> dict[str, Any]:
        """What stands under it."""
        facts = fields["facts"]
        if not isinstance(facts, dict):
            raise TypeError("these are no facts")
        return facts

    def stands(self, _facts: dict[str, Any]) -> bool:
        """Every one: what went wrong leaves no facts."""
        return True


@dataclass(frozen=True, slots=True)
class Keeping:
    """Files in a folder, or none."""

    folder: Path | None = None

    @property
    def lists(self) -> Path | None:
        """Where lists are kept."""
        return self._file("lists.jsonl")

    @property
    def answers(self) -> Path | None:
        """Where answers are kept."""
        return self._file("answers.jsonl")

    def models(self) -> Journal[dict[str, Any]]:
        """What is known of whole models."""
        return Journal(FactsForm(), self._file("models.jsonl"))

    def speeds(self) -> Journal[dict[str, Any]]:
        """How fast rows have been so far."""
        return Journal(FactsForm(), self._file("speeds.jsonl"))

    def refuse(self) -> None:
        """BadInput if the folder is none, or holds something else: better now than hours later."""
        if self.folder is not None and self.folder.exists() and not self.folder.is_dir():
            raise BadInput(f"{self.folder} is no folder.", hint="Name a folder with --keep.")
        Journal(ListedForm(), self.lists)
        Journal(OutcomeForm(), self.answers)
        self.models()
        self.speeds()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else writes into the folder: two would cut off each other's lines."""
        if self.folder is None:
            yield
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as held:
            try:
                held.enter_context(holding(self.folder, LOCK_NB))
            except BlockingIOError as error:
                raise BadInput(
                    f"Another comparison keeps what it measures in {self.folder}.",
                    hint="Wait for it to end, or name another folder with --keep.",
                ) from error
            yield

    def _file(self, name: str) -> Path | None:
        return None if self.folder is None else self.folder / name


def room(name: str, digest: str) -> Key:
    """Under which the memory of a model is kept, also if it was not measured to the end."""
    return Key(name, "room", digest)


def whole(name: str, digest: str) -> Key:
    """Under which a model is kept that was measured to the end."""
    return Key(name, "whole", digest)
