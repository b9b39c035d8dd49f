"""All models, one after another: each is opened, asked, closed; what came of it stays."""
# ruff: noqa: PLC0415 - torch is slow to import, and needed only where a model is in this process

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from models.data.split import Case, Split, sampled
from models.evaluate.answer import Run, run_rows
from models.evaluate.compare.asking import answer_rows, list_rows
from models.evaluate.compare.choices import CompareChoices, row_of
from models.evaluate.compare.keeping import Keeping, whole
from models.evaluate.compare.memory import Room
from models.evaluate.compare.meter import Speed
from models.evaluate.compare.opening import Opened, Opener
from models.evaluate.compare.sharing import Worlds
from models.evaluate.compare.where import Candidate, Kind
from models.evaluate.general.asking import Ability, Asking
from models.evaluate.ledger import Key, Ledger
from models.evaluate.outcomes import Outcome, OutcomeForm
from models.evaluate.questions import Asked
from models.evaluate.recommend.answers import Posing, answered
from models.evaluate.recommend.learning import tuning_of
from models.evaluate.recommend.listed import Listed
from models.evaluate.recommend.rows import Roads, Row, RowName
from models.evaluate.recommend.summary import Answers, Lot
from models.evaluate.recommend.tasks import Posed, Task
from models.evaluate.recommend.world import Making, World
from models.evaluate.rows import Row as AnswerRow
from models.evaluate.running import How
from models.steps.digest import digest_of
from service.engines.local.convert import NAME
from service.errors import EngineFailed, ListwrightError
from service.ports import Engine
from service.retrieval.ranker import ranker_root
from service.tuning import Tuning
from service.wiring_warmup import warm_up

TASKS = (
    Task.SEQUENTIAL,
    Task.INCLUDE,
    Task.EXCLUDE,
    Task.AT_MOST,
    Task.AT_LEAST,
    Task.ABOUT,
)
"""What models are compared by: accuracy, and every control."""

REFERENCE = (RowName.SASREC, RowName.FILTERED)
"""Rows of no model: what the others are to be held against."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What models are asked."""

    split: Split | None = None
    questions: tuple[Asked, ...] = ()
    work: Path | None = None
    general: Asking | None = None
    """Tasks of lm-evaluation-harness, for models in folders."""


@dataclass(slots=True)
class Measured:
    """What came of one model."""

    candidate: Candidate
    lot: Lot | None = None
    run: Run = field(default_factory=dict)
    speeds: dict[str, Speed] = field(default_factory=dict)
    room: Room = field(default_factory=Room)
    context: int | None = None
    general: dict[str, Ability] = field(default_factory=dict)
    failure: str | None = None


