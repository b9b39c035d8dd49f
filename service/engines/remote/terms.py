"""The terms on which a server chats: learned from what it refuses, and remembered for a while."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from service.domain import Prompt
from service.engines.remote.server_errors import Refused
from service.engines.remote.standing import Standing

PATH: Final = "/v1/chat/completions"

NOT_THAT: Final = frozenset({400, 422})
"""How servers answer what they do not support."""

REMEMBERED_S: Final = 300.0
"""How long a server is taken at its word that it does not support something."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a server takes."""

    schema: bool = True
    limit: str = "max_tokens"
    """How it calls the most tokens that an answer may have."""
    undrawn: frozenset[str] = frozenset()
    """Parameters of drawing that it does not take."""

    def after(self, refused: Refused) -> Terms | None:
        """What to ask for after a refusal; None where nothing is left to give up."""
        if refused.answered not in NOT_THAT:
            return None
        if refused.renamed_limit and self.limit == "max_tokens":
            return replace(self, limit="max_completion_tokens")
        if refused.undrawn - self.undrawn:
            return replace(self, undrawn=self.undrawn | refused.undrawn)
        return replace(self, schema=False) if self.schema else None

    def body(
        self, model: str | None, prompt: Prompt, tokens: int, settings: dict[str, Any]
    ) -> dict[str, Any]:
        """What a chat is asked with on these terms; the schema, if any, is the asker's."""
        return {
            **{name: value for name, value in settings.items() if name not in self.undrawn},
            "messages": [
                {"role": "system", "content": prompt.system},
                {"role": "user", "content": prompt.user},
            ],
            "stream": True,
            self.limit: tokens,
            **named(model),
        }


class Agreement:
    """What one server is known to take."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._terms = Terms()
        self._learned = 0.0
        self._of: Standing | None = None

    async def ask(self, standing: Standing, ask: Callable[[Terms], Awaitable[T]]) -> T:
        """What comes of asking for something that a schema describes."""
        known = self._known(standing)
        made, terms = await _agreed(known, ask)
        self._learn(standing, known, terms)
        return made

    async def ask_plainly(self, standing: Standing, ask: Callable[[Terms], Awaitable[T]]) -> T:
        """What comes of asking for something that has no schema."""
        known = self._known(standing)
        made, terms = await _agreed(replace(known, schema=False), ask)
        self._learn(standing, known, replace(terms, schema=known.schema))
        return made

    async def try_out(self, ask: Callable[[Terms], Awaitable[T]]) -> T:
        """The same, of a server of which it is not known whether it is the one of before."""
        made, _ = await _agreed(replace(self._terms, schema=False), ask)
        return made

    def _known(self, standing: Standing) -> Terms:
        """What is known of this server. Another one, in its place, is another object."""
        if self._of is not standing or self._clock() - self._learned > REMEMBERED_S:
            self._terms = Terms()
        return self._terms

    def _learn(self, standing: Standing, known: Terms, terms: Terms) -> None:
        if terms != known:
            self._terms, self._learned, self._of = terms, self._clock(), standing


def named(model: str | None) -> dict[str, str]:
    """The field that names a model, where there is a name."""
    return {"model": model} if model else {}


async def _agreed(terms: Terms, ask: Callable[[Terms], Awaitable[T]]) -> tuple[T, Terms]:
    """What comes of asking, and the terms it was had under: what is refused is given up."""
    while True:
        try:
            return await ask(terms), terms
        except Refused as refused:
            if (less := terms.after(refused)) is None:
                raise
            terms = less
