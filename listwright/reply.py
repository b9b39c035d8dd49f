"""What was answered, before anybody has read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from listwright.errors import unreadable

MOST_BYTES: Final = 64 * 2**20
"""Of an answer: far more than any list, and no more than a machine has."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    coming: Any = None
    """Instead of a body, the response of which one is still to be read as it comes."""
    until: float = 0.0
    """When to stop reading it, by the clock."""


def is_packed(response: httpx.Response) -> bool:
    """Whether it is compressed, which it was asked not to be: a little may be packed from a lot."""
    said: str = response.headers.get("content-encoding", "identity")
    return said.lower() != "identity"


def plain(response: httpx.Response) -> None:
    """Nothing, or the error that it is packed."""
    if is_packed(response):
        raise unreadable("it is compressed", response.status_code, response.headers)


def bounded(size: int, status: int, headers: Mapping[str, str]) -> None:
    """Nothing, or the error that an answer of this size does not end."""
    if size > MOST_BYTES:
        raise unreadable(f"it has more than {MOST_BYTES:,} bytes", status, headers)
