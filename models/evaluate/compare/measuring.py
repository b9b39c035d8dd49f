"""All models, one after another: each is opened, asked, closed; what came of it stays."""
# ruff: noqa: PLC0415 - torch is slow to import, and needed only where a model is in this process

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any, Final

from models.data.split import sampled
from models.evaluate.answer import Run, run_rows
from models.evaluate.compare import recalling
from models.evaluate.compare.asking import answer_rows, list_rows
from models.evaluate.compare.candidates import Candidate, Kind
from models.evaluate.compare.choices import CompareChoices
from models.evaluate.compare.facts import facts_of
from models.evaluate.compare.findings import Findings, Inputs, Measured
from models.evaluate.compare.keeping import Keeping, whole
from models.evaluate.compare.meter import Speed
from models.evaluate.compare.opening import Opened, Opener
from models.evaluate.compare.sharing import Worlds
from models.evaluate.general.asking import Ability
from models.evaluate.recommend.answers import Posing, answered
from models.evaluate.recommend.learning import tuning_of
from models.evaluate.recommend.rows import Roads, Row, RowName
from models.evaluate.recommend.summary import Lot
from models.evaluate.recommend.world import Making, World
from models.evaluate.rows import Row as AnswerRow
from models.evaluate.running import How
from service.errors import ListwrightError
from service.ports import Engine
from service.retrieval.ranker import ranker_root
from service.tuning import Tuning
from service.wiring_warmup import warm_up

REFERENCE: Final = (RowName.SASREC, RowName.FILTERED)
"""Rows of no model: what the others are to be held against."""


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
        findings.measured |= facts_of(world)
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
        journal, candidate = self.keeping.models(), found.candidate
        digest = recalling.digest(candidate, self.choices, self.inputs, world, self.opener.settings)
        known = journal.get(whole(candidate.name, digest)) if digest else None
        if known is not None and await self._recalled(found, world, findings, known):
            return
        catalogues = None if world is None else world.catalogue.folder.resolve().parent
        async with self.opener.opened(candidate, catalogues) as opened:
            stamps = await self._asked(found, opened, world, findings)
            found.room, found.context = self.opener.room(candidate, opened), opened.context
        found.general = self._general(candidate)
        if digest and not found.failed:
            journal.add(whole(candidate.name, digest), recalling.kept(found, stamps))

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
        mark = recalling.mark_of(found.candidate, self.choices)
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
        self, found: Measured, world: World | None, findings: Findings, known: dict[str, Any]
    ) -> bool:
        """What is kept of a model that was measured to the end; whether all of it still is."""
        candidate, stamps = found.candidate, known["stamps"]
        run = recalling.answers_kept(self.choices, self.inputs, self.keeping, candidate, stamps)
        if run is None:
            return False
        found.run = run
        if world is not None:
            rows = recalling.rows_kept(self.choices, candidate, stamps)
            await self._listed(found, world, findings, rows)
        recalling.recall(found, known)
        return True

    async def _listed(
        self, found: Measured, world: World, findings: Findings, rows: Sequence[Row]
    ) -> None:
        found.lot, findings.left_out = await self._lists(world, rows)
        findings.rows += rows

    async def _lists(self, world: World, rows: Sequence[Row]) -> tuple[Lot, list[str]]:
        choices = self.choices
        posing = Posing(choices.k, choices.tasks, choices.seed)
        cases = sampled(world.split.test, choices.users, choices.seed)
        how = replace(self.how, keep=self.keeping.lists)
        return await answered(world, posing, rows, cases, how)

    async def _run(self, rows: Sequence[AnswerRow]) -> Run:
        how = replace(self.how, keep=self.keeping.answers)
        return await run_rows(self.inputs.questions, rows, how)

    async def _tuning(self, world: World, engine: Engine) -> Tuning:
        """What the prior weighs for this model."""
        recommender = replace(world.recommender, engine=engine)
        await warm_up(engine, recommender)
        if not self.choices.tune_users or world.ranker is None:
            return world.tuning
        root = ranker_root(world.catalogue.folder)
        users, report = self.choices.tune_users, self.how.report
        return await tuning_of(recommender, world.split, root, users, report, world.made_of)
