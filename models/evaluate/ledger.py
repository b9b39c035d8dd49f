"""What came of each task under each row, kept line by line, so that a run can be resumed."""

from __future__ import annotations

import json
from array import array
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from service.errors import BadInput
from service.steering.arrays import IntArray


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


class Kept(Protocol[T]):
    """Where outcomes are looked for, and left."""

    def get(self, key: Key) -> T | None:
        """The outcome, unless it is worth another try."""
        ...

    def add(self, key: Key, outcome: T) -> None:
        """Keep an outcome."""
        ...


class Journal(Generic[T]):
    """Outcomes in a file, if one is named; without one, none is kept.

    In memory is only where each one stood in the file at first: there may be millions. The last
    line of a run that was killed may be cut short; it is removed, and asked again.
    """

    def __init__(self, form: Form[T], path: Path | None = None) -> None:
        """See what there is; BadInput if the file holds something else."""
        self._form = form
        self._path = path
        self._whole = 0
        self._hashes, self._places = self._index()

    def get(self, key: Key) -> T | None:
        """The outcome, unless it is worth another try."""
        found = self.find(key)
        return None if found is None or not self._form.stands(found) else found

    def find(self, key: Key) -> T | None:
        """The outcome that the file held, be it a failure."""
        at = int(np.searchsorted(self._hashes, hash(key), side="right")) - 1
        if self._path is None or at < 0 or self._hashes[at] != hash(key):
            return None
        with self._path.open("rb") as file:
            file.seek(int(self._places[at]))
            whose, outcome = self._entry(json.loads(file.readline()))
        return outcome if whose == key else None

    def add(self, key: Key, outcome: T) -> None:
        """Keep an outcome, on disk at once."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(asdict(key) | self._form.plain(outcome)) + "\n"
        with self._path.open("ab") as file:
            file.truncate(self._whole)
            self._whole += file.write(line.encode())

    def _index(self) -> tuple[IntArray, IntArray]:
        """Hashes of keys in order, and where their lines begin; of equal ones the last counts."""
        hashes, places = array("q"), array("q")
        if self._path is not None and self._path.exists():
            with self._path.open("rb") as file:
                for number, line in enumerate(file, start=1):
                    if line.endswith(b"\n"):
                        hashes.append(hash(self._key(number, line)))
                        places.append(self._whole)
                        self._whole += len(line)
        found = np.array(hashes, dtype=np.int64)
        order = np.argsort(found, kind="stable")
        return found[order], np.array(places, dtype=np.int64)[order]

    def _key(self, number: int, line: bytes) -> Key:
        """Whose outcome a line holds; BadInput if it holds none."""
        try:
            return self._entry(json.loads(line))[0]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BadInput(
                f"{self._path}, line {number} is not an outcome.",
                hint=f"Remove that line from {self._path}: what it held is asked again; or keep"
                " what is measured elsewhere.",
            ) from error

    def _entry(self, fields: dict[str, Any]) -> tuple[Key, T]:
        key = Key(*(fields.pop(name) for name in Key.__dataclass_fields__))
        return key, self._form.read(fields)


class Ledger(Journal[T]):
    """The same, and those that were added in memory too: for a run that needs all at its end."""

    def __init__(self, form: Form[T], path: Path | None = None) -> None:
        """See what there is; BadInput if the file holds something else."""
        super().__init__(form, path)
        self._added: dict[Key, T] = {}

    def find(self, key: Key) -> T | None:
        """The outcome that was added last, or that the file held, be it a failure."""
        added = self._added.get(key)
        return super().find(key) if added is None else added

    def add(self, key: Key, outcome: T) -> None:
        """Keep an outcome, on disk at once."""
        super().add(key, outcome)
        self._added[key] = outcome

    def __getitem__(self, key: Key) -> T:
        """The outcome, be it a failure; KeyError if there is none."""
        found = self.find(key)
        if found is None:
            raise KeyError(key)
        return found
