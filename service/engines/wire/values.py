"""Values of a request's parameters: what each must be, and what is said when it is not.

A request is somebody else's: any key may hold anything JSON can, of any length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final

import numpy as np

from service.errors import BadParameters
from service.steering.arrays import FloatArray, IntArray

HIGHEST: Final = 2**31 - 1
"""Of rows and tokens."""

MOST_NAMES: Final = 64
"""Each is a pass over the rows of a category, in front of everybody else's requests."""

MOST: Final = 1e30
"""Of a score or a weight: what they come to is a number still."""

_SHOWN: Final = 60
"""Characters of what was sent that a message repeats."""


def required(given: Mapping[str, Any], key: str) -> Any:
    """What stands under a key that must be there."""
    if key not in given:
        raise bad(key, "is missing")
    return given[key]


def _listed(given: Mapping[str, Any], key: str, most: int) -> list[Any]:
    value = given.get(key, [])
    if not isinstance(value, list | tuple):
        raise bad(key, f"is {shown(value)}, not a list")
    if len(value) > most:
        raise bad(key, f"has {len(value)} entries; at most {most} are taken")
    return list(value)


def _each(key: str, values: Iterable[Any], check: Callable[[str, Any], Any]) -> None:
    for place, value in enumerate(values):
        check(f"{key}[{place}]", value)


def names(given: Mapping[str, Any], key: str) -> list[str]:
    """A list of texts; none if the key is not there."""
    values = _listed(given, key, MOST_NAMES)
    _each(key, values, text)
    return values


def integers(given: Mapping[str, Any], key: str, most: int) -> IntArray:
    """A list of rows or tokens; none if the key is not there."""
    values = _listed(given, key, most)
    # One pass in C for the usual case; only what is wrong is looked for one by one.
    if set(map(type, values)) - {int} or (
        values and not 0 <= min(values) <= max(values) <= HIGHEST
    ):
        _each(key, values, partial(integer, low=0, high=HIGHEST))
    return np.array(values, dtype=np.int64)


def numbers(given: Mapping[str, Any], key: str, most: int) -> FloatArray:
    """A list of numbers; none if the key is not there."""
    values = _listed(given, key, most)
    if set(map(type, values)) - {float}:
        _each(key, values, number)
    return np.array(values, dtype=np.float64)


def integer(key: str, value: Any, low: int, high: int) -> int:
    """One whole number between bounds; True is none."""
    if type(value) is not int or not low <= value <= high:
        raise bad(key, f"is {shown(value)}, not a whole number from {low} to {high}")
    return value


def number(key: str, value: Any) -> float:
    """One number, exactly as sent."""
    # An integer too large for a float is no score either.
    if type(value) is int and abs(value) <= HIGHEST:
        return float(value)
    if type(value) is not float:
        raise bad(key, f"is {shown(value)}, not a number")
    if abs(value) > MOST:
        raise bad(key, f"is {shown(value)}, more than a score can be")
    return value


def text(key: str, value: Any) -> str:
    """One text."""
    if not isinstance(value, str):
        raise bad(key, f"is {shown(value)}, not text")
    return value


def bad(key: str, what: str) -> BadParameters:
    """The error that names what is wrong; `key` may say which entry of a list it is."""
    name = key.partition("[")[0]
    return BadParameters(f"{key[:_SHOWN]} {what}", parameter=name[:_SHOWN])


def shown(value: Any) -> str:
    """A wrong value as a message may show it: short, whatever it is."""
    if isinstance(value, str | int | float | bool | None):
        written = (
            repr(value) if not isinstance(value, int) or abs(value) < 2**64 else "a huge number"
        )
        return written if len(written) <= _SHOWN else written[:_SHOWN] + "…"
    return f"a {type(value).__name__}"
