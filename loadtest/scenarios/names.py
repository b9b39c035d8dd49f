"""Variables that tell Locust's process what it is about: a command line could be read by others."""

from __future__ import annotations

from typing import Final

CATALOGUE: Final = "LOADTEST_CATALOGUE"
KEY: Final = "LOADTEST_KEY"
DEADLINE: Final = "LOADTEST_DEADLINE_MS"
