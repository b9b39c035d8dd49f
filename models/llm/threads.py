"""How many threads of the processor torch computes with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def at_most(threads: int) -> Iterator[None]:
    """So many, but no more than this process has cores: they would only wait for one another."""
    before = torch.get_num_threads()
    torch.set_num_threads(min(threads, len(os.sched_getaffinity(0))))
    try:
        yield
    finally:
        torch.set_num_threads(before)
