"""The machine that speed and memory were measured on."""

from __future__ import annotations

import os
import platform
import sys


def machine(*, gpus: bool = True) -> str:
    """Its processor, cores, and GPUs where torch was loaded, as it is for a model in a folder.

    Without GPUs it is the same whether or not torch was loaded for something else.
    """
    there = [platform.machine(), f"{len(os.sched_getaffinity(0))} cores"]
    return ", ".join([*there, *(_gpus() if gpus else ())])


def _gpus() -> list[str]:
    torch = sys.modules.get("torch")
    if torch is None:
        return []
    return [torch.cuda.get_device_name(at) for at in range(torch.cuda.device_count())]
