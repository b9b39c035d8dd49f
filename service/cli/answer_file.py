"""A file of answers that a run can be taken up from: one line a question, as they come.

A line counts once its newline stands there. What a killed run left half written is cut off.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from service.cli.question_file import Line
from service.errors import BadInput

BEGINNING: Final = b'{"line": '
"""How each line begins: so a torn one can be told from a file of something else."""


class AnswerFile:
    """Answers that stand already, and those that come."""

    def __init__(self, path: Path, lines: list[Line]) -> None:
        """Open the file, and keep of it what answers these lines; OSError if it cannot be had."""
        self._path = path.resolve()
        self._wanted = {(line.number, line.digest) for line in lines}
        if self._path.exists() and not self._path.is_file():
            raise BadInput(f"{path} is no plain file", hint="Name another file with --out.")
        self._kept = self._standing()
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
        """Close it; a run that came to its end leaves the answers in the order of the questions."""
        self._out.close()
        if kind is None:
            self._write_anew()

    def has(self, line: Line) -> bool:
        """Whether the line has an entry."""
        return line.number in self._kept

    def add(self, entry: Mapping[str, Any]) -> None:
        """Write an answer, or why there is none, and hand it to the system at once."""
        written = _line(entry)
        self._out.write(written)
        self._out.flush()
        self._kept[entry["line"]] = written

    def _standing(self) -> dict[int, bytes]:
        """The answers of an earlier run, save those that are to be tried again.

        Errors are, and so are degraded answers: something failed that may not fail twice.
        """
        return {
            entry["line"]: _line(entry)
            for entry in self._entries()
            if (entry["line"], entry["digest"]) in self._wanted and whole(entry)
        }

    def _entries(self) -> Iterator[dict[str, Any]]:
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
            aside.write_bytes(b"".join(self._kept[place] for place in sorted(self._kept)))
            aside.replace(self._path)
        finally:
            aside.unlink(missing_ok=True)


def _line(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(entry).encode() + b"\n"


def whole(entry: Mapping[str, Any]) -> bool:
    """Whether an entry holds an answer, and one that is not degraded."""
    answer = entry.get("answer")
    return isinstance(answer, dict) and not answer.get("degraded")


def _entry(raw: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    shaped = isinstance(entry, dict) and isinstance(entry.get("line"), int)
    return entry if shaped and isinstance(entry.get("digest"), str) else None
