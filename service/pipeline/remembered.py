"""What small models said before, by the content they were asked about and their version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from service.errors import StoreUnavailable
from service.ports import Cache, Observer


def digest(kind: str, model: str, *content: str | Sequence[str]) -> str:
    """The key of what a model of this version says of some content."""
    return hashlib.sha256(json.dumps([kind, model, *content]).encode()).hexdigest()


async def recalled(cache: Cache, key: str, observer: Observer) -> str | None:
    """What is remembered; a cache that cannot be read is passed over."""
    try:
        return await cache.get(key)
    except StoreUnavailable as error:
        observer.left_out("cache", error)
        return None


async def remember(
    cache: Cache, key: str, value: str, observer: Observer, seconds: float | None = None
) -> None:
    """Remember it, for so long at most; where that cannot be done it is said anew next time."""
    try:
        await cache.put(key, value, seconds)
    except StoreUnavailable as error:
        observer.left_out("cache", error)
