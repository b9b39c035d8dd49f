"""The hidden folder beside an output, where a step works, and what is left there to go on with.

It is named after the output and the recipe; who is at work there holds its lock.
"""

from __future__ import annotations

import errno
import glob
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from fcntl import LOCK_NB
from pathlib import Path
from typing import Final

from service.errors import BadInput, BadSettings
from service.versions import holding

STATE: Final = "state"
"""In the hidden folder: what going on takes, and the finished folder has not."""

SECONDS: Final = "seconds"
"""In the state: how long the runs before worked."""

_HIDDEN: Final = re.compile(r"\.(.+)\.making-[0-9a-f]{12}")
_KEPT_S: Final = 7 * 24 * 3600
FULL: Final = {errno.ENOSPC, errno.EDQUOT}
REFUSED: Final = {errno.EACCES, errno.EROFS, errno.EPERM}
_TAKEN: Final = {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}


def work_folder(folder: Path, digest: str) -> Path:
    """Where an output of this recipe is made."""
    return folder.with_name(f".{folder.name}.making-{digest[:12]}")


def asked_for(folder: Path) -> Path:
    """The folder that people named, where this one is made on the way to it."""
    for parent in reversed(folder.parents):
        if found := _HIDDEN.fullmatch(parent.name):
            return parent.with_name(found[1])
    return folder


def opened(work: Path, folder: Path) -> None:
    """Have the folder; BadSettings where there can be none."""
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno in FULL | REFUSED:
            raise
        raise BadSettings(
            f"{asked_for(folder)} cannot be made: {os.strerror(error.errno or 0)}",
            hint="Name another folder with --out.",
        ) from error


@contextmanager
def alone(work: Path, folder: Path) -> Iterator[None]:
    """Hold the work folder while nobody is at one for the same output, be it made otherwise."""
    with ExitStack() as ours:
        try:
            ours.enter_context(holding(work, LOCK_NB))
            # Under the lock, and only where it is empty: nothing was begun.
            ours.callback(_remove_empty, work)
            for other in _works(folder):
                if other != work:
                    _refuse_held(other)
        # Not found: who held it has just ended.
        except (BlockingIOError, FileNotFoundError) as error:
            raise BadInput(
                f"Another process is making {asked_for(folder)}.",
                hint="Wait for it to end, or name another folder with --out.",
            ) from error
        yield


def _refuse_held(work: Path) -> None:
    """BlockingIOError if somebody is at work there."""
    with suppress(FileNotFoundError, PermissionError), holding(work, LOCK_NB):
        pass


def _works(folder: Path) -> Iterator[Path]:
    """The hidden folders for an output, of whatever it is made."""
    return folder.parent.glob(f".{glob.escape(folder.name)}.making-*")


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


@contextmanager
def cleared(work: Path) -> Iterator[None]:
    """Leave of what is refused the state that was saved, and say where; nothing if there is none.

    A refusal comes again however often it is asked for, and what was written may be large.
    """
    try:
        yield
    except BadInput as error:
        for path in work.iterdir():
            if path.name != STATE:
                _remove(path)
        if not _saved(work):
            _remove(work / STATE)
        elif str(work) not in error.hint:
            kept = f"What had been done is kept in {work}: remove that, unless you go on there."
            error.hint = f"{error.hint} {kept}".lstrip()
        raise


def _saved(work: Path) -> bool:
    """Whether there is a state beyond the time that it took."""
    state = work / STATE
    return any(path.is_file() and path != state / SECONDS for path in state.rglob("*"))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def take_up(work: Path) -> None:
    """Have the state where it was, also if the run before was ended while it placed the output."""
    left = _beside(work)
    if left.is_dir():
        left.rename(work / STATE)
    (work / STATE).mkdir(exist_ok=True)


def place(work: Path, folder: Path) -> None:
    """Give the output its name; only then the state goes, which until then could be needed."""
    left = _beside(work)
    (work / STATE).rename(left)
    try:
        work.rename(folder)
    except OSError as error:
        left.rename(work / STATE)
        if error.errno not in _TAKEN:
            raise
        raise BadInput(
            f"{folder} has come to hold something else meanwhile.",
            hint="Move that away: the same command then goes on where this one was ended.",
        ) from error
    shutil.rmtree(left, ignore_errors=True)


def _beside(work: Path) -> Path:
    return work.with_name(f"{work.name}.{STATE}")


def sweep(folder: Path) -> None:
    """Remove what was begun otherwise long ago, never ended, and nobody is at now."""
    for left in _works(folder):
        # Locked: somebody is at work there. Not found: he has just ended.
        with suppress(BlockingIOError, FileNotFoundError), holding(left, LOCK_NB):
            newest = max(path.lstat().st_mtime for path in [left, *left.rglob("*")])
            if time.time() - newest > _KEPT_S:
                shutil.rmtree(left, ignore_errors=True)
