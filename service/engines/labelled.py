"""Lists from a server that nothing steers: it names candidates by the numbers the prompt shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from service.engines.hearing import Job, Question, draws, hear_out
from service.engines.numerals import Numerals
from service.engines.places import Places
from service.engines.server import Server
from service.engines.server_errors import Refused
from service.engines.sse import Event
from service.errors import EngineFailed
from service.ports import Decoding, Spelled, Tell
from service.steering.assignment import Assignment
from service.steering.progress import Progress

PATH: Final = "/v1/chat/completions"

TOKENS_A_NUMBER: Final = 12
"""Four digits, a comma, and the line breaks that some servers indent JSON with."""

TOKENS_AROUND: Final = 64

_NOT_THAT: Final = frozenset({400, 422})
"""How servers answer what they do not support."""


class Chooser:
    """Reads numbers as candidates. What may not stand is passed over: it is repaired elsewhere."""

    def __init__(self, assignment: Assignment, tell: Tell) -> None:
        self._shown: list[int] = assignment.shown.tolist()
        self._k = assignment.k
        self._progress = Progress(assignment.plan)
        self._numerals = Numerals()
        self._tell = tell
        self._told: list[Spelled] = []

    @property
    def told(self) -> Sequence[Spelled]:
        """The candidates chosen so far."""
        return self._told

    @property
    def complete(self) -> bool:
        """Whether there are as many as were asked for."""
        return len(self._told) == self._k

    def read(self, choice: Event) -> int:
        """Hear the next piece of the answer."""
        delta = choice.get("delta")
        said = delta.get("content") if isinstance(delta, dict) else None
        if not isinstance(said, str) or not said:
            return 0
        self._take(self._numerals.read(said))
        return 1

    def end(self) -> str | None:
        """Why there are fewer than asked for, if there are."""
        self._take(self._numerals.end())
        if self.complete:
            return None
        return f"the model named {len(self._told)} candidates that may stand"

    def _take(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            if self.complete or not 1 <= number <= len(self._shown):
                continue
            row = self._shown[number - 1]
            if self._progress.may_take(row):
                self._progress.take(row)
                self._told.append(Spelled(row, None))
                self._tell(self._told[-1])


class Choosing:
    """Asks a server for numbers, under a schema if it takes one."""

    def __init__(
        self, server: Server, places: Places, extra: Mapping[str, Any] | None = None
    ) -> None:
        self._server = server
        self._places = places
        self._extra = dict(extra or {})
        """What else stands in each request."""
        self._schema = True

    async def choose(self, job: Job, model: str | None) -> Decoding:
        """A list of candidates; EngineError if there is not one."""
        if not len(job.assignment.shown):
            raise EngineFailed(f"the server at {self._server.name} cannot spell titles")
        if not self._schema:
            return await self._hear(job, model, schema=False)
        try:
            return await self._hear(job, model, schema=True)
        except Refused as refused:
            if refused.answered not in _NOT_THAT:
                raise
        made = await self._hear(job, model, schema=False)
        self._schema = False
        return made

    async def _hear(self, job: Job, model: str | None, *, schema: bool) -> Decoding:
        def ask() -> Question:
            body = self._extra | _body(job)
            body |= {"model": model} if model else {}
            body |= {"response_format": _response_format(job.assignment)} if schema else {}
            return Question(PATH, orjson.dumps(body), Chooser(job.assignment, job.tell), brief=True)

        return await hear_out(self._server, self._places, ask, job.deadline)


def _body(job: Job) -> dict[str, Any]:
    return {
        "messages": [
            {"role": "system", "content": job.prompt.system},
            {"role": "user", "content": job.prompt.user},
        ],
        "stream": True,
        **draws(job.sampling),
        "max_tokens": TOKENS_AROUND + TOKENS_A_NUMBER * job.assignment.k,
    }


def _response_format(assignment: Assignment) -> dict[str, Any]:
    shown = len(assignment.shown)
    count = min(assignment.k, shown)
    numbers = {
        "type": "array",
        # No uniqueItems: servers refuse it or pass over it. Repeats are passed over here.
        "items": {"type": "integer", "minimum": 1, "maximum": shown},
        "minItems": count,
        "maxItems": count,
    }
    schema = {
        "type": "object",
        "properties": {"numbers": numbers},
        "required": ["numbers"],
        "additionalProperties": False,
    }
    return {
        "type": "json_schema",
        "json_schema": {"name": "list", "strict": True, "schema": schema},
    }
