"""What lists were made on: figures of time mean nothing without it."""

from __future__ import annotations

import platform

from models.evaluate.machine import machine
from models.evaluate.running import How
from service.engines.embedded import EmbeddedEngine
from service.pipeline.parts import Recommender
from service.settings import Settings


def machine_of(settings: Settings, parts: Recommender, how: How) -> dict[str, str]:
    """The machine, and how much of it there was for a list."""
    threads = f"{settings.engine.threads}, {settings.engine.workers} lists side by side"
    here = isinstance(parts.engine, EmbeddedEngine)
    return {
        "lists at a time": str(how.concurrency),
        "candidates weighed": f"{parts.policy.ranked} at most",
        "threads of a forward pass": threads if here else "not in the process",
        "machine": f"{machine()}, Python {platform.python_version()}",
    }
