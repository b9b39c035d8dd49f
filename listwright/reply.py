"""What was answered, before anybody has read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


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
