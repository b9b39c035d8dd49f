"""Small models, asked beside the road: what they say in time, or why they say nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Generic, TypeVar

from service.domain import Supplement, SupplementKind
from service.errors import EngineError
from service.pipeline.clock import Deadline
from service.ports import Observer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Had(Generic[T]):
    """What came of asking a small model, in which time; or why nothing came."""

    made: T | None
    why: str
    milliseconds: float


async def had(observer: Observer, name: str, asked: Awaitable[T], within: Deadline) -> Had[T]:
    """What a small model says in time. Whatever goes wrong costs the supplement, nothing else."""
    began = time.perf_counter()
    made, why = None, ""
    try:
        async with asyncio.timeout(within.remaining()):
            made = await asked
    except TimeoutError as error:
        why = "it came too late"
        observer.left_out(name, error)
    except EngineError as error:
        why = error.message
        observer.left_out(name, error)
    except Exception as error:  # noqa: BLE001 - a list or an answer without it is still one
        why = f"it failed: {type(error).__name__}"
        observer.left_out(name, error)
    return Had(made, why, round((time.perf_counter() - began) * 1e3, 3))


def unasked(kind: SupplementKind, why: str, model: str = "", *, failed: bool = False) -> Supplement:
    """What is told of a small model that was not asked; whether it should have been."""
    return Supplement(kind, used=False, why=why, model=model, failed=failed)


def in_vain(kind: SupplementKind, found: Had[T], model: str) -> Supplement:
    """What is told of a small model that was asked in vain."""
    return Supplement(
        kind, used=False, why=found.why, model=model, failed=True, milliseconds=found.milliseconds
    )
