"""The machine that speed and memory were measured on."""

from __future__ import annotations

import os
import platform
import sys


def machine() -> str:
    """Its processor, cores, and GPUs where torch was loaded, as it is for a model in a folder."""
    return ", ".join([platform.machine(), f"{len(os.sched_getaffinity(0))} cores", *_gpus()])


def _gpus() -> list[str]:
    torch = sys.modules.get("torch")
    if torch is None:
        return []
    return [torch.cuda.get_device_name(at) for at in range(torch.cuda.device_count())]
