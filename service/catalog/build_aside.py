"""Building aside and publishing by rename: a catalogue is there as a whole or not at all.

Everything is made in a hidden folder of the output folder and flushed to disk before it gets its
name; `CURRENT` is replaced last. A build holds a lock on its hidden folder, which the system
lets go of however the build ends: so the next build knows which of them are leftovers, also
where process ids mean nothing, as between containers.
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

from service.catalog.manifest import CURRENT_FILE, check_files, read_manifest
from service.errors import DamagedArtifact

__all__ = ["CURRENT_FILE", "aside", "is_sound", "point", "publish"]

_PREFIX: Final = ".building-"


@contextmanager
def aside(out: Path) -> Iterator[Path]:
    """A hidden folder to build in, gone afterwards unless it was published."""
    with ExitStack() as ours:
        with _holding(out):
            _sweep(out)
            folder = _hidden(out)
            folder.mkdir()
            ours.enter_context(_holding(folder))
        ours.callback(shutil.rmtree, folder, ignore_errors=True)
        yield folder


def publish(folder: Path, out: Path, version: str) -> Path:
    """Give a finished folder its name and point CURRENT to it."""
    _flush_tree(folder)
    target = out / version
    with _holding(out):
        if not is_sound(target):  # else another build of the same was first
            if target.exists():
                target.rename(_hidden(out))
            folder.rename(target)
            _flush(out)
        _point(out, version)
        _sweep(out)
    return target


def point(out: Path, version: str) -> Path:
    """Make a version that is there the current one."""
    with _holding(out):
        _sweep(out)
        _point(out, version)
    return out / version


def is_sound(folder: Path) -> bool:
    """Whether a folder is a whole, undamaged artifact."""
    try:
        check_files(folder, read_manifest(folder), hashes=True)
    except DamagedArtifact:
        return False
    return True


def _point(out: Path, version: str) -> None:
    pointer = _hidden(out)
    pointer.write_text(f"{version}\n", "ascii")
    _flush(pointer)
    pointer.replace(out / CURRENT_FILE)
    _flush(out)


def _hidden(out: Path) -> Path:
    # The process id is for people who look into the folder.
    return out / f"{_PREFIX}{os.getpid()}-{secrets.token_hex(4)}"


def _sweep(out: Path) -> None:
    """Remove what dead builds left; only under the lock on `out`."""
    for path in out.glob(f"{_PREFIX}*"):
        if path.is_file():
            path.unlink()  # pointers are made and used under the lock, so this one is left over
            continue
        # Locked: a build is at work there. Not found: it has just ended.
        with suppress(BlockingIOError, FileNotFoundError), _holding(path, fcntl.LOCK_NB):
            shutil.rmtree(path)


@contextmanager
def _holding(folder: Path, how: int = 0) -> Iterator[None]:
    """Hold the lock on a folder; with LOCK_NB, BlockingIOError where it is held already."""
    holder = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | how)
        yield
    finally:
        os.close(holder)


def _flush_tree(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder]:
        _flush(path)


def _flush(path: Path) -> None:
    """Wait until a file's content, or a folder's entries, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
