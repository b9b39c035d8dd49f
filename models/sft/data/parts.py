"""The folder of examples: a part to learn from, a part to validate with, and what was left out."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from models.sft.data.example import Example, write_examples
from models.sft.data.lists import Made
from models.sft.data.tokens import example_tokens
from models.steps.digest import manifest_of
from models.steps.output import figures_of
from service.engines.text.tokenizer import ChatTokenizer
from service.errors import BadInput
from service.modelfolder import MANIFEST

TRAIN: Final = "train.jsonl"
VALIDATION: Final = "validation.jsonl"

CATALOGUE: Final = "catalogue"
"""Among the figures: the folder of the one that the examples are of."""

TOO_LONG: Final = "prompt and answer are longer than the context"


@dataclass(frozen=True, slots=True)
class Account:
    """How many examples each task has in a part, and how many it has not, and why."""

    written: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

    def counted(self, task: str, made: Made) -> Example | None:
        """The example, if there is one."""
        if isinstance(made, str):
            self.left_out[f"{task}: {made}"] += 1
            return None
        self.written[task] += 1
        return made

    def figures(self) -> dict[str, Any]:
        """Fit for a manifest."""
        return {
            "examples": self.written.total(),
            "of_each": dict(sorted(self.written.items())),
            "left_out": dict(sorted(self.left_out.items())),
        }


@dataclass(frozen=True, slots=True)
class Context:
    """How much a model that is taught can read."""

    tokenizer: ChatTokenizer
    tokens: int

    def fitting(self, made: Made) -> Made:
        """The example if the context holds it."""
        if isinstance(made, str):
            return made
        return made if len(example_tokens(self.tokenizer, made)) <= self.tokens else TOO_LONG


def write_part(path: Path, made: Iterable[tuple[str, Made]]) -> Account:
    """Write what was made of one part, as it comes, by the name of its task."""
    account = Account()
    write_examples(path, _kept(account, made))
    return account


def figures_of_parts(train: Account, validation: Account) -> dict[str, Any]:
    """What the manifest tells; BadInput if there is nothing to learn from."""
    if not train.written:
        why = "; ".join(f"{reason} ({n})" for reason, n in train.left_out.items())
        raise BadInput(
            f"No example to learn from came of it: {why or 'there was nothing to make one of'}.",
            hint="Loosen what is asked for, or name other data.",
        )
    return {"train": train.figures(), "validation": validation.figures()}


def catalogue_said(catalogue: Path, folder: Path) -> str:
    """Where a catalogue is, as a folder of examples says it.

    From that folder on where both are in one place, so that they can be moved together.
    """
    catalogue, folder = catalogue.resolve(), folder.resolve()
    near = catalogue.is_relative_to(folder.parent)
    return os.path.relpath(catalogue, folder) if near else str(catalogue)


def catalogue_named(folder: Path) -> Path | None:
    """The folder of the catalogue that a folder's examples are of, if it is said.

    DamagedArtifact if the files are not as they were made.
    """
    said: str | None = figures_of(folder).get(CATALOGUE)
    return None if said is None else (folder / said).resolve()


def tokenizer_named(folder: Path) -> str | None:
    """The digest of the tokenizer that a folder's examples were made for, if that is known.

    DamagedArtifact if the files are not as they were made.
    """
    if not (folder / MANIFEST).is_file():
        return None
    found: str | None = manifest_of(folder).get("made_of", {}).get("tokenizer")
    return found


def refuse_other_data(folder: Path, tokenizer: ChatTokenizer) -> None:
    """BadInput if a folder's examples were made for another tokenizer."""
    if tokenizer_named(folder) not in {None, tokenizer.sha256}:
        raise BadInput(
            f"The data in {folder} were made for another tokenizer than that of {tokenizer.name}.",
            hint="Make them again, with --model naming the model's folder.",
        )


def told(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures of a folder, a line each."""
    for part in ("train", "validation"):
        found = figures[part]
        of_each = ", ".join(f"{task} {n}" for task, n in found["of_each"].items())
        yield f"{part}: {found['examples']} examples{f' ({of_each})' if of_each else ''}"
        for reason, n in found["left_out"].items():
            yield f"  left out {n}: {reason}"


def _kept(account: Account, made: Iterable[tuple[str, Made]]) -> Iterator[Example]:
    for task, one in made:
        example = account.counted(task, one)
        if example is not None:
            yield example
