"""Lists that were handed out, and what became of their items, in Redis."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from pydantic import TypeAdapter, ValidationError

from service.domain import Exposure, Feedback
from service.store.exposures import KEPT_S, SIDE_BY_SIDE
from service.store.keys import Keys
from service.store.redis_calls import Call, Plain, Script
from service.store.redis_server import RedisServer

LOG: Final = logging.getLogger("listwright.store")

NAME_CHARS: Final = 12
"""Of a call's own name: enough to tell it from others about the same request."""

EXPOSE: Final = Script(
    "expose",
    """
local place = (redis.call('HINCRBY', KEYS[1], 'lists', 1) - 1) % ARGV[3]
redis.call('HSET', KEYS[1], 'list/' .. place, ARGV[1])
redis.call('HDEL', KEYS[1], 'said/' .. place)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
""",
    again=False,
)
"""KEYS: the request. ARGV: the list, for how many milliseconds, and how many lists are kept."""

LEARN: Final = Script(
    "learn",
    """
local call, most = ARGV[1], tonumber(ARGV[2])
local count = redis.call('HGET', KEYS[1], 'lists')
if not count then
  return false
end
local by, latest, said = {}, (count - 1) % most, {}
for place = 0, math.min(count, most) - 1 do
  local packed = redis.call('HGET', KEYS[1], 'said/' .. place)
  local calls = packed and cmsgpack.unpack(packed) or {}
  for name, each in pairs(calls) do
    for _, what in ipairs(each) do by[what] = name end
  end
  if place == latest then said = calls end
end
local new, mine = {}, said[call] or {}
for at = 3, #ARGV do
  if not by[ARGV[at]] then
    by[ARGV[at]] = call
    mine[#mine + 1] = ARGV[at]
  end
  if by[ARGV[at]] == call then new[#new + 1] = at - 3 end
end
if #mine > 0 then
  said[call] = mine
  redis.call('HSET', KEYS[1], 'said/' .. latest, cmsgpack.pack(said))
end
return new
""",
)
"""KEYS: the request. ARGV: a name of the call's own, how many lists are kept, what was said. The
places, from 0, of what had not been said before by another call: one that is sent twice, since its
answer was lost, gets the same answer. Nothing where there is no such request."""

_FIELDS: Final = ("lists", *(f"list/{place}" for place in range(SIDE_BY_SIDE)))
_EXPOSURE: Final = TypeAdapter(Exposure)


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
    ) -> tuple[Feedback, ...] | None:
        """Remember feedback with the list; those that are new. None: there is no such request.

        StoreUnavailable: send it again.
        """
        once = list(dict.fromkeys(feedback))
        said = [f"{each.kind.value}/{each.item_id}" for each in once]
        key = self.keys.exposed(tenant, request_id)
        told: list[str | int] = [uuid4().hex[:NAME_CHARS], SIDE_BY_SIDE, *said]
        places = await self.server.run(Call(LEARN, [key], told))
        return None if places is None else tuple(once[int(place)] for place in places)


def _exposure(text: str | None) -> Exposure | None:
    try:
        return None if text is None else _EXPOSURE.validate_json(text)
    except ValidationError:
        # As another version wrote it: as good as forgotten.
        LOG.warning("an exposure in Redis cannot be read")
        return None
