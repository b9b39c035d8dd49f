"""Work beside the event loop, unless it is over sooner than the way to a thread and back.

A thread costs 0.1 ms when the machine is idle, and several when all cores are busy: the two
threads then wait for each other's turn at the interpreter. Over a small catalogue a whole list is
arithmetic of 2 ms, so there it is done on the spot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

SOON: Final = 20_000
"""Rows of a catalogue, up to which what goes over all of them is soon done."""

P = ParamSpec("P")
T = TypeVar("T")


async def aside(rows: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the work comes to; in a thread, where it goes over many rows."""
    if rows <= SOON:
        return work(*args, **kwargs)
    return await asyncio.to_thread(work, *args, **kwargs)
