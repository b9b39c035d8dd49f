"""Lists from a server that nothing steers: it names candidates by the numbers the prompt shows."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import orjson

from service.engines.remote.call import Call
from service.engines.remote.chooser import Chooser
from service.engines.remote.reply import Access, hear_out
from service.engines.remote.server_errors import Refused
from service.engines.remote.standing import Standing
from service.errors import EngineFailed
from service.ports import Decoding, Job
from service.steering.assignment import Assignment

PATH: Final = "/v1/chat/completions"

TOKENS_A_NUMBER: Final = 12
"""Four digits, a comma, and the line breaks that some servers indent JSON with."""

TOKENS_AROUND: Final = 64

NOT_THAT: Final = frozenset({400, 422})
"""How servers answer what they do not support."""

REMEMBERED_S: Final = 300.0
"""How long a server is taken at its word that it does not support something."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Terms:
    """What a server takes."""

    schema: bool = True
    limit: str = "max_tokens"
    """How it calls the most tokens that an answer may have."""
    undrawn: frozenset[str] = frozenset()
    """Parameters of drawing that it does not take."""

    def after(self, refused: Refused) -> _Terms | None:
        """What to ask for after a refusal; None where nothing is left to give up."""
        if refused.answered not in NOT_THAT:
            return None
        if refused.renamed_limit and self.limit == "max_tokens":
            return replace(self, limit="max_completion_tokens")
        if refused.undrawn - self.undrawn:
            return replace(self, undrawn=self.undrawn | refused.undrawn)
        return replace(self, schema=False) if self.schema else None


class Choosing:
    """Asks a server for numbers, under a schema if it takes one."""

    def __init__(self, access: Access, clock: Callable[[], float] = time.monotonic) -> None:
        self._access = access
        self._clock = clock
        self._terms = _Terms()
        self._learned = 0.0
        self._of: Standing | None = None

    async def choose(self, job: Job, standing: Standing) -> Decoding:
        """A list of candidates; EngineError if there is not one."""
        if not len(job.assignment.shown):
            raise EngineFailed("the engine's server cannot spell titles")
        known = self._known(standing)
        made, terms = await _agreed(known, lambda terms: self._hear(job, standing.model, terms))
        if terms != known:
            self._terms, self._learned, self._of = terms, self._clock(), standing
        return made

    async def one_token(self, model: str | None) -> None:
        """Ask for the least there is, the way lists are asked for; EngineError if it is refused."""
        least = {"messages": [{"role": "user", "content": "Say 1."}], **_named(model)}

        async def ask(terms: _Terms) -> None:
            await self._access.server.ask(PATH, least | {terms.limit: 1})

        await _agreed(replace(self._terms, schema=False), ask)

    def _known(self, standing: Standing) -> _Terms:
        """What is known of this server. Another one, in its place, is another object."""
        if self._of is not standing or self._clock() - self._learned > REMEMBERED_S:
            self._terms = _Terms()
        return self._terms

    async def _hear(self, job: Job, model: str | None, terms: _Terms) -> Decoding:
        def ask() -> Call:
            settings = self._access.settings(job.sampling)
            taken = {name: settings[name] for name in settings if name not in terms.undrawn}
            body = orjson.dumps(taken | _body(job, model, terms))
            return Call(PATH, body, Chooser(job.assignment), brief=True)

        return await hear_out(self._access, ask, job)


async def _agreed(terms: _Terms, ask: Callable[[_Terms], Awaitable[T]]) -> tuple[T, _Terms]:
    """What comes of asking, and the terms it was had under: what is refused is given up."""
    while True:
        try:
            return await ask(terms), terms
        except Refused as refused:
            if (less := terms.after(refused)) is None:
                raise
            terms = less


def _body(job: Job, model: str | None, terms: _Terms) -> dict[str, Any]:
    schema = {"response_format": _response_format(job.assignment)} if terms.schema else {}
    return {
        "messages": [
            {"role": "system", "content": job.prompt.system},
            {"role": "user", "content": job.prompt.user},
        ],
        "stream": True,
        terms.limit: TOKENS_AROUND + TOKENS_A_NUMBER * job.assignment.k,
        **_named(model),
        **schema,
    }


def _named(model: str | None) -> dict[str, str]:
    return {"model": model} if model else {}


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
