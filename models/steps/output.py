"""The folder a step makes: there as a whole, with a manifest, or not at all.

What a killed run had done stays in a hidden folder beside it, named after what it was made of and
how; who asks for the same again goes on there. A folder that is complete is not made twice, and
two processes do not make it at once, be it in different ways.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, TypeAlias

from safetensors import SafetensorError

from models.steps.clock import timed
from models.steps.config import Choices
from models.steps.digest import manifest_of
from models.steps.work import (
    FULL,
    REFUSED,
    SECONDS,
    STATE,
    alone,
    asked_for,
    cleared,
    opened,
    place,
    sweep,
    take_up,
    work_folder,
)
from service.errors import BadInput, BadSettings
from service.modelfolder import MANIFEST, read_manifest, write_manifest
from service.versions import flush_tree

FORMAT: Final = 1
"""Of the manifest: what older code made is not taken for the same."""

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

    BadInput if the folder holds something else, or another process is making it. Of what `make`
    refuses by BadInput nothing is kept but state that it saved: to repeat it does not mend it.
    """
    folder = folder.absolute()
    if _there(folder, recipe):
        return folder
    work = work_folder(folder, recipe.digest)
    with room_told(folder):
        opened(work, folder)
        with alone(work, folder):
            # Whoever made it first while this one waited for nothing has placed it by now.
            if _there(folder, recipe):
                return folder
            take_up(work)
            with cleared(work):
                with timed(work / STATE / SECONDS) as clock:
                    figures = make(work)
                _refuse_no_numbers(figures, folder)
            write_manifest(work, {"name": folder.name, **recipe.manifest(figures, clock())})
            flush_tree(work)
            place(work, folder)
    sweep(folder)
    return folder


def figures_of(folder: Path) -> dict[str, Any]:
    """What the step that made a folder found out; DamagedArtifact if its files were altered."""
    found: dict[str, Any] = manifest_of(folder).get("figures", {})
    return found


@contextmanager
def room_told(folder: Path) -> Iterator[None]:
    """Say so where a disk is full or a folder cannot be written: what was kept before stays."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        number = getattr(error, "errno", None)
        # What is wrong with other files, such as one to read, tells itself.
        full = number in FULL or "No space left" in str(error)
        if not full and number not in REFUSED:
            raise
        why = "the disk is full" if full else os.strerror(number or 0)
        raise BadSettings(
            f"{asked_for(folder)} cannot be written: {why}",
            hint="Mend that: the same command then goes on where this one was ended. With another"
            " --out it begins anew.",
        ) from error


def _there(folder: Path, recipe: Recipe) -> bool:
    """Whether it is complete; BadInput if something else is there, DamagedArtifact if altered."""
    if not folder.exists():
        return False
    found = _recipe_in(folder)
    if found == recipe.digest:
        again = "Copy it anew as a whole, or remove it: the same command then makes it again."
        read_manifest(folder, again)
        return True
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        return False
    # What no step made is a person's own.
    or_else = ", or remove this one" if found else ""
    raise BadInput(
        f"{folder} holds something else already.",
        hint=f"Name another folder with --out{or_else}.",
    )


def _recipe_in(folder: Path) -> str | None:
    """What a folder was made by; None where no step made it."""
    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    found = said.get("recipe") if isinstance(said, dict) else None
    return found if isinstance(found, str) else None


def _refuse_no_numbers(figures: Figures, folder: Path) -> None:
    """BadInput where a figure is not finite: what was made has come to nothing."""
    for name, figure in figures.items():
        try:
            json.dumps(figure, allow_nan=False)
        except ValueError as error:
            raise BadInput(
                f"{asked_for(folder)} is not kept: among its figures {name} is no number.",
                hint="A weight or a number of what it was made of is none, or grew beyond all"
                " bounds.",
            ) from error


def _versions() -> Iterator[tuple[str, str]]:
    yield "python", platform.python_version()
    for package in _TOLD:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            continue
