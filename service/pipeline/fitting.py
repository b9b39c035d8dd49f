"""Prompts that do not fit into a model's context, asked again with less in them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar

from service.errors import PromptTooLong

SHARES: Final = (1.0, 0.5, 0.25)
"""Of what a prompt may show at most: less is tried where the model's context cannot hold more."""

T = TypeVar("T")


async def fitting(ask: Callable[[float], Awaitable[T]]) -> T:
    """What comes of asking with as much as fits: with all of it, else with a smaller share."""
    for share in SHARES:
        with suppress(PromptTooLong):
            return await ask(share)
    raise PromptTooLong("the question does not fit into the model's context")
