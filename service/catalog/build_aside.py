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
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from service.catalog.manifest import check_files, read_manifest
from service.errors import DamagedArtifact

CURRENT_FILE: Final = "CURRENT"

_PREFIX: Final = ".building-"


@contextmanager
def aside(out: Path) -> Iterator[Path]:
    """A hidden folder to build in, gone afterwards unless it was published."""
    with _locked(out):
        _sweep(out)
        folder = _hidden(out)
        folder.mkdir()
        holder = os.open(folder, os.O_RDONLY)
        fcntl.flock(holder, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(holder)


def publish(folder: Path, out: Path, version: str) -> Path:
    """Give a finished folder its name and point CURRENT to it."""
    _flush_tree(folder)
    target = out / version
    with _locked(out):
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
    with _locked(out):
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
        if path.is_dir():
            holder = os.open(path, os.O_RDONLY)
            try:
                fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path)
            except BlockingIOError:
                continue  # a build is at work there
            finally:
                os.close(holder)
        else:
            path.unlink()  # pointers are made and used under the lock, so this one is left over


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Alone among all builds into a folder, for the few steps that must not mix."""
    holder = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX)
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
