"""What decides who comes in."""

from __future__ import annotations

from dataclasses import dataclass

from service.access.keyring import Keyring
from service.ports import Limits


@dataclass(frozen=True, slots=True)
class Access:
    """Who may come in, and how often. No keyring: anyone may, but to change what is served."""

    limits: Limits
    keyring: Keyring | None = None
