"""Publishing a built catalogue: a version that is sound already stays as it is."""

from __future__ import annotations

from pathlib import Path

from service import versions
from service.catalog.manifest import check_files, read_manifest
from service.errors import DamagedArtifact
from service.versions import aside

__all__ = ["aside", "is_sound", "point", "publish"]


def publish(folder: Path, out: Path, version: str) -> Path:
    """Give a finished folder its name and point CURRENT to it."""
    versions.flush_tree(folder)
    target = out / version
    with versions.holding(out):
        if not is_sound(target):  # else another build of the same was first
            versions.place(folder, target)
        versions.point(out, version)
        versions.sweep(out)
    return target


def point(out: Path, version: str) -> Path:
    """Make a version that is there the current one."""
    with versions.holding(out):
        versions.sweep(out)
        versions.point(out, version)
    return out / version


def is_sound(folder: Path) -> bool:
    """Whether a folder is a whole, undamaged artifact."""
    try:
        check_files(folder, read_manifest(folder), hashes=True)
    except DamagedArtifact:
        return False
    return True
