"""Publishing a ranker: it is loaded from its hidden folder, as serving will, before it is named."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from service import versions
from service.errors import BadCatalogue, BadSettings, DamagedArtifact
from service.retrieval.ranker import current_version, load_ranker
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


def publish(root: Path, write: Callable[[Path], Facts], *, instead_of: str | None = None) -> Path:
    """Make the next current version; `write` puts its files into a folder and says what they are.

    With `instead_of`, BadSettings where another version has become the current one meanwhile.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        with versions.aside(root) as folder:
            version = seal(folder, write(folder))
            load_ranker(folder)
            versions.flush_tree(folder)
            with versions.holding(root):
                _refuse_other(root, instead_of)
                _place(folder, root / version)
                versions.point(root, version)
                _clear(root, version)
            return root / version
    except OSError as error:
        raise unwritable(root, error) from error


def unwritable(root: Path, error: OSError) -> BadCatalogue:
    """What a person is told where nothing can be written into a folder for rankers."""
    return BadCatalogue(
        f"the ranker cannot be written to {root}: {error}",
        hint="Check that the folder can be written to and that there is room on its disk.",
    )


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


def _place(folder: Path, target: Path) -> None:
    try:
        load_ranker(target)
    except DamagedArtifact:
        versions.place(folder, target)


def _clear(root: Path, current: str) -> None:
    """Remove the oldest versions; only under the lock on `root`."""
    others = [
        path
        for path in root.iterdir()
        if VERSION.fullmatch(path.name) and path.name != current and path.is_dir()
    ]
    others.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in others[KEPT:]:
        versions.remove(path)
