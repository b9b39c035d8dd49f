"""How much room a model takes: its files, and the most memory of the processes that hold it.

A process tells its own peak since it was last asked to forget it. In this process that peak has
all else in it too: the catalogue, the libraries, what was not given back of the model before.
On a GPU it is torch that tells, of what it gave out itself. What vLLM takes there nobody does.
"""
# ruff: noqa: PLC0415 - torch is slow to import, and needed only where a model is on a GPU

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from service.engines.weight_parts import INDEX, WEIGHTS

PROC: Final = Path("/proc")
FORGET: Final = "5"
"""What makes Linux count a process's peak anew."""

GPUS: Final = ("/dev/nvidia", "/dev/kfd")
"""What a process holds open that computes on a GPU: of NVIDIA, of AMD."""

HERE: Final = "peak of this process, all that is shared with other models in it"
HERE_ON_GPU: Final = "peak of what torch gave out on the GPU; memory of the host is left out"
THERE: Final = "peak of vLLM's processes, added up"
THERE_ON_GPU: Final = "not known: vLLM is on a GPU, where it takes what it may, whatever the model"

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
    return sum(map(_bytes_in, set(folders)))


def _bytes_in(folder: Path) -> int:
    """Of a checkpoint those that it is read from: others may hold the same weights once more."""
    if any((folder / name).is_file() for name in (WEIGHTS, INDEX)):
        from models.llm.tensors import weight_bytes

        return weight_bytes(folder)
    return sum(file.stat().st_size for file in folder.iterdir() if file.suffix in SUFFIXES)


def begun(*, on_gpu: bool) -> int | None:
    """From now on the peak is that of what follows; the bytes that are taken already."""
    if on_gpu:
        import torch

        # Before torch has touched the GPU there is no peak, and to forget it would be an error.
        if torch.cuda.max_memory_allocated():
            torch.cuda.reset_peak_memory_stats()
        return int(torch.cuda.memory_allocated())
    _forget_peak()
    return now_of([os.getpid()])


def room_here(weights: int, before: int | None, *, on_gpu: bool) -> Room:
    """What a model in this process takes, since `begun` said what was taken before."""
    if on_gpu:
        import torch

        return Room(weights, int(torch.cuda.max_memory_allocated()), before, HERE_ON_GPU)
    return Room(weights, peak_of([os.getpid()]), before, HERE)


def room_there(weights: int, server: int) -> Room:
    """What a model takes in a vLLM of its own, by the server's first process."""
    processes = children_of(server)
    if any(map(_on_gpu, processes)):
        return Room(weights, how=THERE_ON_GPU)
    return Room(weights, peak_of(processes), None, THERE)


def larger(before: Room, now: Room) -> Room:
    """The one with the higher peak: what is gone on with may have little left to do."""
    return max(before, now, key=lambda room: room.peak or 0)


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


def _forget_peak() -> None:
    """Where the system can do so."""
    try:
        (PROC / "self" / "clear_refs").write_text(FORGET, "ascii")
    except OSError:
        return


def _on_gpu(pid: int) -> bool:
    """Whether a process holds a GPU open."""
    try:
        return any(
            str(file.readlink()).startswith(GPUS) for file in (PROC / str(pid) / "fd").iterdir()
        )
    except OSError:
        # It ended, or closed one, while it was looked at.
        return False
