"""An entry of the file of keys, and in which words it is told what is wrong with one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.access.rates import MOST, Rate
from service.domain import DEFAULT_TENANT

_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
_NAMES: Final = "has 1 to 64 letters, digits or `.`, `_`, `-`, and begins with a letter or a digit"
_SWITCH: Final = "is `true`, or left out"

FORMS: Final = {
    "keys": "is a list: each key of it begins with the line `[[keys]]`",
    "name": _NAMES,
    "tenant": _NAMES,
    "sha256": "has 64 hexadecimal digits, the letters small; `listwright key` writes it",
    "rate": f"is such as 600/minute or 20/second, and lets 1 to {MOST:,} requests through",
    "admin": _SWITCH,
    "watch": _SWITCH,
}
"""What may stand there."""


class Entry(BaseModel):
    """One key."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(pattern=_NAME)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    tenant: str = Field(default=DEFAULT_TENANT, pattern=_NAME)
    rate: Rate | None = None
    admin: bool = False
    watch: bool = False


class File(BaseModel):
    """All of them."""

    model_config = ConfigDict(extra="forbid", strict=True)

    keys: list[Entry]


def in_words(error: ValidationError) -> str:
    """What is wrong first and where, but not with what: it may be a key, put in the wrong place."""
    problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
    *above, field = problem["loc"]
    return f"{_place(above, field)} {_form(problem['type'], field)}"


def _place(above: Sequence[Any], field: Any) -> str:
    """`name`, or `name` of the second key."""
    if isinstance(field, int):
        return f"key {field + 1}"
    number = next((each for each in above if isinstance(each, int)), None)
    return f"`{field}`" if number is None else f"`{field}` of key {number + 1}"


def _form(kind: str, field: Any) -> str:
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return f"is not known; known are {', '.join(Entry.model_fields)}"
    return FORMS.get(field, "is a table: it begins with the line `[[keys]]`")
