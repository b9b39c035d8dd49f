"""Lists that were handed out, and what became of their items: in the process, or in Redis."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from pydantic import TypeAdapter, ValidationError

from service.domain import Exposure, Feedback
from service.store.keys import Keys
from service.store.redis_calls import Call, Plain, Script
from service.store.redis_server import RedisServer

LOG: Final = logging.getLogger("listwright.store")

KEPT_S: Final = 7 * 86_400.0
"""People come back to what they were shown."""

MOST: Final = 100_000
"""Requests that the process remembers; about 100 MB."""

SIDE_BY_SIDE: Final = 16
"""Lists of one request that are remembered: a page may show several under one id."""

EXPOSE: Final = Script(
    "expose",
    """
local count = redis.call('HINCRBY', KEYS[1], 'lists', 1)
redis.call('HSET', KEYS[1], 'list/' .. (count - 1) % ARGV[3], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
""",
    again=False,
)
"""KEYS: the request. ARGV: the list, for how many milliseconds, and how many lists are kept."""

LEARN: Final = Script(
    "learn",
    """
local new = {}
if redis.call('EXISTS', KEYS[1]) == 1 then
  for at = 2, #ARGV do
    redis.call('HSETNX', KEYS[1], ARGV[at], ARGV[1])
    if redis.call('HGET', KEYS[1], ARGV[at]) == ARGV[1] then
      new[#new + 1] = at - 2
    end
  end
end
return new
""",
)
"""KEYS: the request. ARGV: a name of the call's own, what was said. The places, from 0, of what had
not been said before by another call: one that is sent twice, since its answer was lost, gets the
same answer."""

_FIELDS: Final = ("lists", *(f"list/{place}" for place in range(SIDE_BY_SIDE)))
_EXPOSURE: Final = TypeAdapter(Exposure)


@dataclass(slots=True)
class _Kept:
    until: float
    lists: deque[Exposure] = field(default_factory=lambda: deque(maxlen=SIDE_BY_SIDE))
    """The latest first."""
    said: set[Feedback] = field(default_factory=set)


@dataclass(slots=True)
class MemoryExposures:
    """Implements ports.ExposureStore; the oldest goes first."""

    most: int = MOST
    seconds: float = KEPT_S
    clock: Callable[[], float] = time.monotonic
    _kept: OrderedDict[tuple[str, str], _Kept] = field(default_factory=OrderedDict)

    async def expose(self, tenant: str, request_id: str, exposure: Exposure) -> None:
        """Remember a list for a while."""
        until = self.clock() + self.seconds
        kept = self._found(tenant, request_id) or _Kept(until)
        kept.until = until
        kept.lists.appendleft(exposure)
        self._kept[tenant, request_id] = kept
        self._kept.move_to_end((tenant, request_id))
        while len(self._kept) > self.most:
            self._kept.popitem(last=False)

    async def exposed(self, tenant: str, request_id: str) -> tuple[Exposure, ...]:
        """The lists of a request that are remembered, the latest first."""
        kept = self._found(tenant, request_id)
        return () if kept is None else tuple(kept.lists)

    async def learn(
        self, tenant: str, request_id: str, feedback: Sequence[Feedback]
    ) -> tuple[Feedback, ...]:
        """Remember feedback with the list; those that are new."""
        kept = self._found(tenant, request_id)
        if kept is None:
            return ()
        new = tuple(each for each in dict.fromkeys(feedback) if each not in kept.said)
        kept.said.update(new)
        return new

    def _found(self, tenant: str, request_id: str) -> _Kept | None:
        kept = self._kept.get((tenant, request_id))
        return kept if kept is not None and kept.until > self.clock() else None


@dataclass(frozen=True, slots=True)
class RedisExposures:
    """Implements ports.ExposureStore; each call is one round trip."""

    server: RedisServer
    keys: Keys
    seconds: float = KEPT_S

    async def expose(self, tenant: str, request_id: str, exposure: Exposure) -> None:
        """Remember a list for a while; StoreUnavailable."""
        text = _EXPOSURE.dump_json(exposure).decode()
        key = self.keys.exposed(tenant, request_id)
        told: list[str | int] = [text, round(self.seconds * 1e3), SIDE_BY_SIDE]
        await self.server.run(Call(EXPOSE, [key], told))

    async def exposed(self, tenant: str, request_id: str) -> tuple[Exposure, ...]:
        """The lists of a request that are remembered, the latest first; StoreUnavailable."""
        key = self.keys.exposed(tenant, request_id)
        count, *texts = await self.server.run(Plain(("HMGET", key, *_FIELDS)))
        last = int(count or 0) - 1
        latest_first = (texts[(last - back) % SIDE_BY_SIDE] for back in range(SIDE_BY_SIDE))
        return tuple(filter(None, map(_exposure, latest_first)))

    async def learn(
        self, tenant: str, request_id: str, feedback: Sequence[Feedback]
    ) -> tuple[Feedback, ...]:
        """Remember feedback with the list; those that are new. StoreUnavailable: send it again."""
        once = list(dict.fromkeys(feedback))
        said = [f"{each.kind.value}/{each.item_id}" for each in once]
        key = self.keys.exposed(tenant, request_id)
        places = await self.server.run(Call(LEARN, [key], [uuid4().hex, *said]))
        return tuple(once[int(place)] for place in places)


def _exposure(text: str | None) -> Exposure | None:
    try:
        return None if text is None else _EXPOSURE.validate_json(text)
    except ValidationError:
        # As another version wrote it: as good as forgotten.
        LOG.warning("an exposure in Redis cannot be read")
        return None
