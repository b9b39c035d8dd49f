"""All models, one after another: each is opened, asked, closed; what came of it stays."""
# ruff: noqa: PLC0415 - torch is slow to import, and needed only where a model is in this process

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from models.data.split import sampled
from models.evaluate.answer import Run, run_rows
from models.evaluate.compare import recalling
from models.evaluate.compare.asking import Asked, answer_rows, list_rows
from models.evaluate.compare.candidates import Candidate, Kind
from models.evaluate.compare.choices import CompareChoices, row_of
from models.evaluate.compare.facts import facts_of
from models.evaluate.compare.findings import Findings, Inputs, Measured
from models.evaluate.compare.keeping import Keeping, room, whole
from models.evaluate.compare.memory import Room, larger
from models.evaluate.compare.meter import Meter, Metered
from models.evaluate.compare.opening import Opened, Opener
from models.evaluate.compare.sharing import Worlds
from models.evaluate.compare.timing import Timing, conditions_of
from models.evaluate.general.asking import Ability
from models.evaluate.ledger import Journal
from models.evaluate.recommend.answers import Posing, answered
from models.evaluate.recommend.learning import tuning_of
from models.evaluate.recommend.rows import Roads, Row, RowName
from models.evaluate.recommend.summary import Lot
from models.evaluate.recommend.world import Making, World
from models.evaluate.rows import Row as AnswerRow
from models.evaluate.running import How
from service.errors import ListwrightError
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
        keeping = self.keeping.folder is not None or self.choices.tune_users > 0
        for candidate in candidates:
            await self.opener.refuse_away(candidate, keeping=keeping)
        self.keeping.refuse()
        findings = Findings()
        async with AsyncExitStack() as stack:
            stack.enter_context(self.keeping.alone())
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
        digest = recalling.digest(
            candidate, self.choices, self.inputs, world, self.opener.settings, self.how
        )
        known = journal.get(whole(candidate.name, digest)) if digest else None
        if known is not None and await self._recalled(found, world, findings, known):
            return
        catalogues = None if world is None else world.catalogue.folder.resolve().parent
        async with self.opener.opened(candidate, catalogues) as opened:
            found.model, found.context = opened.model, opened.context
            stamps: dict[str, str] = {}
            for asked in (self._listed_by, self._answered_by):
                stamps |= await asked(found, opened, world, findings)
                found.labels = opened.engine.labels
                found.room = self._room(candidate, opened, journal, digest)
        found.general = self._general(candidate)
        # What was asked for before a kill, and how fast it came, may be known only in part.
        titles = {row_of(candidate.name, road) for road in self.choices.rows if stamps}
        if digest and not found.failed and titles <= set(found.speeds):
            journal.add(whole(candidate.name, digest), recalling.kept(found, stamps))

    def _general(self, candidate: Candidate) -> dict[str, Ability]:
        """By the harness, which loads the model itself; an endpoint's is not measured."""
        if self.inputs.general is None or candidate.kind is not Kind.FOLDER:
            return {}
        assert candidate.folder is not None  # noqa: S101 - so it was made
        from models.evaluate.general.ability import ability_of

        return ability_of(candidate.folder, candidate.base, self.inputs.general)

    def _room(
        self,
        candidate: Candidate,
        opened: Opened,
        journal: Journal[dict[str, Any]],
        digest: str | None,
    ) -> Room:
        """What the model takes, at its most since the comparison was begun."""
        found = self.opener.room(candidate, opened)
        if digest is None:
            return found
        key = room(candidate.name, digest)
        known = journal.get(key)
        found = found if known is None else larger(Room(**known), found)
        journal.add(key, asdict(found))
        return found

    async def _listed_by(
        self, found: Measured, opened: Opened, world: World | None, findings: Findings
    ) -> dict[str, str]:
        """Lists by the model; what each row is made of."""
        if world is None:
            return {}
        asked = Asked(opened.engine, opened.model, found.candidate.name)
        world = replace(world, tuning=await self._tuning(world, asked))
        found.tuned = recalling.tuned(world, opened.model)
        timing = self._timing(found.candidate)
        rows = list_rows(world, asked, self.choices.rows, timing)
        await self._listed(found, world, findings, rows)
        found.speeds = timing.speeds
        return {f"lists {row.name}": row.stamp for row in rows}

    async def _answered_by(
        self, found: Measured, opened: Opened, _world: World | None, _findings: Findings
    ) -> dict[str, str]:
        """Answers by the model; what each row is made of."""
        if not self.inputs.questions:
            return {}
        asked = Asked(opened.engine, opened.model, found.candidate.name)
        timing = self._timing(found.candidate)
        rows = answer_rows(opened.answerer, asked, self.choices.rows, timing)
        found.run = await self._run(rows)
        found.speeds = timing.speeds | found.speeds
        return {f"answers {row.name}": row.stamp for row in rows}

    def _timing(self, candidate: Candidate) -> Timing:
        conditions = conditions_of(candidate, self.opener.settings, self.how)
        return Timing(self.keeping.speeds(), conditions)

    async def _recalled(
        self, found: Measured, world: World | None, findings: Findings, known: dict[str, Any]
    ) -> bool:
        """What is kept of a model that was measured to the end; whether all of it still is."""
        candidate, stamps = found.candidate, known["stamps"]
        run = recalling.answers_kept(self.choices, self.inputs, self.keeping, candidate, stamps)
        if run is None or self._tuned_since(world, known):
            return False
        if world is not None:
            rows = recalling.rows_kept(self.choices, candidate, stamps)
            lot, left_out = await self._lists(world, rows)
            if lot.failed:
                return False
            found.lot, findings.left_out = lot, left_out
            findings.rows += rows
        found.run = run
        recalling.recall(found, known)
        return True

    def _tuned_since(self, world: World | None, known: Mapping[str, Any]) -> bool:
        """Whether another weight has been found for a model than its lists were made with."""
        if world is None or not self.choices.tune_users:
            return False
        tuned: bool = recalling.tuned(world, known["model"]) != known["tuned"]
        return tuned

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

    async def _tuning(self, world: World, asked: Asked) -> Tuning:
        """What the prior weighs for this model; as set, if no users are to find it with.

        The work folder may know weights of some models, and of others not.
        """
        recommender = replace(world.recommender, engine=asked.engine)
        await warm_up(asked.engine, recommender)
        if not self.choices.tune_users or world.ranker is None:
            return replace(world.tuning, measured=())
        recommender = replace(recommender, engine=Metered(asked.engine, Meter(), asked.model))
        root = ranker_root(world.catalogue.folder)
        users, report = self.choices.tune_users, self.how.report
        return await tuning_of(recommender, world.split, root, users, report, world.made_of)
