"""Publishing a ranker by rename: a version is there as a whole or not at all.

It is made in a hidden folder and loaded from there, as serving will, before it gets its name;
`CURRENT` is replaced last. Whoever publishes holds a lock on its hidden folder, which the system
lets go of however it ends: so the next one knows which of them are leftovers.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from service.errors import BadCatalogue, BadSettings, DamagedArtifact
from service.retrieval.ranker import CURRENT_FILE, current_version, load_ranker
from service.retrieval.ranker_facts import (
    IDS_FILE,
    INDEX_FILE,
    TUNING_FILE,
    VERSION,
    WEIGHTS_FILE,
    Facts,
    seal,
)
from service.retrieval.tuning_file import write_tuning
from service.tuning import Tuning

KEPT: Final = 4
"""Versions that stay beside the current one: to go back to, and for whoever is loading one."""

_PREFIX: Final = ".publishing-"


def publish(root: Path, write: Callable[[Path], Facts], *, instead_of: str | None = None) -> Path:
    """Make the next current version; `write` puts its files into a folder and says what they are.

    With `instead_of`, BadSettings where another version has become the current one meanwhile.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _aside(root) as folder:
            version = seal(folder, write(folder))
            load_ranker(folder)
            _flush_tree(folder)
            with _holding(root):
                _refuse_other(root, instead_of)
                _place(folder, root / version)
                _point(root, version)
                _clear(root, version)
            return root / version
    except OSError as error:
        raise BadCatalogue(
            f"the ranker cannot be written to {root}: {error}",
            hint="Check that the folder can be written to and that there is room on its disk.",
        ) from error


def retuned(root: Path, tuning: Tuning, *, version: str | None = None) -> Path:
    """Publish a version (the current one) again, with another tuning.

    BadSettings if another has become the current one since: this tuning was not made for it.
    """
    version = version or current_version(root)
    source = root / version

    def write(folder: Path) -> Facts:
        for name in (WEIGHTS_FILE, IDS_FILE, INDEX_FILE):
            if (source / name).exists():
                _link(source / name, folder / name)
        write_tuning(folder / TUNING_FILE, tuning)
        return load_ranker(source).facts

    return publish(root, write, instead_of=version)


def _refuse_other(root: Path, version: str | None) -> None:
    if version is not None and current_version(root) != version:
        raise BadSettings(
            f"ranker {version} is no longer the current one in {root}",
            hint="Another was published meanwhile: tune that one.",
        )


def _link(source: Path, target: Path) -> None:
    """The same file under another name; a copy where the disk knows no such thing."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


@contextmanager
def _aside(root: Path) -> Iterator[Path]:
    """A hidden folder, gone afterwards unless it got a name."""
    with ExitStack() as ours:
        with _holding(root):
            _sweep(root)
            folder = _hidden(root)
            folder.mkdir()
            ours.enter_context(_holding(folder))
        ours.callback(shutil.rmtree, folder, ignore_errors=True)
        yield folder


def _place(folder: Path, target: Path) -> None:
    try:
        load_ranker(target)
    except DamagedArtifact:
        if target.exists():
            target.rename(_hidden(target.parent))
        folder.rename(target)
        _flush(target.parent)


def _point(root: Path, version: str) -> None:
    pointer = _hidden(root)
    pointer.write_text(f"{version}\n", "ascii")
    _flush(pointer)
    pointer.replace(root / CURRENT_FILE)
    _flush(root)


def _clear(root: Path, current: str) -> None:
    """Remove the oldest versions; only under the lock on `root`."""
    versions = [
        path
        for path in root.iterdir()
        if VERSION.fullmatch(path.name) and path.name != current and path.is_dir()
    ]
    versions.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in versions[KEPT:]:
        # Hidden first: a version is there as a whole or not at all, also on its way out.
        shutil.rmtree(path.rename(_hidden(root)), ignore_errors=True)


def _hidden(root: Path) -> Path:
    # The process id is for people who look into the folder.
    return root / f"{_PREFIX}{os.getpid()}-{secrets.token_hex(4)}"


def _sweep(root: Path) -> None:
    """Remove what dead publishers left; only under the lock on `root`."""
    for path in root.glob(f"{_PREFIX}*"):
        if path.is_file():
            path.unlink()  # pointers are made and used under the lock, so this one is left over
            continue
        # Locked: somebody is at work there. Not found: he has just ended.
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
    for path in [*folder.iterdir(), folder]:
        _flush(path)


def _flush(path: Path) -> None:
    """Wait until a file's content, or a folder's entries, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
