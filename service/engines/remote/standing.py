"""How a server stands: whether it is there, which model it serves, whether the plugin steers it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from service.engines.remote.server import Server
from service.errors import EngineFailed

ANSWERS_WITHIN_S: Final = 3.0
"""How long a server may take to say which models it serves. One that takes longer hangs."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a look at a server found."""

    trouble: str | None = None
    """Why no list can be had of it."""
    model: str | None = None
    context: int | None = None
    """The longest prompt and list together, in tokens, if the server says so."""
    steered: bool = True
    """Whether it spells titles; if not, it can only choose among numbered candidates."""


@dataclass(frozen=True, slots=True)
class Served:
    """What a server says it serves."""

    model: str
    context: int | None


class NotServed(EngineFailed):
    """The server serves other models than the one that is wanted."""


async def served(server: Server, wanted: str | None) -> Served:
    """The model that is wanted, or the first; NotServed if it is not among those served."""
    async with asyncio.timeout(ANSWERS_WITHIN_S):
        cards = _cards(await server.get("/v1/models"))
    names = [str(card["id"]) for card in cards]
    if not names or (wanted is not None and wanted not in names):
        has = ", ".join(names[:5]) or "no model"
        raise NotServed(f"the model's server serves {has}, not {wanted or 'any'}")
    card = cards[names.index(wanted)] if wanted else cards[0]
    return Served(str(card["id"]), _context(card, cards))


def _context(card: dict[str, object], cards: list[dict[str, object]]) -> int | None:
    """What a model has room for; vLLM says it of an adapter only by naming what it stands on."""
    parent = card.get("parent")
    beneath = [other for other in cards if parent is not None and other["id"] == parent]
    said = [each.get("max_model_len") for each in (card, *beneath)]
    return next((length for length in said if isinstance(length, int)), None)


def _cards(answer: object) -> list[dict[str, object]]:
    """The models of an answer. Some servers leave out what OpenAI has around them."""
    listed = answer.get("data") if isinstance(answer, dict) else answer
    cards = listed if isinstance(listed, list) else []
    return [card for card in cards if isinstance(card, dict) and "id" in card]
