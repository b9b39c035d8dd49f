"""The metrics of lists, by `DEFINITIONS`. Each is a fraction of what every list adds.

The figure of many lists is the sum of all numerators over the sum of all denominators.

A line that names nothing is of no category and obeys nothing. Only a list of k items of the
catalogue, no two the same, can keep a share: an empty or invented one would keep every upper bound.
Where there is no list, it hits nothing, obeys nothing and has not k lines; of lines there are none.

All but the places of targets is read by the service's own validator.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from models.evaluate.bootstrap import Floats
from models.evaluate.recommend.listed import Listed
from models.evaluate.recommend.tasks import Posed, Task
from service.domain import ControlKind, ControlOutcome, Item
from service.pipeline.validate import Verdict, judge
from service.steering.arrays import IntArray
from service.steering.plan import quota

AT: Final = (1, 5, 10)
"""The K of HR@K and NDCG@K, as far as lists are that long; and k itself."""

CPA: Final = "CPA"
CPA_WITHIN: Final = "CPA within 1"
COUNT: Final = "CorrectCount"
REPEAT: Final = "RepeatItem"
NON_EXIST: Final = "NonExist"
IN_HISTORY: Final = "InHistory"
FORM: Final = (COUNT, REPEAT, NON_EXIST, IN_HISTORY)

DEFINITIONS: Final[Mapping[str, str]] = {
    "HR@K": "lists with the target among their first K lines",
    "NDCG@K": "1 / log2(1 + place of the target) if that is among the first K lines, else 0",
    "TCP@k": "of k: the first k lines in the category to include, or outside the one to exclude;"
    " what a list lacks obeys nothing",
    CPA: "lists of k items of the catalogue, no two the same, that keep the share as the plan reads"
    " it: `<=` at most floor(share * k) items, `>=` at least ceil(share * k), `~` exactly"
    " share * k, halves rounded up",
    CPA_WITHIN: "the same, one item more or less allowed",
    COUNT: "lists of exactly k lines",
    REPEAT: "of the lines: items that stand on an earlier line of their list",
    NON_EXIST: "of the lines: those that name no item of the catalogue",
    IN_HISTORY: "of the lines: items of the history",
}

Lookup: TypeAlias = Callable[[str], Item]


class Counts(NamedTuple):
    """All that counts of one list, in whole numbers."""

    place: int = 0
    """Of the target, from 1; 0 if it is on no line."""
    obeyed: int = 0
    """Lines that obey the category asked for; of a share 1 if it is kept."""
    nearly: int = 0
    """1 if a share is kept within one item."""
    lines: int = 0
    repeats: int = 0
    nothing: int = 0
    """Lines that name no item."""
    in_history: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Fraction:
    """What each of many lists adds to both sides."""

    over: Floats
    under: Floats


Marks: TypeAlias = Mapping[str, Fraction]
"""By metric."""


def hr(at: int) -> str:
    """The name of a hit rate."""
    return f"HR@{at}"


def ndcg(at: int) -> str:
    """The name of an NDCG."""
    return f"NDCG@{at}"


def tcp(k: int) -> str:
    """The name of the share of lines in the category asked for."""
    return f"TCP@{k}"


def cutoffs(k: int) -> tuple[int, ...]:
    """The K that lists of k are judged at."""
    return tuple(sorted({at for at in AT if at < k} | {k}))


def counts(posed: Posed, listed: Listed, item: Lookup) -> Counts:
    """What counts of one list."""
    request = posed.request
    lines = [None if name is None else item(name) for name in listed.ids]
    whole = judge(lines, request.k, frozenset(request.history or ()), request.intent.controls)
    head = judge(lines[: request.k], request.k, (), request.intent.controls)
    obeyed, nearly = _obedience(posed, head, whole)
    return Counts(
        place=listed.ids.index(posed.target) + 1 if posed.target in listed.ids else 0,
        obeyed=obeyed,
        nearly=nearly,
        lines=whole.listed,
        repeats=whole.repeats,
        nothing=whole.listed - whole.exists,
        in_history=whole.in_history,
    )


def _obedience(posed: Posed, head: Verdict, whole: Verdict) -> tuple[int, int]:
    if posed.task.bounded:
        (control,) = head.controls
        exact = whole.listed == whole.exists == head.k and not whole.repeats
        return int(exact and control.holds), int(exact and _nearly(posed, control))
    if posed.task.controlled:
        (control,) = head.controls
        excluded = control.kind is ControlKind.EXCLUDE
        return head.exists - control.got if excluded else control.got, 0
    return 0, 0


def _nearly(posed: Posed, control: ControlOutcome) -> bool:
    """Whether a share is kept within one item."""
    (share,) = posed.request.intent.controls.shares
    low, high = quota(share, posed.request.k)
    return low - 1 <= control.got <= high + 1


def marks(task: Task, k: int, counted: Mapping[str, IntArray]) -> Marks:
    """All metrics of many lists of k, by the columns of their counts."""
    lines = counted["lines"]
    return (
        _accuracy(k, counted["place"])
        | _obeyed(task, k, counted)
        | {
            COUNT: _each(lines == k),
            REPEAT: _of(counted["repeats"], lines),
            NON_EXIST: _of(counted["nothing"], lines),
            IN_HISTORY: _of(counted["in_history"], lines),
        }
    )


def _accuracy(k: int, place: IntArray) -> dict[str, Fraction]:
    gains = np.array([0.0, *(1 / math.log2(1 + at) for at in range(1, k + 1))])
    seen = {at: np.where(place <= at, place, 0) for at in cutoffs(k)}
    hits = {hr(at): _each(found > 0) for at, found in seen.items()}
    return hits | {ndcg(at): _each(gains[found]) for at, found in seen.items()}


def _obeyed(task: Task, k: int, counted: Mapping[str, IntArray]) -> dict[str, Fraction]:
    if task.bounded:
        return {CPA: _each(counted["obeyed"]), CPA_WITHIN: _each(counted["nearly"])}
    if task.controlled:
        return {tcp(k): _of(counted["obeyed"], np.full(len(counted["obeyed"]), k))}
    return {}


def _each(over: npt.NDArray[np.generic]) -> Fraction:
    """One more below for each list."""
    return _of(over, np.ones(len(over)))


def _of(over: npt.NDArray[np.generic], under: npt.NDArray[np.generic]) -> Fraction:
    return Fraction(over.astype(np.float64), under.astype(np.float64))
