"""JSON: an object a line, or one array of objects."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import orjson

from service.catalog.read_files import TICK, kind_of, opened
from service.catalog.read_problems import AS_UTF8, NOT_UTF8, Unfit
from service.catalog.read_tables import Kind, Meter, Row
from service.catalog.read_values import called
from service.errors import BadCatalogue

_SAMPLE: Final = 1000  # rows whose keys tell which columns there are
_BOM: Final = b"\xef\xbb\xbf"
_LONG_NUMBER: Final = re.compile(rb"[0-9]{19}")
_GAP: Final = re.compile(r"[\s,]*")


@dataclass(frozen=True)
class JsonTable:
    """Objects, one a line or in one array: what the file begins with tells which."""

    path: Path
    headed = False
    layout = ""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The keys of the first rows."""
        sample = itertools.islice(self.rows(Meter(None, 0)), _SAMPLE)
        records = (record for _, record in sample if not isinstance(record, Unfit))
        return tuple(dict.fromkeys(itertools.chain.from_iterable(records)))

    def kind(self, name: str) -> Kind:
        """JSON values carry their own type."""
        del name
        return Kind.ANY

    def rows(self, meter: Meter) -> Iterator[Row]:
        """All objects with the lines they begin on."""
        return self._elements(meter) if self._is_array else self._lines(meter)

    @cached_property
    def _is_array(self) -> bool:
        # A line of JSONL may be a stray list; only a .json file may be an array as a whole.
        if kind_of(self.path) != ".json":
            return False
        with opened(self.path) as file:
            return file.stream.read(1024).removeprefix(_BOM).lstrip().startswith(b"[")

    def _lines(self, meter: Meter) -> Iterator[Row]:
        with opened(self.path) as file:
            for line, raw in enumerate(file.stream, 1):
                if line % TICK == 0:
                    meter.at(file.position())
                text = raw.removeprefix(_BOM) if line == 1 else raw
                if not text.isspace() and text:
                    try:
                        yield line, _object(_loads(text))
                    except Unfit as unfit:
                        yield line, unfit

    def _elements(self, meter: Meter) -> Iterator[Row]:
        text = self._text()
        decode = json.JSONDecoder().raw_decode
        at, line, counted = text.index("[") + 1, 1, 0
        for number in itertools.count(1):
            gap = _GAP.match(text, at)
            at = gap.end() if gap else at
            line, counted = line + text.count("\n", counted, at), at
            if text.startswith("]", at):
                return
            if number % TICK == 0:
                meter.at(at)
            try:
                value, at = decode(text, at)
            except (ValueError, RecursionError) as error:
                # Where the next element begins cannot be known, so nothing after it can be kept.
                message = f"{self.path.name}:{line}: broken JSON inside the array"
                raise BadCatalogue(message, hint="Put one object on each line instead.") from error
            try:
                yield line, _object(value)
            except Unfit as unfit:
                yield line, unfit

    def _text(self) -> str:
        with opened(self.path) as file:
            try:
                return file.stream.read().decode("utf-8-sig")
            except UnicodeDecodeError as error:
                message = f"{self.path.name}: {_not_utf8(error)}"
                raise BadCatalogue(message, hint=AS_UTF8) from error


def _object(value: object) -> dict[str, object]:
    if isinstance(value, dict):
        return value
    raise Unfit(f"not an object but {called(value)}")


def _loads(raw: bytes) -> object:
    try:
        # orjson rounds integers beyond 64 bits; ids must keep all their digits.
        return _loads_slowly(raw) if _LONG_NUMBER.search(raw) else orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _loads_slowly(raw)


def _loads_slowly(raw: bytes) -> object:
    """The standard library also takes NaN, lone surrogates and integers of any length."""
    try:
        return json.loads(raw.rstrip().decode())
    except UnicodeDecodeError as error:
        raise Unfit(_not_utf8(error)) from None
    except json.JSONDecodeError as error:
        raise Unfit(f"broken JSON: {error.msg} at column {error.colno}") from None
    except (ValueError, RecursionError) as error:
        raise Unfit(f"broken JSON: {error}") from None


def _not_utf8(error: UnicodeDecodeError) -> str:
    return f"{NOT_UTF8} at byte {error.start + 1}"
