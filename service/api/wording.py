"""Validation problems in plain words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

SHOWN: Final = 5
"""How many problems one message tells; the rest are counted."""

LONGEST: Final = 60

PAGE: Final = "The page at /docs shows every field."
"""What to do about it."""

WORDS: Final[Mapping[str, str]] = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this request",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "enum": "must be {expected}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "too_short": "must not be empty",
    "datetime_from_date_parsing": "must be a time such as 2026-01-31T17:30:00Z",
    "datetime_parsing": "must be a time such as 2026-01-31T17:30:00Z",
    "datetime_type": "must be a time such as 2026-01-31T17:30:00Z",
    "timezone_aware": "must say its offset from UTC, such as 2026-01-31T17:30:00Z",
    "too_long": "must have at most {max_length} entries, not {actual_length}",
    "nul": "must not hold a NUL character",
}

WITHOUT_VALUE: Final = {"missing", "extra_forbidden", "nul", "string_too_short"}


def in_words(problems: Sequence[Mapping[str, Any]]) -> str:
    """The first problems, each with its field, and how many more there are."""
    told = [_told(problem) for problem in problems[:SHOWN]]
    more = len(problems) - len(told)
    return "; ".join([*told, *([f"and {more} more"] if more else [])])


def _told(problem: Mapping[str, Any]) -> str:
    kind = problem["type"]
    bounds = {name: _plain(value) for name, value in problem.get("ctx", {}).items()}
    words = WORDS.get(kind, "").format(**bounds) or problem["msg"]
    return f"{_place(problem['loc'])} {words}{_given(kind, problem.get('input'))}"


def _place(steps: Sequence[str | int]) -> str:
    """`intent.shares[1].share`, as one would write it."""
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return _short(place.removeprefix(".")) or "the body"


def _given(kind: str, value: object) -> str:
    """What was given instead, if it is short enough to say."""
    if kind in WITHOUT_VALUE or not isinstance(value, str | int | float | None):
        return ""
    shown = json.dumps(value, ensure_ascii=False)
    return f", got {shown}" if len(shown) <= LONGEST else ""


def _plain(value: object) -> object:
    """A whole number without its `.0`."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
