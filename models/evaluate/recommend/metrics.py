"""The metrics of one list, by `DEFINITIONS`. Each is a fraction of what one list adds.

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
from typing import Final, TypeAlias

from models.evaluate.recommend.listed import Listed
from models.evaluate.recommend.tasks import Posed
from service.domain import ControlKind, ControlOutcome, Item
from service.pipeline.validate import Verdict, judge
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


@dataclass(frozen=True, slots=True)
class Fraction:
    """What one list adds to both sides."""

    over: float
    under: float = 1.0

    def __add__(self, other: Fraction) -> Fraction:
        return Fraction(self.over + other.over, self.under + other.under)


Marks: TypeAlias = Mapping[str, Fraction]


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


def marks(posed: Posed, listed: Listed, item: Lookup) -> Marks:
    """All metrics of one list."""
    request = posed.request
    lines = [None if name is None else item(name) for name in listed.ids]
    whole = judge(lines, request.k, frozenset(request.history or ()), request.intent.controls)
    head = judge(lines[: request.k], request.k, (), request.intent.controls)
    return _accuracy(posed, listed) | _obedience(posed, head, whole) | _form(whole)


def _accuracy(posed: Posed, listed: Listed) -> dict[str, Fraction]:
    found = listed.ids.index(posed.target) + 1 if posed.target in listed.ids else math.inf
    at = cutoffs(posed.request.k)
    hits = {hr(k): Fraction(float(found <= k)) for k in at}
    gain = 1 / math.log2(1 + found)
    return hits | {ndcg(k): Fraction(gain if found <= k else 0.0) for k in at}


def _obedience(posed: Posed, head: Verdict, whole: Verdict) -> dict[str, Fraction]:
    if posed.task.bounded:
        (control,) = head.controls
        exact = whole.listed == whole.exists == head.k and not whole.repeats
        return {
            CPA: Fraction(float(exact and control.holds)),
            CPA_WITHIN: Fraction(float(exact and _nearly(posed, control))),
        }
    if posed.task.controlled:
        (control,) = head.controls
        excluded = control.kind is ControlKind.EXCLUDE
        within = head.exists - control.got if excluded else control.got
        return {tcp(head.k): Fraction(within, head.k)}
    return {}


def _nearly(posed: Posed, control: ControlOutcome) -> bool:
    """Whether a share is kept within one item."""
    (share,) = posed.request.intent.controls.shares
    low, high = quota(share, posed.request.k)
    return low - 1 <= control.got <= high + 1


def _form(whole: Verdict) -> dict[str, Fraction]:
    return {
        COUNT: Fraction(float(whole.listed == whole.k)),
        REPEAT: Fraction(whole.repeats, whole.listed),
        NON_EXIST: Fraction(whole.listed - whole.exists, whole.listed),
        IN_HISTORY: Fraction(whole.in_history, whole.listed),
    }
