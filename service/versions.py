"""Versions side by side in a folder, each there as a whole or not at all; CURRENT names one.

A version is made in a hidden folder and flushed to disk before it gets its name; CURRENT is
replaced last. Whoever makes one holds a lock on its hidden folder, which the system lets go of
however that ends: so the next one knows which of them are leftovers, also where process ids mean
nothing, as between containers.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

CURRENT_FILE: Final = "CURRENT"
"""Beside the versions; it names the one that is meant when none is named."""

_PREFIX: Final = ".making-"


@contextmanager
def aside(root: Path) -> Iterator[Path]:
    """A hidden folder to make a version in, gone afterwards unless it was given a name."""
    with ExitStack() as ours:
        with holding(root):
            sweep(root)
            folder = _hidden(root)
            folder.mkdir()
            ours.enter_context(holding(folder))
        ours.callback(shutil.rmtree, folder, ignore_errors=True)
        yield folder


@contextmanager
def holding(folder: Path, how: int = 0) -> Iterator[None]:
    """Hold the lock on a folder; with LOCK_NB, BlockingIOError where it is held already."""
    holder = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | how)
        yield
    finally:
        os.close(holder)


def place(folder: Path, target: Path) -> None:
    """Give a finished folder its name, in place of what may stand there; under the lock."""
    if target.exists():
        target.rename(_hidden(target.parent))
    folder.rename(target)
    _flush(target.parent)


def point(root: Path, version: str) -> None:
    """Have CURRENT name a version; under the lock on `root`."""
    pointer = _hidden(root)
    pointer.write_text(f"{version}\n", "ascii")
    _flush(pointer)
    pointer.replace(root / CURRENT_FILE)
    _flush(root)


def remove(folder: Path) -> None:
    """Let go of a version, hidden first: it is never there in part; under the lock."""
    shutil.rmtree(folder.rename(_hidden(folder.parent)), ignore_errors=True)


def sweep(root: Path) -> None:
    """Remove what the dead left; under the lock on `root`."""
    for path in root.glob(f"{_PREFIX}*"):
        if path.is_file() or path.is_symlink():
            path.unlink()  # pointers are made and used under the lock, so this one is left over
            continue
        # Locked: somebody is at work there. Not found: he has just ended.
        with suppress(BlockingIOError, FileNotFoundError), holding(path, fcntl.LOCK_NB):
            shutil.rmtree(path)


def flush_tree(folder: Path) -> None:
    """Wait until all of a folder is on the disk."""
    for path in [*folder.rglob("*"), folder]:
        _flush(path)


def _hidden(root: Path) -> Path:
    # The process id is for people who look into the folder.
    return root / f"{_PREFIX}{os.getpid()}-{secrets.token_hex(4)}"


def _flush(path: Path) -> None:
    """Wait until a file's content, or a folder's entries, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
