"""The files of an artifact are read by several threads at once: a swap opens one beside another."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

from service.catalog.artifact_files import map_array, save_array


@pytest.fixture
def turns_taken_while_parsing() -> Iterator[None]:
    """Threads change in the middle of Python's parser: wherever it has the collector called."""

    def give_way(phase: str, info: dict[str, int]) -> None:
        time.sleep(1e-4)

    before = gc.get_threshold()
    gc.callbacks.append(give_way)
    gc.set_threshold(1)
    yield
    gc.set_threshold(*before)
    gc.callbacks.remove(give_way)


@pytest.mark.usefixtures("turns_taken_while_parsing")
def test_threads_read_arrays_at_once(tmp_path: Path) -> None:
    path = tmp_path / "numbers.npy"
    save_array(path, np.arange(10))
    together = Barrier(4)

    def read(_: int) -> list[list[int]]:
        together.wait()
        return [map_array(path).tolist() for _ in range(40)]

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(read, range(4))) == [[list(range(10))] * 40] * 4
