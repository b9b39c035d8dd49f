"""Offline tools, each in a process of its own: torch never enters this one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import typer


def run(module: str, arguments: Sequence[str]) -> None:
    """Run a tool with what the command line has left for it, and end as it ends."""
    command = [sys.executable, "-m", module, *arguments]
    ended = subprocess.run(command, check=False)  # noqa: S603 - our own interpreter and module
    if ended.returncode:
        raise typer.Exit(ended.returncode)
