"""JSON read strictly: one value a name, finite numbers, and nothing that was not asked for.

What does not fit raises ValueError; whoever reads a file says which one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, Final, NoReturn

UNREADABLE: Final = (OSError, ValueError, RecursionError)
"""What reading a file of ours may raise; JSON and Unicode errors are ValueErrors."""


def parsed(text: str) -> Any:
    """The value of a JSON text."""
    return json.loads(text, object_pairs_hook=_distinct, parse_constant=_not_finite)


def fields(value: object, *names: str) -> dict[str, Any]:
    """An object that has exactly these names."""
    if not isinstance(value, dict) or value.keys() != set(names):
        raise ValueError(f"expected an object of {', '.join(names)}")
    return value


def array(value: object) -> list[Any]:
    """An array."""
    if not isinstance(value, list):
        raise ValueError("expected an array")  # noqa: TRY004 - one kind of error for readers
    return value


def name(value: object) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"expected a text, found {value!r}")
    return value


def count(value: object) -> int:
    """A whole number that is not negative."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"expected a count, found {value!r}")
    return value


def number(value: object) -> float:
    """A finite number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError(f"expected a number, found {value!r}")  # noqa: TRY004
    try:
        finite = math.isfinite(value)
    except OverflowError:
        finite = False
    if not finite:
        raise ValueError("expected a finite number")
    return float(value)


def share(value: object) -> float:
    """A number from 0 to 1."""
    found = number(value)
    if not 0 <= found <= 1:
        raise ValueError(f"expected a number from 0 to 1, found {found}")
    return found


def numbers(value: object) -> dict[str, float]:
    """An object of finite numbers."""
    if not isinstance(value, Mapping):
        raise ValueError("expected an object of numbers")  # noqa: TRY004
    return {name(key): number(one) for key, one in value.items()}


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _not_finite(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")
