"""Which version of the catalogue is served: pointed at in the process, or in Redis for all.

Redis keeps a list of turns, the one that is on first. Whoever points at a version has opened it
before; the others open it from their own folders when they see it here.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Final

from service.ports import Turn
from service.store.keys import Keys
from service.store.redis_calls import Call, Plain, Script
from service.store.redis_server import RedisServer

READABLE: Final = re.compile(r"(?P<version>[^ ]+) (?P<at>\d{1,15})")
"""A turn; what else somebody may have put there is passed over."""

MOST: Final = 20
"""Turns that are remembered: nobody goes back further."""

_NOW: Final = """
local clock = redis.call('TIME')
local now = string.format('%.0f', clock[1] * 1000 + math.floor(clock[2] / 1000))
local function version(turn) return string.match(turn, '^[^ ]+') end
"""

BEGIN: Final = Script(
    "begin",
    f"""{_NOW}
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('LPUSH', KEYS[1], ARGV[1] .. ' ' .. now)
end
return 1
""",
)
"""KEYS: the pointer. ARGV: the version."""

POINT: Final = Script(
    "point",
    f"""{_NOW}
local on = redis.call('LINDEX', KEYS[1], 0)
if not on then
  on = ARGV[2] .. ' ' .. now
  redis.call('LPUSH', KEYS[1], on)
end
if version(on) ~= ARGV[1] then
  redis.call('LPUSH', KEYS[1], ARGV[1] .. ' ' .. now)
  redis.call('LTRIM', KEYS[1], 0, ARGV[3] - 1)
end
return 1
""",
)
"""KEYS: the pointer. ARGV: the version, what is served where nobody pointed yet, how many turns."""

BACK: Final = Script(
    "back",
    f"""{_NOW}
local turns = redis.call('LRANGE', KEYS[1], 0, -1)
local place = 0
for at = #turns, 1, -1 do
  if version(turns[at]) == ARGV[1] then place = at end
end
redis.call('LTRIM', KEYS[1], place, -1)
redis.call('LPUSH', KEYS[1], ARGV[1] .. ' ' .. now)
return 1
""",
)
"""KEYS: the pointer. ARGV: the version, whose latest turn begins anew."""


@dataclass(slots=True)
class MemoryPointer:
    """Implements ports.CataloguePointer for a gateway by itself."""

    _turns: list[Turn] = field(default_factory=list)

    async def turns(self) -> tuple[Turn, ...]:
        """The one to serve, then those before it; nothing until somebody pointed."""
        return tuple(self._turns)

    async def begin(self, version: str) -> None:
        """Have a version served where none is pointed at."""
        self._turns = self._turns or [_turn(version)]

    async def point(self, version: str, instead_of: str) -> None:
        """Have a version served, and what was served before remembered."""
        if not self._turns:
            self._turns.append(_turn(instead_of))
        if self._turns[0].version != version:
            self._turns = [_turn(version), *self._turns][:MOST]

    async def back(self, version: str) -> None:
        """Have a version served again, and what came after it forgotten."""
        places = [at for at, turn in enumerate(self._turns) if turn.version == version]
        self._turns = [_turn(version), *self._turns[min(places, default=-1) + 1 :]]


@dataclass(frozen=True, slots=True)
class RedisPointer:
    """Implements ports.CataloguePointer for all gateways together, by Redis' clock."""

    server: RedisServer
    keys: Keys

    async def turns(self) -> tuple[Turn, ...]:
        """The one to serve, then those before it; nothing until somebody pointed."""
        found = await self.server.run(Plain(("LRANGE", self.keys.pointer(), 0, -1)))
        told = (READABLE.fullmatch(turn) for turn in found)
        return tuple(Turn(turn["version"], int(turn["at"])) for turn in told if turn is not None)

    async def begin(self, version: str) -> None:
        """Have a version served where none is pointed at; StoreUnavailable."""
        await self.server.run(Call(BEGIN, [self.keys.pointer()], [version]))

    async def point(self, version: str, instead_of: str) -> None:
        """Have a version served, and what was served before remembered; StoreUnavailable."""
        await self.server.run(Call(POINT, [self.keys.pointer()], [version, instead_of, MOST]))

    async def back(self, version: str) -> None:
        """Have a version served again, and what came after it forgotten; StoreUnavailable."""
        await self.server.run(Call(BACK, [self.keys.pointer()], [version]))


def _turn(version: str) -> Turn:
    return Turn(version, int(time.time() * 1e3))
