"""A file of answers that a run can be taken up from: one line a question, as they come.

What is there is only ever added to, until something that is worth as much stands for it: a run
that fails loses no answer. Of several lines for one question the last counts; they are made one
when the file is opened and when it is closed. What a killed run left half written is cut off.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from service.cli.question_file import Line
from service.errors import BadInput
from service.question import AnswerPath

BEGINNING: Final = b'{"line": '
"""How each line begins: so a torn one can be told from a file of something else."""

WHOLE: Final = 3
"""What an answer is worth that is not degraded."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the file: which question it is for, and what it is worth."""

    number: int
    digest: str
    worth: int
    raw: bytes

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        raw = json.dumps(told).encode() + b"\n"
        return cls(told["line"], told["digest"], _worth(told), raw)


class AnswerFile:
    """Answers that stand already, and those that come."""

    def __init__(self, path: Path, lines: list[Line]) -> None:
        """Open the file that is to answer these lines; OSError if it cannot be had."""
        self._path = path.resolve()
        self._wanted = {(line.number, line.digest) for line in lines}
        if self._path.exists() and not self._path.is_file():
            raise BadInput(f"{path} is no plain file", hint="Name another file with --out.")
        self._kept = {entry.number: entry for entry in self._entries()}
        self._write_anew()
        self._out = self._path.open("ab")

    def __enter__(self) -> Self:
        """The file, open."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close it, the answers in the order of the questions.

        A run that came to its end leaves nothing else: no answers to what is not asked any more.
        """
        self._out.close()
        if kind is None:
            for entry in list(self._kept.values()):
                if (entry.number, entry.digest) not in self._wanted:
                    del self._kept[entry.number]
        if kind is None or not issubclass(kind, OSError):
            self._write_anew()

    def has(self, line: Line) -> bool:
        """Whether the line needs no other answer.

        Errors are to be tried again, and so are degraded answers: something failed that may not
        fail twice.
        """
        standing = self._kept.get(line.number)
        return standing is not None and (standing.digest, standing.worth) == (line.digest, WHOLE)

    def add(self, told: Mapping[str, Any]) -> bool:
        """Write an answer, or why there is none, and hand it to the system at once.

        False, and not written, if an earlier answer to the same is worth more and stays.
        """
        entry = _Entry.of(told)
        earlier = self._kept.get(entry.number)
        if earlier and earlier.digest == entry.digest and earlier.worth > entry.worth:
            return False
        self._out.write(entry.raw)
        self._out.flush()
        self._kept[entry.number] = entry
        return True

    def _entries(self) -> Iterator[_Entry]:
        with suppress(FileNotFoundError):
            *whole, last = self._path.read_bytes().split(b"\n")
            for number, raw in enumerate(whole, start=1):
                entry = _entry(raw)
                if entry is None:
                    raise self._foreign(f"its line {number} is none")
                yield entry
            if (entry := _entry(last)) is not None:
                yield entry
            elif last[: len(BEGINNING)] != BEGINNING[: len(last)]:
                raise self._foreign("its last line is none")

    def _foreign(self, reason: str) -> BadInput:
        message = f"{self._path} is there, and is no file of answers: {reason}"
        return BadInput(message, hint="Name another file with --out, or remove this one.")

    def _write_anew(self) -> None:
        """What stands, in order, beside the file and then in its place: never half of it."""
        aside = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            aside.write_bytes(b"".join(self._kept[place].raw for place in sorted(self._kept)))
            aside.replace(self._path)
        finally:
            aside.unlink(missing_ok=True)


def _worth(told: Mapping[str, Any]) -> int:
    """More for an answer than for none, for the model's than for what stood in, for a whole one."""
    answer = told.get("answer")
    if not isinstance(answer, dict):
        return 0
    if not answer.get("degraded"):
        return WHOLE
    return 1 if answer.get("path") == AnswerPath.SIMILAR else 2


def _entry(raw: bytes) -> _Entry | None:
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    shaped = isinstance(told, dict) and isinstance(told.get("line"), int)
    return _Entry.of(told) if shaped and isinstance(told.get("digest"), str) else None
