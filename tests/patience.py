"""Waiting with an end: a test that waits for what never happens fails, and says for what."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import pytest

STEP_S: Final = 0.002


async def until(predicate: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until something holds; fail if it does not in time."""
    try:
        async with asyncio.timeout(seconds):
            while not predicate():  # noqa: ASYNC110 - whatever it is, it has no event of its own
                await asyncio.sleep(STEP_S)
    except TimeoutError:
        pytest.fail(f"not so within {seconds:g} s: {predicate}")


async def happened(event: asyncio.Event, work: asyncio.Future[object], seconds: float = 10) -> None:
    """Wait for an event that some work brings about; fail if the work ends without it, or is late.

    What the work failed of is raised.
    """
    waiting = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait({waiting, work}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if event.is_set():
            return
        if not work.done():
            pytest.fail(f"no event within {seconds:g} s")
        pytest.fail(f"the work ended without the event: {work.result()!r}")
    finally:
        waiting.cancel()