@dataclass(slots=True)
class Findings:
    """What came of all."""

    models: list[Measured] = field(default_factory=list)
    reference: Lot | None = None
    rows: list[Row] = field(default_factory=list)
    """Of lists, the reference's first."""
    measured: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that it takes to measure models alike."""

    opener: Opener
    choices: CompareChoices
    inputs: Inputs
    keeping: Keeping
    how: How

    async def measured(self, candidates: Sequence[Candidate]) -> Findings:
        """Every model; one that fails says so in its place. BadInput before the first one opens."""
        worlds = {one.name: self.opener.checked(one) for one in candidates}
        for candidate in candidates:
            await self.opener.refuse_away(candidate)
        self.keeping.refuse()
        findings = Findings()
        async with AsyncExitStack() as stack:
            shared = self._worlds(stack)
            for candidate in candidates:
                world = None if shared is None else await shared.world(worlds[candidate.name])
                if world is not None and findings.reference is None:
                    await self._reference(world, findings)
                findings.models.append(await self._tried(candidate, world, findings))
        return findings

    def told(self, findings: Findings) -> dict[str, str]:
        """What the figures are of, for whoever reads them elsewhere."""
        choices, asked = self.choices, len(self.inputs.questions)
        weight = self.opener.settings.recommend.prior_weight
        told = findings.measured | (
            {
                "k": str(choices.k),
                "users asked about": str(choices.users or "all"),
                "seed": str(choices.seed),
                "prior's weight in lists": f"found with {choices.tune_users} users for each model"
                if choices.tune_users
                else f"{weight:g} for all",
                "tasks left out": "; ".join(findings.left_out) or "none",
            }
            if findings.measured
            else {}
        )
        return told | {
            **({"questions": str(asked)} if asked else {}),
            "at a time": str(self.how.concurrency),
            "machine": f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores",
        }

    def _worlds(self, stack: AsyncExitStack) -> Worlds | None:
        if self.inputs.split is None:
            return None
        making = Making(self.inputs.work)
        return Worlds(self.inputs.split, making, self.how.report, stack)

    async def _reference(self, world: World, findings: Findings) -> None:
        """The rows that no model has a say in, made once."""
        roads = Roads(replace(world.recommender, engine=None), world.tuning, world.made_of)
        rows = [roads.row(name) for name in REFERENCE if roads.lacking(name) is None]
        findings.rows += rows
        findings.measured |= _facts(world)
        if rows:
            findings.reference, _ = await self._lists(world, rows)

    async def _tried(
        self, candidate: Candidate, world: World | None, findings: Findings
    ) -> Measured:
        found = Measured(candidate)
        try:
            await self._measure(found, world, findings)
        except Exception as error:  # noqa: BLE001 - told in its row, and the next model is measured
            said = error.message if isinstance(error, ListwrightError) else str(error)
            found.failure = said or type(error).__name__
        return found

    async def _measure(self, found: Measured, world: World | None, findings: Findings) -> None:
        journal, digest = self.keeping.models(), self._digest(found.candidate, world)
        known = journal.get(whole(found.candidate.name, digest)) if digest else None
        answers = None if known is None else self._answers_kept(found.candidate, known["stamps"])
        if known is not None and answers is not None:
            found.run = answers
            await self._recalled(found, world, findings, known)
            return
        catalogues = None if world is None else world.catalogue.folder.resolve().parent
        async with self.opener.opened(found.candidate, catalogues) as opened:
            stamps = await self._asked(found, opened, world, findings)
            found.room, found.context = self.opener.room(found.candidate, opened), opened.context
        found.general = self._general(found.candidate)
        if digest and not _failed(found):
            journal.add(whole(found.candidate.name, digest), _kept(found, stamps))

    def _general(self, candidate: Candidate) -> dict[str, Ability]:
        """By the harness, which loads the model itself; an endpoint's is not measured."""
        if self.inputs.general is None or candidate.kind is not Kind.FOLDER:
            return {}
        assert candidate.folder is not None  # noqa: S101 - so it was made
        from models.evaluate.general.ability import ability_of

        return ability_of(candidate.folder, candidate.base, self.inputs.general)

    async def _asked(
        self, found: Measured, opened: Opened, world: World | None, findings: Findings
    ) -> dict[str, str]:
        """Lists and answers; what each row is made of."""
        name, roads = found.candidate.name, self.choices.rows
        mark = "" if found.candidate.kind in _NAMED else f" {_of(found.candidate)}"
        stamps: dict[str, str] = {}
        if world is not None:
            world = replace(world, tuning=await self._tuning(world, opened.engine))
            rows = [
                replace(row, stamp=row.stamp + mark)
                for row in list_rows(world, opened.engine, name, roads, found.speeds)
            ]
            await self._listed(found, world, findings, rows)
            stamps |= {f"lists {row.name}": row.stamp for row in rows}
        if self.inputs.questions:
            parts, speeds = opened.answerer, dict[str, Speed]()
            answers = [
                replace(row, stamp=row.stamp + mark)
                for row in answer_rows(parts, opened.engine, name, roads, speeds)
            ]
            found.run = await self._run(answers)
            stamps |= {f"answers {row.name}": row.stamp for row in answers}
            found.speeds = speeds | found.speeds
        return stamps

    async def _recalled(
        self, found: Measured, world: World | None, findings: Findings, known: Mapping[str, Any]
    ) -> None:
        """What is kept of a model that was measured to the end, without opening it."""
        titles = [row_of(found.candidate.name, road) for road in self.choices.rows]
        stamps = known["stamps"]
        if world is not None:
            rows = [Row(title, _no_list, stamps[f"lists {title}"]) for title in titles]
            await self._listed(found, world, findings, rows)
        found.speeds = {row: Speed(**speed) for row, speed in known["speeds"].items()}
        found.room, found.context = Room(**known["room"]), known["context"]
        found.general = {task: Ability.read(fields) for task, fields in known["general"].items()}

    def _answers_kept(self, candidate: Candidate, stamps: Mapping[str, str]) -> Run | None:
        """Answers as they are kept, those cut short among them; None if one is gone or failed."""
        ledger = Ledger(OutcomeForm(), self.keeping.answers)
        asked = self.inputs.questions
        run: dict[str, list[Outcome]] = {}
        for road in self.choices.rows if asked else ():
            title = row_of(candidate.name, road)
            stamp = stamps[f"answers {title}"]
            there = [ledger.find(Key(title, stamp, each.digest)) for each in asked]
            run[title] = [each for each in there if each is not None and each.failure is None]
            if len(run[title]) < len(asked):
                return None
        return run

    async def _listed(
        self, found: Measured, world: World, findings: Findings, rows: Sequence[Row]
    ) -> None:
        found.lot, findings.left_out = await self._lists(world, rows)
        findings.rows += rows

    async def _lists(self, world: World, rows: Sequence[Row]) -> tuple[Lot, list[str]]:
        posing = Posing(self.choices.k, TASKS, self.choices.seed)
        how = replace(self.how, keep=self.keeping.lists)
        return await answered(world, posing, rows, self._cases(world), how)

    async def _run(self, rows: Sequence[AnswerRow]) -> Run:
        how = replace(self.how, keep=self.keeping.answers)
        return await run_rows(self.inputs.questions, rows, how)

    def _cases(self, world: World) -> Sequence[Case]:
        return sampled(world.split.test, self.choices.users, self.choices.seed)

    async def _tuning(self, world: World, engine: Engine) -> Tuning:
        """What the prior weighs for this model."""
        recommender = replace(world.recommender, engine=engine)
        await warm_up(engine, recommender)
        if not self.choices.tune_users or world.ranker is None:
            return world.tuning
        root = ranker_root(world.catalogue.folder)
        users, report = self.choices.tune_users, self.how.report
        return await tuning_of(recommender, world.split, root, users, report, world.made_of)

    def _digest(self, candidate: Candidate, world: World | None) -> str | None:
        """Of all that a model's figures depend on; None where that cannot be seen from here."""
        if candidate.kind is Kind.ENDPOINT:
            return None
        apart = {"models", "bases", "tokenizers"}
        told = [
            _of(candidate),
            self.choices.model_dump(mode="json", exclude=apart),
            None if world is None else [world.made_of, str(world.tuning)],
            [each.digest for each in self.inputs.questions],
            str(self.opener.settings.answer),
            None if self.inputs.general is None else digest_of(self.inputs.general.data),
        ]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:24]


