"""Speeds that outlast the run: kept call by call, under what the row is made of and where it ran.

Lists that were made before a run was ended are not made again; what they took is known of here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from models.evaluate.compare.candidates import Candidate, Kind
from models.evaluate.compare.meter import Meter, Speed
from models.evaluate.ledger import Journal, Key
from models.evaluate.machine import machine
from models.evaluate.running import How
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Timing:
    """The meters of one model's rows of one kind, be it lists or answers."""

    journal: Journal[dict[str, Any]]
    conditions: str
    """What besides the row makes it fast or slow."""
    meters: dict[str, Meter] = field(default_factory=dict)

    def meter(self, title: str) -> Meter:
        """The one of a row."""
        return self.meters.setdefault(title, Meter())

    def begun(self, title: str, stamp: str) -> None:
        """What a row is made of: with that its meter goes on, and is kept."""
        key, meter = Key(title, stamp, self.conditions), self.meter(title)
        known = self.journal.find(key)
        meter.speed = Speed() if known is None else Speed(**known)
        meter.keep = lambda speed: self.journal.add(key, speed.plain())

    @property
    def speeds(self) -> dict[str, Speed]:
        """Of the rows that have called the model."""
        return {title: meter.speed for title, meter in self.meters.items() if meter.speed.calls}


def conditions_of(candidate: Candidate, settings: Settings, how: How) -> str:
    """The machine, and how much of it there is for one list."""
    engine, gpus = settings.engine, candidate.kind in {Kind.FOLDER, Kind.SERVED}
    room = f"{engine.threads} threads, {engine.context} tokens"
    return f"{machine(gpus=gpus)}, {how.concurrency} at a time, {room}"
