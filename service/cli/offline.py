"""Offline tools, each in an interpreter of its own: torch never enters this one."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, NoReturn

import typer

from service.errors import BadSettings

NEEDS: Final[Mapping[str, str]] = {"models.sasrec": "torch", "models.tune": "scipy"}
"""The package without which a tool cannot begin."""


ENDS_WITHIN_S: Final = 45.0
"""How long a tool may take to end that is asked to: one may have a vLLM to end first."""


def become(module: str, arguments: Sequence[str]) -> NoReturn:
    """Go on as a tool, in this very process: whoever ends the command ends the tool."""
    command = _command(module, arguments)
    os.execv(command[0], command)  # noqa: S606 - our own interpreter and module


def run(module: str, arguments: Sequence[str]) -> None:
    """Run a tool beside this process, which goes on after it unless it fails."""
    command = _command(module, arguments)
    with ending_on_request():
        tool = subprocess.Popen(command)  # noqa: S603 - as above
        try:
            status = tool.wait()
        finally:
            _end(tool)
    if status:
        raise typer.Exit(status)


def _end(tool: subprocess.Popen[bytes]) -> None:
    """Ask a tool to end that has not, and let it tidy up: it may have processes of its own."""
    if tool.poll() is not None:
        return
    tool.terminate()
    try:
        tool.wait(ENDS_WITHIN_S)
    finally:
        tool.kill()


def _command(module: str, arguments: Sequence[str]) -> list[str]:
    package = NEEDS.get(module)
    if package is not None and importlib.util.find_spec(package) is None:
        raise BadSettings(f"{package} is not installed", hint="pip install 'listwright[train]'")
    # Safe path: a folder in the working directory may be called as the tool's package is.
    return [sys.executable, "-P", "-m", module, *arguments]


@contextmanager
def ending_on_request() -> Iterator[None]:
    """Let SIGTERM end this process by an exception; by itself it would leave a child running."""

    def end(number: int, _frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
