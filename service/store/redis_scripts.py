"""What Redis does in one go: scripts, each over the keys of one user."""

from __future__ import annotations

from typing import Final

from service.store.redis_calls import Script

RECORD: Final = Script(
    "record",
    """
local times, items, most = KEYS[1], KEYS[2], tonumber(ARGV[1])
local fresh, known, late = {}, 0, 0
-- What is not as it should be ends this before anything is written.
redis.call('ZCARD', times)
redis.call('HLEN', items)
for at = 2, #ARGV, 3 do
  local id = ARGV[at]
  if redis.call('HSETNX', items, id, ARGV[at + 2]) == 1 then
    redis.call('ZADD', times, ARGV[at + 1], id)
    fresh[id] = true
  else
    known = known + 1
  end
end
local over = redis.call('ZCARD', times) - most
while over > 0 do
  local old = redis.call('ZRANGE', times, 0, math.min(over, 1000) - 1)
  for _, id in ipairs(old) do
    if fresh[id] then late = late + 1 end
  end
  redis.call('ZREM', times, unpack(old))
  redis.call('HDEL', items, unpack(old))
  over = over - #old
end
return {(#ARGV - 1) / 3 - known - late, known, late}
""",
)
"""KEYS: times, items. ARGV: how many to keep, then id, time and item of each event."""

HISTORY: Final = Script(
    "history",
    """
local found, ids = {}, redis.call('ZRANGE', KEYS[1], 0, -1)
for first = 1, #ids, 1000 do
  local last = math.min(first + 999, #ids)
  for _, item in ipairs(redis.call('HMGET', KEYS[2], unpack(ids, first, last))) do
    if item then found[#found + 1] = item end
  end
end
return found
""",
)
"""KEYS: times, items. The items, oldest first."""
