"""A file of answers that a run can be taken up from: one line a question, as they come.

An answer stands until one to the same question comes that is worth as much, whoever made either:
a run that fails, or that asks somebody who is not there, loses no answer to what it asks. Answers
follow their questions to other lines; they go once a run that leaves their question out has ended.

Of several entries for one line the last counts; they are made one when the file is opened and when
it is closed. What a killed run left half written is cut off.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
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
    question: str
    worth: int
    raw: bytes

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        raw = json.dumps(told).encode() + b"\n"
        return cls(told["line"], told["digest"], told["question"], _worth(told), raw)

    def at(self, number: int) -> _Entry:
        """The same for another line."""
        return self if number == self.number else _Entry.of(json.loads(self.raw) | {"line": number})


@dataclass(frozen=True, slots=True)
class Account:
    """How many questions have what."""

    nothing: int
    """No answer."""
    degraded: int
    """An answer, but not a whole one."""
    older: int
    """An answer made under other settings, to which these brought none of its worth."""


class AnswerFile:
    """Answers that stand already, and those that come."""

    def __init__(self, path: Path, lines: list[Line]) -> None:
        """Open the file that is to answer these lines; OSError if it cannot be had."""
        self._path = path.resolve()
        self._lines = lines
        if self._path.exists() and not self._path.is_file():
            raise BadInput(f"{path} is no plain file", hint="Name another file with --out.")
        self._kept = _placed(self._entries(), lines)
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
            asked = {line.number for line in self._lines}
            self._kept = {place: self._kept[place] for place in asked & self._kept.keys()}
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

        False, and not written, if an earlier answer to the same question is worth more and stays.
        """
        entry = _Entry.of(told)
        earlier = self._kept.get(entry.number)
        if earlier and earlier.worth > entry.worth:
            return False
        self._out.write(entry.raw)
        self._out.flush()
        self._kept[entry.number] = entry
        return True

    def account(self) -> Account:
        """What the questions have by now."""
        standing = [(self._kept.get(line.number), line.digest) for line in self._lines]
        made = [(entry, digest) for entry, digest in standing if entry and entry.worth]
        return Account(
            nothing=len(standing) - len(made),
            degraded=sum(entry.worth < WHOLE for entry, _ in made),
            older=sum(entry.digest != digest for entry, digest in made),
        )

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


def _placed(entries: Iterable[_Entry], lines: list[Line]) -> dict[int, _Entry]:
    """Entries by line: each question's at the lines where it is asked now, the best first.

    What no line asks for is put after the last of them, where it is in nobody's way.
    """
    last = {entry.number: entry for entry in entries}
    waiting = defaultdict[str, list[_Entry]](list)
    for entry in sorted(last.values(), key=lambda entry: (entry.worth, -entry.number)):
        waiting[entry.question].append(entry)
    placed = {line.number: waiting[line.question].pop() for line in lines if waiting[line.question]}
    end = lines[-1].number if lines else 0
    placed |= enumerate(chain.from_iterable(waiting.values()), start=end + 1)
    return {number: entry.at(number) for number, entry in placed.items()}


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
    named = shaped and all(isinstance(told.get(name), str) for name in ("digest", "question"))
    return _Entry.of(told) if named else None
