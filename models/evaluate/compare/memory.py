"""How much room a model takes: its files, and the most memory of the processes that hold it.

A process tells its own peak since it was last asked to forget it. In this process that peak has
all else in it too: the catalogue, the libraries, what was not given back of the model before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
FORGET: Final = "5"
"""What makes Linux count a process's peak anew."""

SUFFIXES: Final = frozenset({".safetensors", ".onnx", ".data"})


@dataclass(frozen=True, slots=True)
class Room:
    """What a model takes."""

    weights: int | None = None
    """Bytes on disk; None where its files are not here."""
    peak: int | None = None
    """Bytes of memory; None where its process is not here, or the system does not say."""
    before: int | None = None
    """Bytes that the process had before the model was loaded."""
    how: str = "not known: its process is not here"


def bytes_of(folders: Iterable[Path]) -> int:
    """The files of weights in some folders."""
    return sum(
        file.stat().st_size
        for folder in set(folders)
        for file in folder.iterdir()
        if file.suffix in SUFFIXES
    )


def forget_peak() -> None:
    """From now on the peak of this process is that of what follows, where the system can do so."""
    try:
        (PROC / "self" / "clear_refs").write_text(FORGET, "ascii")
    except OSError:
        return


def peak_of(pids: Iterable[int | str]) -> int | None:
    """The most memory that each of some processes has had, summed up."""
    return _summed(pids, "VmHWM")


def now_of(pids: Iterable[int | str]) -> int | None:
    """The memory that they have now."""
    return _summed(pids, "VmRSS")


def children_of(pid: int) -> list[int]:
    """A process and all that came of it."""
    found = [pid]
    for parent in found:
        try:
            lists = [*(PROC / str(parent) / "task").glob("*/children")]
            found += [int(child) for each in lists for child in each.read_text("ascii").split()]
        except OSError:
            # It ended while it was looked at.
            continue
    return found


def _summed(pids: Iterable[int | str], name: str) -> int | None:
    sizes = [size for pid in pids if (size := _told(pid, name)) is not None]
    return sum(sizes) if sizes else None


def _told(pid: int | str, name: str) -> int | None:
    try:
        text = (PROC / str(pid) / "status").read_text("utf-8")
    except OSError:
        return None
    found = re.search(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else None
