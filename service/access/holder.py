"""Whoever holds an API key, and what the key is good for."""

from __future__ import annotations

from dataclasses import dataclass

from service.domain import DEFAULT_TENANT


@dataclass(frozen=True, slots=True)
class Holder:
    """Named in logs; the key itself never is."""

    name: str
    tenant: str = DEFAULT_TENANT
    rate: str | None = None
    """Such as `600/minute`: how often it may ask; as often as it likes if nothing is said."""
    admin: bool = False
    """Whether it may also change what is served, and see what is counted of all tenants."""
    watch: bool = False
    """Whether that is all it may: see what is counted."""


ANYONE = Holder("anyone")
"""Where no keys are set: for trying things out, and behind a gateway that knows its users."""
