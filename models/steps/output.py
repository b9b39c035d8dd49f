"""The folder a step makes: there as a whole, with a manifest, or not at all.

What a killed run had done stays in a hidden folder beside it, named after what it was made of and
how; who asks for the same again goes on there. A folder that is complete is not made twice.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import platform
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fcntl import LOCK_NB
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, TypeAlias

from safetensors import SafetensorError

from models.steps.clock import timed
from models.steps.config import Choices
from service.errors import BadInput, BadSettings
from service.modelfolder import MANIFEST, read_manifest, write_manifest
from service.versions import flush_tree, holding

FORMAT: Final = 1
"""Of the manifest: what older code made is not taken for the same."""

STATE: Final = "state"
"""In the hidden folder: what going on takes, and the finished folder has not."""

_SECONDS: Final = "seconds"
"""In the state: how long the runs before worked."""

_HIDDEN: Final = re.compile(r"\.(.+)\.making-[0-9a-f]{12}")
_KEPT_S: Final = 7 * 24 * 3600
_TOLD: Final = ("torch", "transformers", "peft", "trl", "llmcompressor", "mergekit", "bitsandbytes")

Figures: TypeAlias = Mapping[str, Any]
"""What a step found out of its work, fit for JSON."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a step makes something of, and how."""

    step: str
    choices: Choices
    made_of: Mapping[str, str] = field(default_factory=dict)
    """The digest of each thing that goes in."""

    @property
    def digest(self) -> str:
        """Equal for equal recipes."""
        return hashlib.sha256(json.dumps(self._facts(), sort_keys=True).encode()).hexdigest()

    def manifest(self, figures: Figures, seconds: float) -> dict[str, Any]:
        """All that is told of it beside what it made."""
        return {
            **self._facts(),
            "recipe": self.digest,
            "figures": dict(figures),
            "seconds": round(seconds, 1),
            "made_with": dict(_versions()),
        }

    def _facts(self) -> dict[str, Any]:
        choices = self.choices.model_dump(mode="json")
        return {"format": FORMAT, "step": self.step, "choices": choices} | {
            "made_of": dict(self.made_of)
        }


def made(folder: Path, recipe: Recipe, make: Callable[[Path], Figures]) -> Path:
    """The folder, made unless it is there. `make` writes into the folder it is given.

    BadInput if the folder holds something else, or another process is making it.
    """
    folder = folder.absolute()
    if _there(folder, recipe):
        return folder
    work = folder.with_name(f".{folder.name}.making-{recipe.digest[:12]}")
    with room_told(folder):
        work.mkdir(parents=True, exist_ok=True)
        with _alone(work, folder):
            # Whoever made it first while this one waited for nothing has placed it by now.
            if _there(folder, recipe):
                return folder
            _take_up(work)
            with timed(work / STATE / _SECONDS) as clock:
                figures = make(work)
            write_manifest(work, {"name": folder.name, **recipe.manifest(figures, clock())})
            flush_tree(work)
            _place(work, folder)
    _sweep(folder)
    return folder


def figures_of(folder: Path) -> dict[str, Any]:
    """What the step that made a folder found out; DamagedArtifact if its files were altered."""
    found: dict[str, Any] = read_manifest(folder).get("figures", {})
    return found


@contextmanager
def room_told(folder: Path) -> Iterator[None]:
    """Say so where a disk is full or a folder cannot be written: what was kept before stays."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        number = getattr(error, "errno", None)
        # What is wrong with other files, such as one to read, tells itself.
        full = number in {errno.ENOSPC, errno.EDQUOT} or "No space left" in str(error)
        if not full and number not in {errno.EACCES, errno.EROFS, errno.EPERM}:
            raise
        why = "the disk is full" if full else os.strerror(number or 0)
        raise BadSettings(
            f"{_asked_for(folder)} cannot be written: {why}",
            hint="Mend that: the same command then goes on where this one was ended. With another"
            " --out it begins anew.",
        ) from error


def _asked_for(folder: Path) -> Path:
    """The folder that people named, where this one is made on the way to it."""
    for parent in reversed(folder.parents):
        if found := _HIDDEN.fullmatch(parent.name):
            return parent.with_name(found[1])
    return folder


def _there(folder: Path, recipe: Recipe) -> bool:
    """Whether it is complete; BadInput if something else is there, DamagedArtifact if altered."""
    if not folder.exists():
        return False
    if _recipe_in(folder) == recipe.digest:
        read_manifest(folder)
        return True
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        return False
    raise BadInput(
        f"{folder} holds something else already.",
        hint="Name another folder with --out, or remove this one.",
    )


def _recipe_in(folder: Path) -> str | None:
    """What a folder was made by; None where no step made it."""
    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    found = said.get("recipe") if isinstance(said, dict) else None
    return found if isinstance(found, str) else None


@contextmanager
def _alone(work: Path, folder: Path) -> Iterator[None]:
    try:
        with holding(work, LOCK_NB):
            yield
    except BlockingIOError as error:
        raise BadInput(
            f"Another process is making {folder}.", hint="Wait for it to end."
        ) from error


def _take_up(work: Path) -> None:
    """Have the state where it was, also if the run before was ended while it placed the output."""
    left = _beside(work)
    if left.is_dir():
        left.rename(work / STATE)
    (work / STATE).mkdir(exist_ok=True)


def _place(work: Path, folder: Path) -> None:
    """Give the output its name; only then the state goes, which until then could be needed."""
    left = _beside(work)
    (work / STATE).rename(left)
    work.rename(folder)
    shutil.rmtree(left, ignore_errors=True)


def _beside(work: Path) -> Path:
    return work.with_name(f"{work.name}.{STATE}")


def _versions() -> Iterator[tuple[str, str]]:
    yield "python", platform.python_version()
    for package in _TOLD:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            continue


def _sweep(folder: Path) -> None:
    """Remove what was begun otherwise long ago, never ended, and nobody is at now."""
    for left in folder.parent.glob(f".{folder.name}.making-*"):
        # Locked: somebody is at work there. Not found: he has just ended.
        with suppress(BlockingIOError, FileNotFoundError), holding(left, LOCK_NB):
            newest = max(path.lstat().st_mtime for path in [left, *left.rglob("*")])
            if time.time() - newest > _KEPT_S:
                shutil.rmtree(left, ignore_errors=True)
