"""Tracebacks that say where and what kind, and not what was said.

An exception's message quotes what it stumbled over: a user's words, a title, an address with its
password. What is wrong with a catalogue or a setting is said for operators, and names files; of all
else the lines of code tell enough.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import Final

from service.errors import BadCatalogue, BadSettings

LONGEST_CHAIN: Final = 8
FOR_OPERATORS: Final = (BadCatalogue, BadSettings)


def without_words(error: BaseException | None) -> str:
    """The frames and the kinds of an exception and of what led to it, the first cause first."""
    chain = list(_chain(error))[:LONGEST_CHAIN]
    return "\n".join(map(_told, reversed(chain)))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _told(error: BaseException) -> str:
    kind = type(error)
    frames = "".join(traceback.format_tb(error.__traceback__))
    held = [f"of them: {_told(one)}" for one in getattr(error, "exceptions", ())]
    words = f": {error.message}" if isinstance(error, FOR_OPERATORS) else ""
    return "\n".join([f"{frames}{kind.__module__}.{kind.__qualname__}{words}", *held])
