"""How much memory mapped files take, and how much of it processes share."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Final

FIELDS: Final = (
    "Rss", "Pss", "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty",
)  # fmt: skip
"""The pages of a file written a moment ago are dirty, and shared none the less."""
PATIENCE_S: Final = 120


def mapped_megabytes(folder: Path) -> dict[str, float]:
    """What the kernel says of this process's mappings of files in a folder."""
    kilobytes: Counter[str] = Counter(dict.fromkeys(FIELDS, 0))
    inside = False
    for line in Path("/proc/self/smaps").read_text("utf-8").splitlines():
        head, _, rest = line.partition(":")
        if " " in head or "-" in head:
            inside = str(folder) in line
        elif inside and head in FIELDS:
            kilobytes[head] += int(rest.split()[0])
    megabytes = {name: count / 1024 for name, count in kilobytes.items()}
    shared = megabytes["Shared_Clean"] + megabytes["Shared_Dirty"]
    own = megabytes["Private_Clean"] + megabytes["Private_Dirty"]
    return {"resident": megabytes["Rss"], "Pss": megabytes["Pss"], "shared": shared, "own": own}


def resident_megabytes() -> float:
    """All memory of this process that is in RAM."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def side_by_side(read: Callable[[Path], object], folder: Path) -> list[dict[str, float]]:
    """Two fresh processes read the same files; what each holds while both do."""
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(2), context.Queue()
    processes = [
        context.Process(target=_hold, args=(read, folder, barrier, results)) for _ in range(2)
    ]
    for process in processes:
        process.start()
    held = [results.get(timeout=PATIENCE_S) for _ in processes]
    for process in processes:
        process.join()
    return held


def _hold(
    read: Callable[[Path], object],
    folder: Path,
    barrier: Barrier,
    results: Queue[dict[str, float]],
) -> None:
    before = resident_megabytes()
    kept = read(folder)
    barrier.wait(PATIENCE_S)
    held = mapped_megabytes(folder) | {"grown": resident_megabytes() - before}
    barrier.wait(PATIENCE_S)
    results.put(held)
    del kept
