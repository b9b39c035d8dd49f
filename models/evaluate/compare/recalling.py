"""A model that was measured to the end, taken from what is kept of it without opening it."""

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
from models.evaluate.compare.timing import conditions_of
from models.evaluate.compare.weights import weights_of
from models.evaluate.general.asking import Ability, Asking
from models.evaluate.ledger import Key, Ledger
from models.evaluate.outcomes import Outcome, OutcomeForm
from models.evaluate.recommend.listed import Listed
from models.evaluate.recommend.rows import Row
from models.evaluate.recommend.tasks import Posed
from models.evaluate.recommend.world import World
from models.evaluate.running import How
from models.steps.digest import digest_of
from service.errors import EngineFailed
from service.prompts.answer import answer_prompt
from service.prompts.choose import VERSION as CHOOSE_VERSION
from service.prompts.recommend import VERSION as PROMPT_VERSION
from service.question import Question
from service.question import Task as QuestionTask
from service.settings import Settings
from service.tuning import Tuning

APART: Final = frozenset({"models", "bases", "tokenizers", "vllm_options", "vllm_seconds"})
"""Choices that are not of every model: what matters of them is told by `weights_of`."""


def digest(  # noqa: PLR0913, PLR0917 - each is something that figures depend on
    candidate: Candidate,
    choices: CompareChoices,
    inputs: Inputs,
    world: World | None,
    settings: Settings,
    how: How,
) -> str | None:
    """Of all that a model's figures depend on; None where that cannot be seen from here."""
    if candidate.kind is Kind.ENDPOINT:
        return None
    told = [
        candidate.kind,
        weights_of(candidate, choices.vllm_options),
        # After the weights: of those in a folder torch knows by then, and with it the GPUs.
        conditions_of(candidate, settings, how),
        choices.model_dump(mode="json", exclude=set(APART)),
        None if world is None else _of_world(world),
        [each.digest for each in inputs.questions],
        [str(part) for part in (settings.answer, settings.recommend, settings.retrieval)],
        _prompts(),
        None if inputs.general is None else _asked(inputs.general),
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:24]


def tuned(world: World | None, model: str) -> str:
    """What the prior was found to weigh for a model: what lists of tuned weights depend on."""
    tuning = Tuning() if world is None else world.tuning
    return str([one for one in tuning.measured if one.model == model])


def kept(found: Measured, stamps: Mapping[str, str]) -> dict[str, Any]:
    """What is kept of a model, besides its lists and answers."""
    return {
        "stamps": dict(stamps),
        "model": found.model,
        "tuned": found.tuned,
        "labels": found.labels,
        "speeds": {row: speed.plain() for row, speed in found.speeds.items()},
        "room": asdict(found.room),
        "context": found.context,
        "general": {task: asdict(ability) for task, ability in found.general.items()},
    }


def recall(found: Measured, known: Mapping[str, Any]) -> None:
    """Put down what was kept so."""
    found.speeds = {row: Speed(**speed) for row, speed in known["speeds"].items()}
    found.room, found.context = Room(**known["room"]), known["context"]
    found.model, found.tuned, found.labels = known["model"], known["tuned"], known["labels"]
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


def _of_world(world: World) -> list[str]:
    """What all models' lists are made of; what is found for one of them is told by `tuned`."""
    return [world.made_of, str(world.tuning.blends), str(world.recommender.policy)]


def _prompts() -> list[str]:
    answers = [answer_prompt(Question(task, "any")).version for task in QuestionTask]
    return [PROMPT_VERSION, CHOOSE_VERSION, *answers]


def _asked(general: Asking) -> list[Any]:
    """All of it that changes a figure; how many prompts are read at a time does not."""
    return [digest_of(general.data), general.tasks, general.limit, general.chat]


async def _no_list(_posed: Posed) -> Listed:
    raise EngineFailed("it was kept as measured, and one of its lists is gone")
