"""How many tokens a list can come to, and how many there must be room for after its prompt."""

from __future__ import annotations

from typing import Final

import numpy as np

from service.engines.text.prose import ROOM
from service.steering.assignment import Assignment
from service.steering.lexicon import Frame

_SHARE: Final = 2
"""Labels stand in the prompt too, so a list of them that needs more than half never fits whole."""


def least_tokens(frame: Frame, rows: int) -> int:
    """What opens each of so many lines, at least one token of each title, and the end."""
    return _around(frame, rows) + rows


def most_tokens(assignment: Assignment) -> int:
    """How many tokens the list can come to."""
    return _most(assignment, assignment.k)


def list_room(assignment: Assignment, context: int) -> int:
    """How many tokens of a model's context must be free after the prompt.

    For labels: all that the shortest list may take, if that is no more than half the context. A
    shorter prompt can be had, and what is cut out of an order is not the model's. Titles of a
    catalogue are added to a list that was cut, so there it is enough if a beginning fits. Never
    less than any such list takes: the plugin refuses to begin one.
    """
    wanted = ROOM
    if assignment.catalogue is None:
        wanted = max(ROOM, min(_most(assignment, assignment.fewest), context // _SHARE))
    least = least_tokens(assignment.frame, assignment.fewest)
    return max(least, min(most_tokens(assignment), wanted))


def _most(assignment: Assignment, rows: int) -> int:
    lengths = np.diff(assignment.lexicon.offsets)
    if assignment.catalogue is None:
        longest = int(np.sort(lengths)[-rows:].sum())
    else:
        # Of a million titles the longest is found much sooner than the longest so many.
        longest = rows * int(lengths.max())
    return _around(assignment.frame, rows) + longest


def _around(frame: Frame, rows: int) -> int:
    return sum(map(len, frame.labels[:rows])) + 1
