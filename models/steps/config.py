"""How a step is to be done: a TOML file, and what the command line says instead.

A name that nothing reads, or a value that cannot be, ends the command before any work is done.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.errors import BadSettings


class Choices(BaseModel):
    """What can be chosen of a step; every step has a kind of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Drawn(Choices):
    """The choices of a step that draws."""

    seed: int = Field(default=1, ge=0, description="Of all that is drawn.")


T = TypeVar("T", bound=Choices)


def configured(kind: type[T], file: Path | None, given: Iterable[str] = ()) -> T:
    """The choices of a file, with those given as `name=value` instead; BadSettings if one is wrong.

    A value is read as TOML where it is some, and as plain text where it is not.
    """
    values = {} if file is None else _read(file)
    return chosen(kind, values | dict(map(_assigned, given)), str(file or "--set"))


def chosen(kind: type[T], values: Mapping[str, Any], where: str) -> T:
    """The choices that a table makes; `where` it stands, for whoever has to mend it."""
    try:
        return kind(**values)
    except ValidationError as error:
        raise BadSettings("\n".join(_problems(kind, error, where))) from error


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSettings(f"{file} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"{file} is not TOML: {error}") from error


def _assigned(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise BadSettings(f"--set takes name=value, not {text!r}")
    try:
        return name.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name.strip(), value.strip()


def _problems(kind: type[Choices], error: ValidationError, where: str) -> Iterator[str]:
    for problem in error.errors(include_url=False):
        name = ".".join(map(str, problem["loc"]))
        if problem["type"] == "extra_forbidden":
            near = difflib.get_close_matches(name, kind.model_fields, n=1)
            meant = f"; did you mean {near[0]}?" if near else f"; there are {_names(kind)}"
            yield f"{where}: nothing reads {name!r}{meant}"
        elif not name:
            yield f"{where}: {problem['msg'].removeprefix('Value error, ')}"
        else:
            reason = problem["msg"].removeprefix("Value error, ")
            yield f"{where}: {name} is {problem['input']!r}: {reason}"


def _names(kind: type[Choices]) -> str:
    return ", ".join(kind.model_fields)
