"""A service of its own process, on cores of its own, for a load that comes over HTTP."""

from __future__ import annotations

import os
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from loadtest.running import running

ANSWER_S: Final = 10.0
"""The longest to wait for an answer about the service itself."""


def split_cores() -> tuple[set[int], set[int]]:
    """One core for the service, the others for whoever asks; all share where there is but one."""
    cores = sorted(os.sched_getaffinity(0))
    return {cores[0]}, set(cores[1:]) or {cores[0]}


@contextmanager
def served(catalogue: Path, cores: set[int], variables: Mapping[str, str]) -> Iterator[str]:
    """The address of a service on these cores; it is stopped in the end."""
    quiet = {"LISTWRIGHT_SERVER__LOG_LEVEL": "warning"}
    with running(serving(catalogue), cores, "/readyz", quiet | dict(variables)) as it:
        yield it.url


def serving(catalogue: Path) -> list[str]:
    """The command that serves a catalogue, for `running`."""
    serve = "from service.cli import main; main()"
    return [sys.executable, "-c", serve, "serve", "--catalogue", str(catalogue), "--port", "{port}"]


def figure(url: str, name: str) -> float:
    """A counter of the service, all its series together."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=ANSWER_S) as answer:  # noqa: S310 - ours
        lines = answer.read().decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))
