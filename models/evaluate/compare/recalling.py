"""A model that was measured to the end, taken from what is kept of it without opening it."""
# ruff: noqa: PLC0415 - torch is slow to import, and needed only where a model lies in a folder

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from models.evaluate.answer import Run
from models.evaluate.compare.candidates import Candidate, Kind
from models.evaluate.compare.choices import CompareChoices, row_of
from models.evaluate.compare.findings import Inputs, Measured
from models.evaluate.compare.keeping import Keeping
from models.evaluate.compare.memory import Room
from models.evaluate.compare.meter import Speed
from models.evaluate.general.asking import Ability, Asking
from models.evaluate.ledger import Key, Ledger
from models.evaluate.machine import machine
from models.evaluate.outcomes import Outcome, OutcomeForm
from models.evaluate.recommend.listed import Listed
from models.evaluate.recommend.rows import Row
from models.evaluate.recommend.tasks import Posed
from models.evaluate.recommend.world import World
from models.steps.digest import digest_of
from service.engines.local.convert import NAME
from service.errors import EngineFailed
from service.settings import Settings

NAMED: Final = frozenset({Kind.FOLDER, Kind.EMBEDDED})
"""Kinds whose engine's name says which weights it has."""

APART: Final = frozenset({"models", "bases", "tokenizers", "vllm_options", "vllm_seconds"})
"""Choices that are not of every model: what matters of them is told by `weights_of`."""


def digest(
    candidate: Candidate,
    choices: CompareChoices,
    inputs: Inputs,
    world: World | None,
    settings: Settings,
) -> str | None:
    """Of all that a model's figures depend on; None where that cannot be seen from here."""
    if candidate.kind is Kind.ENDPOINT:
        return None
    told = [
        candidate.kind,
        weights_of(candidate, choices),
        # After the weights: of those in a folder torch knows by then, and with it the GPUs.
        machine(),
        choices.model_dump(mode="json", exclude=set(APART)),
        None if world is None else [world.made_of, str(world.tuning)],
        [each.digest for each in inputs.questions],
        str(settings.answer),
        None if inputs.general is None else _asked(inputs.general),
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:24]


def mark_of(candidate: Candidate, choices: CompareChoices) -> str:
    """What the stamps of its rows have to say besides its engine's name."""
    return "" if candidate.kind in NAMED else f" {weights_of(candidate, choices)}"


def weights_of(candidate: Candidate, choices: CompareChoices) -> str:
    """What sets a model's weights apart, and how a vLLM was told to read them."""
    if candidate.folder is None:
        return candidate.url or NAME
    from models.llm.adapters import parent_of
    from models.llm.checkpoint import is_adapter

    folders = [candidate.folder]
    if is_adapter(candidate.folder):
        folders.append(parent_of(candidate.folder, candidate.base).folder)
    options = choices.vllm_options if candidate.kind is Kind.SERVED else ()
    return " ".join([*map(digest_of, folders), *options])


def kept(found: Measured, stamps: Mapping[str, str]) -> dict[str, Any]:
    """What is kept of a model, besides its lists and answers."""
    return {
        "stamps": dict(stamps),
        "speeds": {row: speed.plain() for row, speed in found.speeds.items()},
        "room": asdict(found.room),
        "context": found.context,
        "general": {task: asdict(ability) for task, ability in found.general.items()},
    }


def recall(found: Measured, known: Mapping[str, Any]) -> None:
    """Put down what was kept so."""
    found.speeds = {row: Speed(**speed) for row, speed in known["speeds"].items()}
    found.room, found.context = Room(**known["room"]), known["context"]
    found.general = {task: Ability.read(fields) for task, fields in known["general"].items()}


def rows_kept(
    choices: CompareChoices, candidate: Candidate, stamps: Mapping[str, str]
) -> list[Row]:
    """Rows whose lists are all kept: one that is gone is a failure."""
    titles = (row_of(candidate.name, road) for road in choices.rows)
    return [Row(title, _no_list, stamps[f"lists {title}"]) for title in titles]


def answers_kept(
    choices: CompareChoices,
    inputs: Inputs,
    keeping: Keeping,
    candidate: Candidate,
    stamps: Mapping[str, str],
) -> Run | None:
    """Answers as they are kept, those cut short among them; None if one is gone or failed."""
    ledger = Ledger(OutcomeForm(), keeping.answers)
    run: dict[str, list[Outcome]] = {}
    for road in choices.rows if inputs.questions else ():
        title = row_of(candidate.name, road)
        stamp = stamps[f"answers {title}"]
        there = [ledger.find(Key(title, stamp, each.digest)) for each in inputs.questions]
        run[title] = [each for each in there if each is not None and each.failure is None]
        if len(run[title]) < len(inputs.questions):
            return None
    return run


def _asked(general: Asking) -> list[Any]:
    """All of it that changes a figure; how many prompts are read at a time does not."""
    return [digest_of(general.data), general.tasks, general.limit, general.chat]


async def _no_list(_posed: Posed) -> Listed:
    raise EngineFailed("it was kept as measured, and one of its lists is gone")
