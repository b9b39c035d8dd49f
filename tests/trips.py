"""Round trips to a Redis, counted where they set off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from service.store.redis_calls import Command
from service.store.redis_wire import Wire


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many commands each trip to any server takes along from now on."""
    trips: list[int] = []
    sent = Wire._sent

    async def counting(wire: Wire, commands: Sequence[Command]) -> list[Any]:
        trips.append(len(commands))
        return await sent(wire, commands)

    monkeypatch.setattr(Wire, "_sent", counting)
    return trips


def waves(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The same of trips that are under way together, to whichever servers: they are one wait."""
    found: list[int] = []
    sent, under_way = Wire._sent, [0]

    async def counting(wire: Wire, commands: Sequence[Command]) -> list[Any]:
        if not under_way[0]:
            found.append(0)
        found[-1] += len(commands)
        under_way[0] += 1
        try:
            return await sent(wire, commands)
        finally:
            under_way[0] -= 1

    monkeypatch.setattr(Wire, "_sent", counting)
    return found
