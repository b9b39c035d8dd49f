"""Lists from a server that nothing steers: it names candidates by the numbers the prompt shows."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import orjson

from service.engines.remote.call import Call, Sent
from service.engines.remote.chooser import Chooser
from service.engines.remote.list_reply import hear_list
from service.engines.remote.reply import Access
from service.engines.remote.standing import Standing
from service.engines.remote.terms import PATH, Agreement, Terms
from service.errors import EngineFailed
from service.ports import Decoding, Job
from service.steering.assignment import Assignment

TOKENS_A_NUMBER: Final = 12
"""Four digits, a comma, and the line breaks that some servers indent JSON with."""

TOKENS_AROUND: Final = 64


class Choosing:
    """Asks a server for numbers, under a schema if it takes one."""

    def __init__(self, access: Access, agreement: Agreement) -> None:
        self._access = access
        self._agreement = agreement

    async def choose(self, job: Job, standing: Standing) -> Decoding:
        """A list of candidates; EngineError if there is not one."""
        if not len(job.assignment.shown):
            raise EngineFailed("the model's server cannot spell titles")

        async def ask(terms: Terms) -> Decoding:
            # Some numbers among those of the candidates: there is nothing that takes long.
            call = partial(self._call, job, standing, terms)
            return await hear_list(self._access, call, job, light=True)

        return await self._agreement.ask(standing, ask)

    def _call(self, job: Job, standing: Standing, terms: Terms) -> Call[Chooser]:
        settings = self._access.settings(job.sampling)
        tokens = TOKENS_AROUND + TOKENS_A_NUMBER * job.assignment.k
        body = terms.body(standing.model, job.prompt, tokens, settings)
        if terms.schema:
            body["response_format"] = _response_format(job.assignment)
        return Call(Sent(PATH, orjson.dumps(body)), Chooser(job.assignment), brief=True)


def _response_format(assignment: Assignment) -> dict[str, Any]:
    shown, first = len(assignment.shown), assignment.first
    count = min(assignment.k, shown)
    numbers = {
        "type": "array",
        # No uniqueItems: servers refuse it or pass over it. Repeats are passed over here.
        "items": {"type": "integer", "minimum": first, "maximum": first + shown - 1},
        "minItems": min(count, assignment.fewest),
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
