"""The same work, asked for by many at once: done once, as long as anybody waits for it.

Unlike a flight it is given up with the last who waits: what a model decodes for nobody takes the
place of what it could decode for somebody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from service.pipeline.clock import Deadline

T = TypeVar("T")


@dataclass(slots=True)
class _Shared:
    task: asyncio.Task[Any]
    deadline: Deadline
    waiting: int = 0


class Together:
    """Work under way, by what it is for."""

    def __init__(self) -> None:
        self._shared: dict[str, _Shared] = {}

    def under_way(self, key: str) -> Deadline | None:
        """By when it is to be done, if somebody waits for it."""
        shared = self._shared.get(key)
        return None if shared is None else shared.deadline

    async def once(
        self, key: str, work: Callable[[], Coroutine[Any, Any, T]], deadline: Deadline
    ) -> T:
        """What the work comes to, or what it fails with; begun unless somebody waits for it.

        The deadline is that of whoever begins it.
        Whoever cancels this call goes; the last to go cancels the work.
        """
        shared = self._shared.get(key)
        if shared is None:
            shared = self._shared[key] = _Shared(asyncio.create_task(work()), deadline)
            shared.task.add_done_callback(lambda done: self._done(key, done))
        shared.waiting += 1
        try:
            result: T = await asyncio.shield(shared.task)
            return result
        finally:
            shared.waiting -= 1
            if not shared.waiting and not shared.task.done():
                self._end(key, shared.task)
                shared.task.cancel()

    def _done(self, key: str, task: asyncio.Task[Any]) -> None:
        self._end(key, task)
        if not task.cancelled():
            # Looked at, for those who waited for it have perhaps all gone.
            task.exception()

    def _end(self, key: str, task: asyncio.Task[Any]) -> None:
        shared = self._shared.get(key)
        if shared is not None and shared.task is task:
            del self._shared[key]
