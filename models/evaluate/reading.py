"""What a scorer reads out of an answer's text: a first character, numbers, entities.

The competition's reading, which forgives a model some talk around its answer. Whether an answer
has the form that was asked for is another question: `form`.
"""

from __future__ import annotations

from typing import Final

_LONGEST: Final = 9
"""Digits of a number that can still be the number of an option."""


def first_character(output: str) -> str:
    """The first character that is not blank; empty if there is none."""
    return output.strip()[:1]


def numbers(output: str) -> tuple[int, ...]:
    """The numbers between the commas, in order.

    Of each part between two commas everything but digits and blanks is dropped, and what is left
    must be one number: "1. 3, 2" says 2 alone, for its first part holds two of them. A part that
    says no number, or more than one, counts for nothing and takes no place.
    """
    parts = (_digits(part).split() for part in output.split(","))
    return tuple(int(part[0]) for part in parts if len(part) == 1 and len(part[0]) <= _LONGEST)


def _digits(part: str) -> str:
    return "".join(
        " " if character.isspace() else character
        for character in part
        if character.isdecimal() or character.isspace()
    )


def entities(output: str) -> tuple[str, ...]:
    """The entities between the commas, in order, in the form in which they are compared.

    Brackets around all of them and quotes around each are not part of any.
    """
    listed = output.strip()
    if listed.startswith("[") and listed.endswith("]"):
        listed = listed[1:-1]
    return tuple(filter(None, map(comparable, listed.split(","))))


def comparable(entity: str) -> str:
    """An entity without quotes, case, and blanks that are no spaces between its words."""
    return " ".join(entity.strip().strip("\"'").casefold().split())
