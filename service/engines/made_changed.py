"""Whether the folder of a model still holds what it is named after."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from service.engines.made_model import MadeModel, made_model
from service.errors import BadSettings

Stamps: TypeAlias = frozenset[tuple[str, int, int, int]]


def changed(made: MadeModel) -> bool:
    """Whether other weights lie there by now, or none that can be used. Reads all files."""
    try:
        return made_model(made.label, made.folder).digest != made.digest
    except BadSettings:
        return True


class Changed:
    """The same for who asks often: files are read again only if one looks touched."""

    def __init__(self, made: MadeModel) -> None:
        self._made = made
        self._stamps: Stamps | None = None
        self._changed = False

    def __call__(self) -> bool:
        """Whether other weights lie there by now, or none that can be used."""
        # Before they are read: what is exchanged meanwhile is seen the next time.
        stamps = _stamps(self._made.folder)
        if stamps != self._stamps:
            self._changed, self._stamps = changed(self._made), stamps
        return self._changed


def _stamps(folder: Path) -> Stamps:
    """What tells that a file was touched; the time of its change also where it was copied as is."""
    try:
        files = [(path.name, path.stat()) for path in folder.iterdir()]
    except OSError:
        return frozenset()
    return frozenset((name, at.st_size, at.st_mtime_ns, at.st_ctime_ns) for name, at in files)
