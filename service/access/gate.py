"""What decides who comes in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from service.access.holder import Holder
from service.ports import Limits


class Holders(Protocol):
    """Those who have keys; which ones these are may change meanwhile."""

    @property
    def holders(self) -> tuple[Holder, ...]:
        """All of them."""
        ...

    def holder(self, key: str) -> Holder | None:
        """Whose key it is; None for one that nobody holds."""
        ...

    def trouble(self) -> str | None:
        """Why they are not those whom the operator named last, if they are not."""
        ...


@dataclass(frozen=True, slots=True)
class Access:
    """Who may come in, and how often. No keyring: anyone may, but to change what is served."""

    limits: Limits
    keyring: Holders | None = None

    def trouble(self) -> str | None:
        """Why those who are let in are not those whom the operator named last."""
        return None if self.keyring is None else self.keyring.trouble()
