"""Whether a balancer should send requests here: yes, until the service has been told to end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Readiness:
    """Told by the server, read by `/readyz`."""

    leaving: bool = False
