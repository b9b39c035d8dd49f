"""Settings as a deployment says them: real ones, that the service itself takes."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

import pytest

from service.settings import PREFIX, Settings, load_settings


def taken(said: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings that the service reads from these variables and no others."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    for name, value in said.items():
        if name.startswith(PREFIX):
            monkeypatch.setenv(name, defaulted(value))
    return load_settings()


def defaulted(text: str) -> str:
    """Compose's ${NAME:-default}, where NAME is unset."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)
