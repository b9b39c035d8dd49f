"""WordNet's nouns, read from its own database files (the format of `wndb(5)`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from service.errors import BadInput

INSTALL: Final = "On Debian: apt-get install wordnet-base. Else name its folder with --dict."

_ABOVE: Final = frozenset({"@", "@i"})
_BELOW: Final = frozenset({"~", "~i"})
_PARTS: Final = frozenset({"%p"})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Synset:
    """One meaning: the words that have it, what stands around it, and what it is."""

    id: str
    field: str
    """The lexicographer's file, such as "06" for artifacts and "13" for food."""
    words: tuple[str, ...]
    above: tuple[str, ...]
    below: tuple[str, ...]
    parts: tuple[str, ...]
    gloss: str
    """The definition, without its examples."""


@dataclass(frozen=True, slots=True)
class Sense:
    """What the index says of a word."""

    synsets: tuple[str, ...]
    """Its meanings, the most usual first."""


@dataclass(frozen=True, slots=True)
class Dictionary:
    """All nouns; words as in the files, with underscores."""

    synsets: Mapping[str, Synset]
    words: Mapping[str, Sense]


def read_dictionary(folder: Path) -> Dictionary:
    """Read `data.noun` and `index.noun`; BadInput says the line that is not as it should be."""
    synsets = dict(_entries(folder / "data.noun", _synset))
    words = dict(_entries(folder / "index.noun", _sense))
    named = {id_ for each in synsets.values() for id_ in (*each.above, *each.below, *each.parts)}
    named |= {id_ for sense in words.values() for id_ in sense.synsets}
    if missing := named - synsets.keys():
        raise BadInput(f"WordNet in {folder} is incomplete: it lacks {min(missing)}.", hint=INSTALL)
    return Dictionary(synsets, words)


def _entries(path: Path, entry: Callable[[str], T]) -> Iterator[T]:
    """An entry a line; lines that begin with blanks hold the licence."""
    if not path.is_file():
        raise BadInput(f"WordNet is not in {path.parent}: there is no {path.name}.", hint=INSTALL)
    for number, line in enumerate(path.read_text("utf-8", "replace").split("\n"), start=1):
        if line and not line.startswith(" "):
            try:
                yield entry(line)
            except (ValueError, IndexError) as error:
                raise BadInput(f"{path}, line {number} is not of WordNet's format.") from error


def _synset(line: str) -> tuple[str, Synset]:
    head, _, gloss = line.partition(" | ")
    fields = head.split()
    id_, field, kind, many = fields[:4]
    if kind != "n":
        raise ValueError(kind)
    first_pointer = 4 + 2 * int(many, 16) + 1
    pointers = fields[first_pointer : first_pointer + 4 * int(fields[first_pointer - 1])]
    return id_, Synset(
        id=id_,
        field=field,
        words=tuple(fields[4 : first_pointer - 1 : 2]),
        above=_led_to(pointers, _ABOVE),
        below=_led_to(pointers, _BELOW),
        parts=_led_to(pointers, _PARTS),
        gloss=gloss.partition('; "')[0].strip(),
    )


def _led_to(pointers: Sequence[str], signs: frozenset[str]) -> tuple[str, ...]:
    pairs = zip(pointers[::4], pointers[1::4], strict=True)
    return tuple(target for sign, target in pairs if sign in signs)


def _sense(line: str) -> tuple[str, Sense]:
    """`word n synsets pointers [pointer...] senses met id [id...]`."""
    fields = line.split()
    after = 4 + int(fields[3])
    return fields[0], Sense(tuple(fields[after + 2 :]))
