"""The first N of a folder of examples, taken evenly by label: more was not better.

The MCPO paper's recipe: the parts to learn from and to validate with are each divided by label,
and half of N is taken from the beginning of each part. What is left of validation stays for
validation.

A label with fewer examples than its turn gives all it has, and the others fill up what it lacks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.sft.data.example import Example, read_examples
from models.sft.data.parts import TRAIN, VALIDATION, figures_of_parts, write_part
from models.steps.output import Figures
from models.steps.telling import Moment, Telling, silently
from service.errors import BadInput
from service.ports import Catalogue

VANISHED_ITEM: Final = "an item is no longer in the catalogue"
VANISHED_CATEGORY: Final = "a category is no longer in the catalogue"


@dataclass(frozen=True, slots=True)
class Still:
    """What a catalogue still has; examples of anything else would teach what cannot be had."""

    catalogue: Catalogue

    def lacks(self, example: Example) -> str | None:
        """What of an example has vanished."""
        wanted = example.wanted
        if wanted is None:
            return None
        controls = wanted.intent.controls
        shared = (share.category for share in controls.shares)
        named = {*controls.include, *controls.exclude, *shared}
        if not named <= set(self.catalogue.categories):
            return VANISHED_CATEGORY
        rows = self.catalogue.rows([wanted.target, *wanted.history])
        return VANISHED_ITEM if (rows < 0).any() else None


@dataclass(frozen=True, slots=True)
class Parts:
    """The examples of a folder, and how many of them were left out and why."""

    train: tuple[Example, ...]
    validation: tuple[Example, ...]
    left_out: Counter[str]


def read_parts(folder: Path, still: Still | None = None, telling: Telling = silently) -> Parts:
    """Both parts, without what a catalogue no longer has."""
    left_out = Counter[str]()
    read = (_read(folder / name, telling) for name in (TRAIN, VALIDATION))
    train, validation = (tuple(_there(examples, still, left_out)) for examples in read)
    return Parts(train, validation, left_out)


def select_first(folder: Path, parts: Parts, first: int) -> Figures:
    """Write the first N into a folder; BadInput if there are fewer."""
    of_validation = first // 2
    of_train = first - of_validation
    _refuse_few(parts, of_train, of_validation)
    chosen = evenly(parts.train, of_train)
    held = evenly(parts.validation, of_validation)
    taken = set(held)
    train = [parts.train[at] for at in chosen] + [parts.validation[at] for at in held]
    rest = [one for at, one in enumerate(parts.validation) if at not in taken]
    accounts = (
        write_part(folder / TRAIN, ((one.label, one) for one in train)),
        write_part(folder / VALIDATION, ((one.label, one) for one in rest)),
    )
    accounts[0].left_out.update(parts.left_out)
    return figures_of_parts(*accounts)


def evenly(examples: Sequence[Example], count: int) -> list[int]:
    """The places of so many examples, as many of each label as can be, the first of each.

    In the order they stand.
    """
    by_label = defaultdict[str, list[int]](list)
    for place, example in enumerate(examples):
        by_label[example.label].append(place)
    # In turns, so the n-th of a label comes after the (n-1)-th of all others.
    turns = sorted((turn, place) for of in by_label.values() for turn, place in enumerate(of))
    return sorted(place for _, place in turns[:count])


def _read(path: Path, telling: Telling) -> Iterator[Example]:
    """The examples of a file; how far it is read is told by their number."""
    stage, total = f"read {path.stem}", _lines(path)
    for done, example in enumerate(read_examples(path)):
        telling(Moment(stage, done, total))
        yield example
    telling(Moment(stage, total, total))


def _lines(path: Path) -> int:
    """How many there are; of what cannot be read the reader tells."""
    try:
        with path.open("rb") as file:
            return sum(1 for _ in file)
    except OSError:
        return 0


def _there(
    examples: Iterable[Example], still: Still | None, left_out: Counter[str]
) -> Iterable[Example]:
    for example in examples:
        why = None if still is None else still.lacks(example)
        if why is None:
            yield example
        else:
            left_out[f"{example.label}: {why}"] += 1


def _refuse_few(parts: Parts, of_train: int, of_validation: int) -> None:
    there = len(parts.train), len(parts.validation)
    if there[0] < of_train or there[1] < of_validation:
        gone = parts.left_out.total()
        lost = f", and {gone} that the catalogue no longer allows" if gone else ""
        # One at least is to stay for validation.
        most = 2 * min(there[0], there[1] - 1)
        raise BadInput(
            f"Of {of_train + of_validation} examples {of_train} are taken of those to learn from"
            f" and {of_validation} of those to validate with, but there are {there[0]} and"
            f" {there[1]}{lost}.",
            hint=(f"Ask for {most} or fewer, or make" if most > 1 else "Make")
            + " more: `most` and `most_validation` say how many of each task.",
        )
