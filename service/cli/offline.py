"""Offline tools, each in a process of its own: torch never enters this one."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Final

import typer

from service.errors import BadSettings

NEEDS: Final[Mapping[str, str]] = {"models.sasrec": "torch", "models.tune": "scipy"}
"""The package without which a tool cannot begin."""


def run(module: str, arguments: Sequence[str]) -> None:
    """Run a tool with what the command line has left for it, and end as it ends."""
    package = NEEDS.get(module)
    if package is not None and importlib.util.find_spec(package) is None:
        raise BadSettings(f"{package} is not installed", hint="pip install 'listwright[train]'")
    # Safe path: a folder in the working directory may be called as the tool's package is.
    command = [sys.executable, "-P", "-m", module, *arguments]
    ended = subprocess.run(command, check=False)  # noqa: S603 - our own interpreter and module
    if ended.returncode:
        raise typer.Exit(ended.returncode)
