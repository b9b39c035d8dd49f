"""What `stream` gives: a list is told within a `with` block, and who forgets it is told so.

Each block asks anew, so that one may be entered again.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from types import TracebackType
from typing import Final, Generic, NoReturn, TypeVar

T = TypeVar("T")

WITHIN: Final = "a list is told within a block: {} client.stream(...) as lines"


class Block(AbstractContextManager[T], Generic[T]):
    """Of the client that waits."""

    def __init__(self, opened: Callable[[], AbstractContextManager[T]]) -> None:
        self._opened = opened
        self._within: list[AbstractContextManager[T]] = []

    def __enter__(self) -> T:
        inner = self._opened()
        told = inner.__enter__()
        self._within.append(inner)
        return told

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        return self._within.pop().__exit__(kind, error, traceback)

    def __iter__(self) -> NoReturn:
        """A TypeError that says what is missing."""
        raise TypeError(WITHIN.format("with"))


class AsyncBlock(AbstractAsyncContextManager[T], Generic[T]):
    """Of the client that is waited for."""

    def __init__(self, opened: Callable[[], AbstractAsyncContextManager[T]]) -> None:
        self._opened = opened
        self._within: list[AbstractAsyncContextManager[T]] = []

    async def __aenter__(self) -> T:
        inner = self._opened()
        told = await inner.__aenter__()
        self._within.append(inner)
        return told

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        return await self._within.pop().__aexit__(kind, error, traceback)

    def __aiter__(self) -> NoReturn:
        """A TypeError that says what is missing."""
        raise TypeError(WITHIN.format("async with"))
