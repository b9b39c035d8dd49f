"""Both clients, called alike: the one that waits does so in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from listwright.client import AsyncClient, Client

KINDS = ("waiting", "awaited")


class InThread:
    """`Client` as if it were awaited."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)

        async def called(*given: Any, **named: Any) -> Any:
            return await asyncio.to_thread(method, *given, **named)

        return called

    @asynccontextmanager
    async def stream(self, **asked: Any) -> AsyncIterator[InThreadStream]:
        opened = self._client.stream(**asked)
        lines = await asyncio.to_thread(opened.__enter__)
        try:
            yield InThreadStream(lines)
        finally:
            await asyncio.to_thread(opened.__exit__, None, None, None)


class InThreadStream:
    def __init__(self, lines: Any) -> None:
        self._lines, self._items = lines, iter(lines)

    async def __aiter__(self) -> AsyncIterator[Any]:
        while (item := await asyncio.to_thread(next, self._items, None)) is not None:
            yield item

    async def whole(self) -> Any:
        return await asyncio.to_thread(self._lines.whole)


@asynccontextmanager
async def asking(kind: str, url: str, **made_with: Any) -> AsyncIterator[Any]:
    """A client of one kind."""
    if kind == "awaited":
        async with AsyncClient(url, **made_with) as client:
            yield client
    else:
        with Client(url, **made_with) as client:
            yield InThread(client)
