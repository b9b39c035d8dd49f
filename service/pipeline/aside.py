"""Work beside the event loop, unless it is over sooner than the way to a thread and back.

A thread costs 0.1 ms when the machine is idle, and several when all cores are busy: the two
threads then wait for each other's turn at the interpreter. Over a small catalogue a short list is
arithmetic of 2 ms, so there it is done on the spot. Long lists multiply what it takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from service.ports import FEW

SHORT: Final = 20
"""Items of a list that is soon selected."""

P = ParamSpec("P")
T = TypeVar("T")


def soon(rows: int, k: int) -> bool:
    """Whether a list of k out of so many rows is made before a thread would have begun."""
    return rows <= FEW and k <= SHORT


async def aside(at_once: bool, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:  # noqa: FBT001 - keywords are the work's
    """What the work comes to; in a thread, unless it is to be done at once."""
    if at_once:
        return work(*args, **kwargs)
    return await asyncio.to_thread(work, *args, **kwargs)
