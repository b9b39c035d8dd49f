"""Server-sent events, read from a response as they come: JSON objects until `[DONE]`."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Final, Self, TypeAlias

import aiohttp
import orjson

from service.engines.remote.server_errors import piece, told_off
from service.errors import EngineFailed

Event: TypeAlias = dict[str, Any]

LONGEST_LINE: Final = 1 << 20
LONGEST_REPLY: Final = 64 << 20
"""Bytes; what is longer is no list of ours."""

LINGER_S: Final = 0.2
"""How long the end of a reply is waited for after `[DONE]`, so that its connection is kept."""

_DONE: Final = b"[DONE]"


class Events:
    """The events of one response. Iteration ends with `[DONE]` or the connection's end."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self._lines: deque[bytes] = deque()
        self._rest = b""
        self._read = 0
        self.done = False
        """Whether the server said itself that this was all."""
        if response.content_type != "text/event-stream":
            raise _unfit(f"answers with {response.content_type}, not with events")

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        while (line := await self._line()) is not None:
            field, _, value = line.partition(b":")
            if field != b"data":
                continue
            if value.strip() == _DONE:
                self.done = True
                await self._linger()
                break
            return _event(value)
        raise StopAsyncIteration

    async def _line(self) -> bytes | None:
        """The next whole line; None at the end of the response."""
        while not self._lines:
            chunk = await piece(self._response)
            if not chunk:
                return None
            self._read += len(chunk)
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            self._lines.extend(lines)
            longest = max(map(len, (self._rest, *lines)))
            if longest > LONGEST_LINE or self._read > LONGEST_REPLY:
                raise _unfit("sends more than any list can need")
        return self._lines.popleft()

    async def _linger(self) -> None:
        try:
            async with asyncio.timeout(LINGER_S):
                while await piece(self._response):
                    pass
        except TimeoutError:
            self._response.close()


def answered(choice: Event) -> Any:
    """The next words of a chat's answer. What a model thinks before comes under other names."""
    delta = choice.get("delta")
    return delta.get("content") if isinstance(delta, dict) else None


def _event(data: bytes) -> Event:
    try:
        event = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _unfit("sends events that are not JSON") from error
    if not isinstance(event, dict):
        raise _unfit("sends events of another shape")
    if event.get("error"):
        raise told_off(event["error"])
    return event


def _unfit(words: str) -> EngineFailed:
    return EngineFailed(f"the model's server {words}")
