"""What came of each question under each row, kept line by line, so that a run can be resumed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from models.evaluate.form import Form
from service.errors import BadInput
from service.question import AnswerPath, Task


@dataclass(frozen=True, slots=True)
class Outcome:
    """The text that came out, and what it took; or why none did."""

    text: str
    form: Form | None = None
    """What the text should look like; None where the question could not be read."""
    seconds: float = 0.0
    timings: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds by stage."""
    failure: str | None = None
    path: AnswerPath | None = None
    """By which road it came; None for a failure, and in files from before roads were kept."""
    degraded: bool = False
    completed: int = 0
    """How many of its labels the model did not name."""


@dataclass(frozen=True, slots=True)
class Key:
    """Whose outcome it is: the row, what the row is made of, the question."""

    row: str
    stamp: str
    digest: str


class Outcomes:
    """Outcomes in memory; in a file too, if one is named: those it holds, and those added to it.

    The last line of a run that was killed may be cut short; it is removed, and asked again.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Read what there is; BadInput if the file holds something else."""
        self._path = path
        written = path.read_bytes() if path and path.exists() else b""
        self._whole = written.rfind(b"\n") + 1
        self._known = dict(_read(written[: self._whole], path))

    def get(self, key: Key) -> Outcome | None:
        """The outcome, unless it is worth another try.

        A failure is, so is a degraded answer, in which something failed that may not fail twice,
        and an answer of which nobody knows by which road it came.
        """
        found = self._known.get(key)
        if found is None or found.failure is not None or found.degraded or found.path is None:
            return None
        return found

    def __getitem__(self, key: Key) -> Outcome:
        """The outcome, be it a failure."""
        return self._known[key]

    def add(self, key: Key, outcome: Outcome) -> None:
        """Keep an outcome, on disk at once."""
        self._known[key] = outcome
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        plain = replace(outcome, timings=dict(outcome.timings))
        line = json.dumps(asdict(key) | asdict(plain)) + "\n"
        with self._path.open("ab") as file:
            file.truncate(self._whole)
            self._whole += file.write(line.encode())


def _read(written: bytes, path: Path | None) -> Iterator[tuple[Key, Outcome]]:
    for number, line in enumerate(written.splitlines(), start=1):
        try:
            yield _entry(json.loads(line))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BadInput(
                f"{path}, line {number} is not an outcome.",
                hint="Name another file, or remove the line.",
            ) from error


def _entry(fields: dict[str, Any]) -> tuple[Key, Outcome]:
    key = Key(*(fields.pop(name) for name in Key.__dataclass_fields__))
    outcome = Outcome(**fields)
    path = None if outcome.path is None else AnswerPath(outcome.path)
    return key, replace(outcome, form=_form(fields["form"]), path=path)


def _form(fields: dict[str, Any] | None) -> Form | None:
    if fields is None:
        return None
    return Form(**fields | {"task": Task(fields["task"]), "labels": tuple(fields["labels"])})
