"""Rows of a JSON file that somebody else wrote: a list of objects, or one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from service.errors import BadInput

Row: TypeAlias = dict[str, Any]


def rows_of(path: Path) -> list[Row]:
    """All rows of a file; BadInput where it is empty, or where it stops being JSON."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8: {error}") from error
    rows = _listed(path, text) if text.lstrip().startswith("[") else list(_lines(path, text))
    if not rows:
        raise BadInput(f"{path} is empty.", hint="Name a file with at least one row.")
    return rows


def _listed(path: Path, text: str) -> list[Row]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} is not JSON: {error}") from error
    for number, row in enumerate(found, start=1):
        if not isinstance(row, dict):
            raise BadInput(f"{path}, row {number} is no JSON object.")
    rows: list[Row] = found
    return rows


def _lines(path: Path, text: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadInput(f"{path}, line {number} is not JSON: {error}") from error
        if not isinstance(row, dict):
            raise BadInput(f"{path}, line {number} is no JSON object.")
        yield row
