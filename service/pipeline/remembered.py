"""What small models said before, by the content they were asked about and their version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from service.errors import StoreUnavailable
from service.ports import Cache, Looked, Observer


def digest(kind: str, model: str, *content: str | Sequence[str]) -> str:
    """The key of what a model of this version says of some content."""
    return hashlib.sha256(json.dumps([kind, model, *content]).encode()).hexdigest()


async def recalled(name: str, cache: Cache, key: str, observer: Observer) -> str | None:
    """What is remembered, told as found or not under the cache's name."""
    text = await found(name, cache, key, observer)
    if text is not None:
        observer.looked_up(name, Looked.HIT)
    return text


async def found(name: str, cache: Cache, key: str, observer: Observer) -> str | None:
    """The same where it is still to be seen whether what is found is of use, and who tells that."""
    try:
        text = await cache.get(key)
    except StoreUnavailable as error:
        observer.left_out("cache", error)
        observer.looked_up(name, Looked.FAILED)
        return None
    if text is None:
        observer.looked_up(name, Looked.MISS)
    return text


async def remember(
    cache: Cache, key: str, value: str, observer: Observer, seconds: float | None = None
) -> None:
    """Remember it, for so long at most; where that cannot be done it is said anew next time."""
    try:
        await cache.put(key, value, seconds)
    except StoreUnavailable as error:
        observer.left_out("cache", error)
