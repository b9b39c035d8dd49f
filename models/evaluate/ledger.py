"""What came of each task under each row, kept line by line, so that a run can be resumed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from service.errors import BadInput


@dataclass(frozen=True, slots=True)
class Key:
    """Whose outcome it is: the row, what the row is made of, the task."""

    row: str
    stamp: str
    digest: str


T = TypeVar("T")


class Form(Protocol[T]):
    """How outcomes of one kind are written and read, and which of them count."""

    def plain(self, outcome: T) -> dict[str, Any]:
        """Its fields, fit for JSON."""
        ...

    def read(self, fields: dict[str, Any]) -> T:
        """The outcome; any of the usual errors if the fields are of none."""
        ...

    def stands(self, outcome: T) -> bool:
        """Whether it is not worth another try."""
        ...


class Ledger(Generic[T]):
    """Outcomes in memory; in a file too, if one is named: those it holds, and those added to it.

    The last line of a run that was killed may be cut short; it is removed, and asked again.
    """

    def __init__(self, form: Form[T], path: Path | None = None) -> None:
        """Read what there is; BadInput if the file holds something else."""
        self._form = form
        self._path = path
        written = path.read_bytes() if path and path.exists() else b""
        self._whole = written.rfind(b"\n") + 1
        self._known = dict(self._read(written[: self._whole]))

    def get(self, key: Key) -> T | None:
        """The outcome, unless it is worth another try."""
        found = self._known.get(key)
        return None if found is None or not self._form.stands(found) else found

    def __getitem__(self, key: Key) -> T:
        """The outcome, be it a failure."""
        return self._known[key]

    def add(self, key: Key, outcome: T) -> None:
        """Keep an outcome, on disk at once."""
        self._known[key] = outcome
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(asdict(key) | self._form.plain(outcome)) + "\n"
        with self._path.open("ab") as file:
            file.truncate(self._whole)
            self._whole += file.write(line.encode())

    def _read(self, written: bytes) -> Iterator[tuple[Key, T]]:
        for number, line in enumerate(written.splitlines(), start=1):
            try:
                yield self._entry(json.loads(line))
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise BadInput(
                    f"{self._path}, line {number} is not an outcome.",
                    hint="Name another file, or remove the line.",
                ) from error

    def _entry(self, fields: dict[str, Any]) -> tuple[Key, T]:
        key = Key(*(fields.pop(name) for name in Key.__dataclass_fields__))
        return key, self._form.read(fields)
