"""`listwright build`: files in, a catalogue out."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import typer

from service.cli.console import err
from service.cli.progress import progress
from service.settings import Settings
from service.wiring import build_catalogue

ROLES = ("id", "title", "categories", "user", "item", "timestamp")


def columns(pairs: list[str]) -> dict[str, str]:
    """`id=asin` and the like."""
    named: dict[str, str] = {}
    for pair in pairs:
        role, _, column = pair.partition("=")
        if role not in ROLES or not column:
            raise typer.BadParameter(
                f"{pair!r} is not like 'id=asin'; the roles are {', '.join(ROLES)}"
            )
        named[role] = column
    return named


def build(  # noqa: PLR0913 - what a build is made of
    settings: Settings,
    items: Path,
    events: Path | None,
    out: Path,
    *,
    skip_bad: bool = False,
    named: Mapping[str, str] | None = None,
) -> Path:
    """Build a catalogue, and show how it goes."""
    # A build that is asked to end sweeps up after itself, as one that fails does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with progress(err()) as report:
        return build_catalogue(
            items,
            events,
            out,
            settings,
            progress=report,
            skip_bad=skip_bad,
            columns=named or {},
        )
