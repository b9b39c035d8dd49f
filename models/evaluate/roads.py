"""The rows of `evaluate answer`: the pipeline that serves, with more or less of what it knows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from models.evaluate import rows
from models.evaluate.form import Form
from models.evaluate.outcomes import Outcome
from models.evaluate.questions import Asked
from models.evaluate.rows import Row
from service.errors import BadInput
from service.pipeline.answer import answer
from service.pipeline.answerer import Answerer
from service.pipeline.clock import Deadline, Stopwatch
from service.ports import Page
from service.prompts.answer import ELEMENTS, answer_prompt
from service.prompts.thought import VERSION as THOUGHT_VERSION
from service.question import Cot, Question, Task
from service.questions.read import read

PATIENCE_MS: Final = 120_000
"""Quality is measured here, not speed: nothing is left out for being late."""

FREE_TOKENS: Final = 64

ALONE: Final[dict[str, Any]] = {"cot": Cot.OFF, "similar": 0, "prior_weight": 0.0}


@dataclass(frozen=True, slots=True)
class Roads:
    """Ways to answer with the same parts."""

    parts: Answerer
    thinker: Cot
    """Who thinks where a row wants a thought."""

    @property
    def default(self) -> Row:
        """As the service answers when the request leaves everything to it."""
        return self._row("as served")

    def ablation(self, elements: Iterable[str] = ()) -> Iterator[Row]:
        """All rows: what small models add, what steering adds, what each element adds."""
        yield Row(rows.SIMILARITY_ALONE, self._similarity, self._stamp("similarity"))
        yield Row(rows.FREE, self._freely, self._stamp("free"))
        yield self._row(rows.MODEL_ALONE, **ALONE)
        yield self._row(rows.SIMILARITY, cot=Cot.OFF)
        yield self._row(rows.THOUGHT, **ALONE | {"cot": self.thinker})
        yield self._row(rows.BOTH, cot=self.thinker)
        for element in _known(elements):
            name = rows.without(element)
            yield self._row(name, **ALONE | {"without": frozenset({element})})

    def _row(self, name: str, **fields: Any) -> Row:
        return Row(name, self._piped(self.parts, fields), self._stamp(str(sorted(fields.items()))))

    def _stamp(self, how: str) -> str:
        models = [part and part.model for part in (self.parts.engine, self.parts.sidecar)]
        prompts = [answer_prompt(Question(task, "any")).version for task in Task]
        return f"{models} {prompts} {THOUGHT_VERSION} {self.parts.policy} {how}"

    async def _similarity(self, asked: Asked) -> Outcome:
        without_engine = replace(self.parts, engine=None)
        return await self._piped(without_engine, {"cot": Cot.OFF})(asked)

    def _piped(
        self, parts: Answerer, fields: dict[str, Any]
    ) -> Callable[[Asked], Awaitable[Outcome]]:
        async def answered(asked: Asked) -> Outcome:
            request = replace(asked.request(), deadline_ms=PATIENCE_MS, **fields)
            made = await answer(parts, request, "evaluate")
            return Outcome(made.text, Form.of(made.question), timings=made.timings)

        return answered

    async def _freely(self, asked: Asked) -> Outcome:
        """The same prompt, and nothing that holds the model to an answer."""
        if self.parts.engine is None:
            raise BadInput("no engine is configured")
        question = read(asked.request())
        watch = Stopwatch(self.parts.observer)
        page = Page(answer_prompt(question), FREE_TOKENS, Deadline(PATIENCE_MS / 1e3))
        with watch.stage("answer"):
            written = await self.parts.engine.write(page)
        return Outcome(written.text, Form.of(question), timings=watch.total())


def _known(elements: Iterable[str]) -> list[str]:
    known = {element for names in ELEMENTS.values() for element in names}
    chosen = list(elements)
    if unknown := sorted(set(chosen) - known):
        raise BadInput(
            f"no prompt has an element {unknown[0]!r}",
            hint=f"There are {', '.join(sorted(known))}.",
        )
    return chosen
