"""The state of a long training in one file: written beside and put in place, or not at all.

A full disk or a kill leaves the state before as it was.
"""

from __future__ import annotations

import os
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import torch


def write_state(path: Path, state: dict[str, Any]) -> None:
    """Keep a state, instead of the one before; that one stays, and OSError, where it cannot be."""
    # Not by torch itself: it says neither which file could not be written nor why.
    content = BytesIO()
    torch.save(state, content)
    write_bytes(path, content.getbuffer())


def write_bytes(path: Path, content: bytes | memoryview) -> None:
    """Put a file in place as a whole; OSError, with the one before intact, where it cannot be."""
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise


def read_state(path: Path) -> dict[str, Any] | None:
    """What was kept; None if there is nothing, or it makes no sense.

    What is only out of reach, as without the permission, is not taken for lost: OSError.
    """
    try:
        with path.open("rb") as file:
            state: dict[str, Any] = torch.load(file, weights_only=True, map_location="cpu")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - a damaged file may raise anything; then it starts anew
        return None
    return state
