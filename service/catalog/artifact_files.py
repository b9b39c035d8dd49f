"""The kinds of file an artifact is made of: flat arrays, JSON, and Arrow columns. All are mapped.

Arrow has a module of its own (`artifact_columns`): the speller inside an inference server reads
arrays and JSON alone, where there is no pyarrow.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from service.errors import DamagedArtifact

UNREADABLE: Final = (OSError, ValueError, LookupError, TypeError, RecursionError)
"""What reading a damaged file of an artifact can raise; brackets nested too deep are one way."""

_one_header_at_a_time: Final = threading.Lock()
"""NumPy reads a header with Python's parser, which in 3.11 cannot be shared by threads: they raise
SystemError of a good file (python/cpython#106905). Gateways open catalogues in threads."""


@contextmanager
def reading(path: Path, *more: type[Exception]) -> Iterator[None]:
    """Whatever goes wrong while a file of an artifact is read becomes DamagedArtifact."""
    expected: tuple[type[Exception], ...] = (*UNREADABLE, *more)
    try:
        yield
    except expected as error:
        raise DamagedArtifact(f"{path} cannot be read: {error}") from error


def save_array(path: Path, array: npt.NDArray[Any]) -> None:
    """Write an array as .npy."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.ascontiguousarray(array), allow_pickle=False)


def map_array(path: Path) -> npt.NDArray[Any]:
    """A read-only view of a .npy file, shared with every process that maps it."""
    with reading(path), _one_header_at_a_time:
        # A plain array over the mapping: np.memmap pays for its subclass at each slice.
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def save_json(path: Path, value: object) -> None:
    """Write JSON, the same bytes for the same value."""
    path.write_text(json.dumps(value, ensure_ascii=False) + "\n", "utf-8")


def map_json(path: Path) -> Any:
    """Read JSON."""
    with reading(path):
        return json.loads(path.read_text("utf-8"))
