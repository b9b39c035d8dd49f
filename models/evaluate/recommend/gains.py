"""What the lists were worth that weights are found with, kept so that a killed tuning goes on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from models.evaluate.ledger import Key, Ledger
from service.pipeline.parts import Recommender
from service.prompts.rank import VERSION as RANK_VERSION
from service.prompts.recommend import VERSION as PROMPT_VERSION

ROW: Final = "gain"


class GainForm:
    """Gains, as a ledger writes and reads them."""

    def plain(self, gain: float) -> dict[str, Any]:
        """Its fields, fit for JSON."""
        return {"gain": gain}

    def read(self, fields: dict[str, Any]) -> float:
        """The gain of the fields."""
        return float(fields["gain"])

    def stands(self, _gain: float) -> bool:
        """Every one: where a list cannot be made, tuning ends."""
        return True


@dataclass(frozen=True, slots=True)
class Gains:
    """Gains of lists, each under what the list was made of and what was asked."""

    ledger: Ledger[float]
    stamp: str

    @classmethod
    def of(cls, path: Path | None, parts: Recommender, made_of: str) -> Gains:
        """Those in a file, if one is named, of lists by these parts.

        `made_of` names what is not seen in the parts. What was asked, with which weight and k, and
        for which target, is part of each request.
        """
        model = parts.engine.model if parts.engine else ""
        told = f"{made_of} {model} {PROMPT_VERSION} {RANK_VERSION} {parts.policy}"
        return cls(Ledger(GainForm(), path), _digest(told))

    def get(self, asked: str) -> float | None:
        """What the list of a request was worth; None if that is not known."""
        return self.ledger.get(self._key(asked))

    def add(self, asked: str, gain: float) -> None:
        """Keep it, on disk at once."""
        self.ledger.add(self._key(asked), gain)

    def _key(self, asked: str) -> Key:
        return Key(ROW, self.stamp, _digest(asked))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]
