"""What is amiss in a list that nothing held, read so that nothing doubtful is held against it."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace

from service.domain import (
    Amiss,
    AmissKind,
    ControlKind,
    ControlOutcome,
    Controls,
    FreeLine,
    Item,
    RecommendRequest,
    Share,
)
from service.pipeline.listing import FENCES, finished_in, listed_in, overfull
from service.pipeline.titles import Titles
from service.pipeline.validate import LineVerdict, Verdict, outcomes
from service.ports import Written
from service.steering.plan import NEVER, Plan, quota


@dataclass(frozen=True, slots=True)
class Forbidden(Container[int]):
    """The rows that no list of a plan may hold.

    Of items that share a title, none of these is meant while another may be.
    """

    plan: Plan

    def __contains__(self, row: object) -> bool:
        return isinstance(row, int) and bool(self.plan.class_of_row[row] == NEVER)


def named(titles: Titles, said: Written, plan: Plan) -> tuple[list[str], list[Item | None]]:
    """The lines of a text, those that were finished, and the item that each of them means."""
    lines = lines_read(said, plan.k)
    rows = titles.named(lines, last=Forbidden(plan))
    return lines, [None if row is None else titles.catalogue.item(row) for row in rows]


def lines_read(said: Written, k: int) -> list[str]:
    """The lines of a text's list, as they stand there.

    One that it may have been cut in is none, and neither is a fence of the prompt, said after it.
    """
    cut = said.stopped is not None or overfull(said.text, k)
    found = finished_in(said.text, k) if cut else listed_in(said.text, k)
    return [line.text for line in found if line.text not in FENCES]


def counted(verdict: Verdict, listed: int, *, cut: bool) -> dict[str, int]:
    """The violations of a list, of which a wrong length (`listed`) is one, however wrong.

    Of a text that was cut short, less what lines that lack might have mended.
    """
    missing = max(0, verdict.k - listed) if cut else 0
    open_yet = sum(_might_hold(outcome, verdict.k, missing) for outcome in verdict.controls)
    found = verdict.violations
    found["control"] = found.get("control", 0) - open_yet
    found["count"] = int(listed != verdict.k and not missing)
    return {kind: number for kind, number in found.items() if number}


def _might_hold(outcome: ControlOutcome, k: int, missing: int) -> bool:
    """Whether a share is short by no more than the lines that lack."""
    if not missing or outcome.op is None or outcome.share is None:
        return False
    low, _ = quota(Share(outcome.categories[0], outcome.op, outcome.share), k)
    return outcome.got < low <= outcome.got + missing


def free_line(text: str, verdict: LineVerdict, request: RecommendRequest) -> FreeLine:
    """A line as it was written, and what is wrong with it."""
    amiss = _amiss(verdict, request.k, request.intent.controls)
    return FreeLine(text, verdict.item, tuple(amiss))


def _amiss(verdict: LineVerdict, k: int, controls: Controls) -> Iterator[Amiss]:
    """What is wrong with one line, whatever the others are; of one too many, that it is."""
    if verdict.beyond:
        yield Amiss(AmissKind.SURPLUS, f"only {k} were asked for")
        return
    if verdict.item is None:
        yield Amiss(AmissKind.NONEXISTENT, "the catalogue has no such item")
    if verdict.repeats:
        yield Amiss(AmissKind.REPEAT, "it stands in the list already")
    if verdict.in_history:
        yield Amiss(AmissKind.IN_HISTORY, "it is in the history")
    if verdict.item is not None:
        alone = outcomes([verdict.item], 1, replace(controls, shares=()))
        yield from (_broken(outcome) for outcome in alone if not outcome.holds)


def _broken(outcome: ControlOutcome) -> Amiss:
    """A control that an item breaks by itself."""
    if outcome.kind is ControlKind.INCLUDE:
        wanted = " or ".join(outcome.categories)
        return Amiss(AmissKind.INCLUDE, f"it is not in {wanted}, as was asked")
    return Amiss(AmissKind.EXCLUDE, f"it is in {outcome.categories[0]}, which is excluded")
