"""What is kept of a comparison, so that the same command goes on where it was ended.

A folder: lists, answers, and a line for each model that was measured to the end, which is not even
opened again. Lists and answers of a model that was not are not asked for again either.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.evaluate.ledger import Journal, Key
from models.evaluate.outcomes import OutcomeForm
from models.evaluate.recommend.listed import ListedForm
from service.errors import BadInput


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
        """Every one: facts are kept only of a model that was measured to the end."""
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

    def refuse(self) -> None:
        """BadInput if the folder is none, or holds something else: better now than hours later."""
        if self.folder is not None and self.folder.exists() and not self.folder.is_dir():
            raise BadInput(f"{self.folder} is no folder.", hint="Name a folder with --keep.")
        Journal(ListedForm(), self.lists)
        Journal(OutcomeForm(), self.answers)
        self.models()

    def _file(self, name: str) -> Path | None:
        return None if self.folder is None else self.folder / name


def whole(name: str, digest: str) -> Key:
    """Under which a model is kept that was measured to the end."""
    return Key(name, "whole", digest)