_NAMED = frozenset({Kind.FOLDER, Kind.EMBEDDED})
"""Kinds whose engine's name says which weights it has."""


def _of(candidate: Candidate) -> str:
    """What sets a model's weights apart."""
    if candidate.folder is None:
        return candidate.url or NAME
    return " ".join(digest_of(each) for each in (candidate.folder, candidate.base) if each)


def _facts(world: World) -> dict[str, str]:
    encoder = world.catalogue.manifest.encoder
    return {
        "data": world.split.dataset.name,
        "items": str(world.split.dataset.size),
        "users": f"{len(world.split.test)} with 3 items or more",
        "protocol": "leave one out in time, ranked over all items, none sampled",
        "SASRec": world.ranker or f"none: {world.untrained}",
        "sentence encoder": encoder.name if encoder else "none",
    }


def _failed(found: Measured) -> bool:
    tasks = () if found.lot is None else found.lot.tasks.values()
    lists = any(tally.failed for task in tasks for tally in task.rows.values())
    return lists or any(each.failure for every in found.run.values() for each in every)


def _kept(found: Measured, stamps: Mapping[str, str]) -> dict[str, Any]:
    return {
        "stamps": dict(stamps),
        "speeds": {row: speed.plain() for row, speed in found.speeds.items()},
        "room": asdict(found.room),
        "context": found.context,
        "general": {task: asdict(ability) for task, ability in found.general.items()},
    }


async def _no_list(_posed: Posed) -> Listed:
    raise EngineFailed("it was kept as measured, and one of its lists is gone")


def together(lots: Sequence[Lot]) -> Lot | None:
    """The lists of all models: of the same requests, in the same order."""
    if not lots:
        return None
    tasks: dict[Task, Answers] = {}
    for lot in lots:
        for task, answers in lot.tasks.items():
            rows = {**tasks[task].rows, **answers.rows} if task in tasks else answers.rows
            tasks[task] = Answers(answers.group, rows)
    return Lot(lots[0].k, lots[0].users, tasks)
