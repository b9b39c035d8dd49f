"""The validator: reads a finished list against catalogue, history and controls.

It shares nothing with the speller but the meaning of a quota: it looks at the items' own ids and
categories, so that a fault in the plan or the lexicon cannot hide itself here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from service.domain import ControlKind, ControlOutcome, Controls, Item, Share
from service.steering.plan import quota


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a list of items turned out to hold."""

    k: int
    listed: int
    exists: int
    repeats: int
    in_history: int
    controls: tuple[ControlOutcome, ...]

    @property
    def violations(self) -> dict[str, int]:
        """How often each kind of promise is broken; empty for a list that keeps them all."""
        broken = {
            "count": abs(self.k - self.listed),
            "nonexistent": self.listed - self.exists,
            "repeat": self.repeats,
            "in_history": self.in_history,
            "control": sum(not outcome.holds for outcome in self.controls),
        }
        return {kind: number for kind, number in broken.items() if number}


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """What one line of a list turned out to be."""

    item: Item | None
    repeats: bool
    """Whether an earlier line has the same item."""
    in_history: bool
    beyond: bool
    """Whether as many lines as were asked for stand before it."""

    @property
    def legal(self) -> bool:
        """Whether it may stand in the list, whatever the controls say."""
        return self.item is not None and not (self.repeats or self.in_history or self.beyond)


def judge_lines(
    items: Sequence[Item | None], k: int, history: Collection[str]
) -> tuple[LineVerdict, ...]:
    """Judge each line; None stands for an item the catalogue does not have."""
    verdicts: list[LineVerdict] = []
    named: set[str] = set()
    for place, item in enumerate(items):
        repeats = item is not None and item.id in named
        in_history = item is not None and item.id in history
        verdicts.append(LineVerdict(item, repeats, in_history, beyond=place >= k))
        if item is not None:
            named.add(item.id)
    return tuple(verdicts)


def judge(
    items: Sequence[Item | None], k: int, history: Collection[str], controls: Controls
) -> Verdict:
    """Judge a list; None stands for an item the catalogue does not have."""
    lines = judge_lines(items, k, history)
    existing = [item for item in items if item is not None]
    return Verdict(
        k=k,
        listed=len(lines),
        exists=len(existing),
        repeats=sum(line.repeats for line in lines),
        in_history=sum(line.in_history for line in lines),
        controls=outcomes(existing, k, controls),
    )


def misread(line: str, place: int, spelling: str) -> bool:
    """Whether a spelled line does not read as the title it was taken for.

    This reads the text itself: a fault in the lexicon, or in the walk through it, shows here.
    """
    return line != f"{place + 1}. {spelling}"


def outcomes(items: Sequence[Item], k: int, controls: Controls) -> tuple[ControlOutcome, ...]:
    """What each control wanted and got, in the order listed."""
    include = [_include(items, controls.include)] if controls.include else []
    exclude = [_exclude(items, category) for category in controls.exclude]
    return (*include, *exclude, *(_share(items, k, share) for share in controls.shares))


def _count(items: Sequence[Item], categories: Collection[str]) -> int:
    wanted = frozenset(categories)
    return sum(not wanted.isdisjoint(item.categories) for item in items)


def _include(items: Sequence[Item], categories: tuple[str, ...]) -> ControlOutcome:
    got = _count(items, categories)
    kind, want = ControlKind.INCLUDE, f"={len(items)}"
    return ControlOutcome(kind, categories, want, got, holds=got == len(items))


def _exclude(items: Sequence[Item], category: str) -> ControlOutcome:
    got = _count(items, (category,))
    return ControlOutcome(ControlKind.EXCLUDE, (category,), "=0", got, holds=got == 0)


def _share(items: Sequence[Item], k: int, share: Share) -> ControlOutcome:
    low, high = quota(share, k)
    got = _count(items, (share.category,))
    want = f"={low}" if low == high else f"<={high}" if low == 0 else f">={low}"
    return ControlOutcome(
        kind=ControlKind.SHARE,
        categories=(share.category,),
        want=want,
        got=got,
        holds=low <= got <= high,
        op=share.op,
        share=share.share,
    )
