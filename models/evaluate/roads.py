"""The rows of `evaluate answer`: the pipeline that serves, with more or less of what it knows.

What is not there cannot answer: a row that wants the model alone has no encoder, and where an
answer came by another road than its row is named for, it is a failure of that row.

Nor does a row profit from what another has computed: each has a cache of its own. The embedded
engine remembers whole prompts besides, and rows may share some. To time real reads it must be
opened to keep none (`engine.kept` 0), as `python -m models.evaluate` does. What a server behind
HTTP keeps of prompts is its own affair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from models.evaluate import rows
from models.evaluate.form import Form
from models.evaluate.free import answered_freely
from models.evaluate.outcomes import Outcome
from models.evaluate.questions import Asked
from models.evaluate.rows import Row
from service.domain import Cot
from service.engines.remote.engine import UNKNOWN, RemoteEngine
from service.errors import BadInput
from service.pipeline.answer import answer
from service.pipeline.answerer import Answerer
from service.prompts.answer import ELEMENTS, answer_prompt
from service.prompts.question_thought import VERSION as THOUGHT_VERSION
from service.question import Answered, AnswerPath, Question, Task
from service.store.cache import MemoryCache

PATIENCE_MS: Final = 120_000
"""Quality is measured here, not speed: nothing is left out for being late."""

ALONE: Final[dict[str, Any]] = {"cot": Cot.OFF, "similar": 0, "prior_weight": 0.0}

BY_MODEL: Final = frozenset({AnswerPath.LLM, AnswerPath.ONLY})


async def roads_of(parts: Answerer, thinker: Cot, *, keeping: bool) -> Roads:
    """Roads whose rows know which models answer; BadInput if that must be known and cannot be.

    Only a look at a server tells what it serves. Where outcomes are kept, one of them could else
    pass for that of any other model whose server had not been looked at either.
    """
    for name, part in (("engine", parts.engine), ("sidecar", parts.sidecar)):
        if not isinstance(part, RemoteEngine):
            continue
        trouble = await part.trouble()
        if keeping and part.model == UNKNOWN:
            why = f": {trouble}" if trouble else ""
            raise BadInput(
                f"Which model the {name}'s server has is not known, so nothing can be kept{why}.",
                hint=f"Name it with LISTWRIGHT_{name.upper()}__MODEL, or leave out --keep.",
            )
    return Roads(parts, thinker)


@dataclass(frozen=True, slots=True)
class Roads:
    """Ways to answer with the same parts."""

    parts: Answerer
    thinker: Cot
    """Who thinks where a row wants a thought."""

    @property
    def default(self) -> Row:
        """As the service answers when the request leaves everything to it.

        Without an engine that is by similarity; with one, similarity only stands in for it.
        """
        by = frozenset(AnswerPath) if self.parts.engine is None else BY_MODEL
        return self._row("as served", self._parts(), by)

    def ablation(self, elements: Iterable[str] = ()) -> Iterator[Row]:
        """All rows: what small models add, what steering adds, what each element adds."""
        yield self._row(
            rows.SIMILARITY_ALONE, self._parts(engine=None), frozenset(AnswerPath), cot=Cot.OFF
        )
        yield Row(rows.FREE, self._freely, self._stamp("free"))
        yield self._row(rows.MODEL_ALONE, self._parts(encoder=None), **ALONE)
        yield self._row(rows.SIMILARITY, self._parts(), cot=Cot.OFF)
        yield self._row(rows.THOUGHT, self._parts(encoder=None), **ALONE | {"cot": self.thinker})
        yield self._row(rows.BOTH, self._parts(), cot=self.thinker)
        for element in _known(elements):
            name = rows.without(element)
            yield self._row(
                name, self._parts(encoder=None), **ALONE | {"without": frozenset({element})}
            )

    def _parts(self, **changed: Any) -> Answerer:
        """The parts with a cache that nobody has used, and with what a row changes."""
        return replace(self.parts, cache=MemoryCache(), **changed)

    def _row(
        self, name: str, parts: Answerer, by: frozenset[AnswerPath] = BY_MODEL, **fields: Any
    ) -> Row:
        """A row of answers made by these roads alone."""

        async def answered(asked: Asked) -> Outcome:
            request = replace(asked.request(), deadline_ms=PATIENCE_MS, **fields)
            return _outcome(await answer(parts, request, "evaluate"), by)

        return Row(name, answered, self._stamp(str(sorted(fields.items()))))

    def _stamp(self, how: str) -> str:
        models = [part and part.model for part in (self.parts.engine, self.parts.sidecar)]
        encoder = self.parts.encoder and self.parts.encoder.name
        prompts = [answer_prompt(Question(task, "any")).version for task in Task]
        versions = f"{models} {encoder} {prompts} {THOUGHT_VERSION}"
        return f"{versions} {self.parts.policy} {how}"

    async def _freely(self, asked: Asked) -> Outcome:
        if self.parts.engine is None:
            raise BadInput("no engine is configured")
        return await answered_freely(self.parts, self.parts.engine, asked, PATIENCE_MS / 1e3)


def _outcome(made: Answered, by: frozenset[AnswerPath]) -> Outcome:
    """The answer; or, if it came by another road, that there was none."""
    outcome = Outcome(
        made.text,
        Form.of(made.question),
        path=made.path,
        degraded=made.degraded,
        completed=made.completed,
        timings=made.timings,
    )
    if made.path in by:
        return outcome
    return replace(
        outcome, text="", timings={}, failure=f"answered by road {made.path.value!r}: {made.why}"
    )


def _known(elements: Iterable[str]) -> list[str]:
    known = {element for names in ELEMENTS.values() for element in names}
    chosen = list(elements)
    if unknown := sorted(set(chosen) - known):
        raise BadInput(
            f"no prompt has an element {unknown[0]!r}",
            hint=f"There are {', '.join(sorted(known))}.",
        )
    return chosen
