"""Runs: labels of one style whose numbers follow each other, as lists are numbered."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from itertools import pairwise
from typing import Final, TypeAlias

from service.questions.lists.labels import Label

Run: TypeAlias = tuple[Label, ...]
_Key: TypeAlias = Callable[[Label], Hashable]

_FEWEST_LINES: Final = 2
_FEWEST_INLINE: Final = 3
_LARGEST_STEP: Final = 3
_TOLD_APART: Final = 200


def line_runs(found: Iterable[Label]) -> list[Run]:
    """Runs of labels that open lines, in the order in which they end.

    A list within an option is indented, so only labels equally far from the margin belong together;
    unless that tears apart what right-aligned numbers join.
    """
    opening = [label for label in found if label.opens_line]
    aligned, loose = (
        _runs(opening, lambda label: (label.style, label.indent)),
        _runs(opening, _style),
    )
    return loose if _longest(loose) > _longest(aligned) else aligned


def inline_runs(found: Iterable[Label]) -> list[Run]:
    """Runs of labels anywhere, in the order in which they end; they begin as lists do."""
    return [run for run in _runs(found, _style) if run[0].begins_list]


def gapped_runs(text: str, found: Iterable[Label]) -> list[Run]:
    """Labels that count upwards and skip some, line by line or within one line.

    They are no list that can be read, but one that somebody meant.
    """
    found = [label for label in found if not label.decimal]
    lines = [label for label in found if label.opens_line]
    by_line = _chains(text, lines, lambda label: (label.style, label.indent), "\n\n")
    inline = _chains(text, found, _style, "\n")
    return [
        *(run for run in by_line if len(run) >= _FEWEST_LINES),
        *(run for run in inline if len(run) >= _FEWEST_INLINE and run[0].begins_list),
    ]


def _chains(text: str, found: Iterable[Label], key: _Key, apart: str) -> list[Run]:
    latest: dict[Hashable, list[Label]] = {}
    chains: list[list[Label]] = []
    for label in found:
        chain = latest.get(key(label))
        if (
            chain is not None
            and 1 <= label.value - chain[-1].value <= _LARGEST_STEP
            and apart not in text[chain[-1].end : label.start]
        ):
            chain.append(label)
        else:
            latest[key(label)] = [label]
            chains.append(latest[key(label)])
    return list(map(tuple, chains))


def _style(label: Label) -> str:
    return label.style


def _longest(runs: list[Run]) -> int:
    return max(map(len, runs), default=0)


def _runs(found: Iterable[Label], key: _Key) -> list[Run]:
    """Each label joins the run, latest begun, that its number continues; else it begins one."""
    waiting: dict[tuple[Hashable, int], list[Label]] = {}
    runs: list[list[Label]] = []
    for label in found:
        run = waiting.get((key(label), label.value - 1))
        if run is not None and _continues(label, run[-1]):
            del waiting[key(label), label.value - 1]
            run.append(label)
        elif label.decimal and not (_may_begin(label) and (key(label), label.value) not in waiting):
            continue  # "1.5 kg" begins no list
        else:
            run = [label]
            runs.append(run)
        waiting[key(label), label.value] = run
    # "1.5 l" begins one if others follow that can be nothing but labels.
    plain = (run for run in runs if not all(label.decimal for label in run))
    return sorted(map(tuple, plain), key=lambda run: run[-1].start)


def _may_begin(label: Label) -> bool:
    return label.opens_line and label.begins_list


def _continues(label: Label, last: Label) -> bool:
    if label.decimal or last.decimal:
        return last.tight and label.tight
    return True


def tight_runs(text: str, found: Iterable[Label]) -> list[Run]:
    """Lines numbered right before digits, `1.100 ml`; they may as well be decimals, and no list.

    They are if they say the same: 1.5, 2.5, 3.5.
    """
    lines = [label for label in found if label.decimal and label.opens_line]
    return [
        run
        for run in _chains(text, lines, _style, "\n\n")
        if len(run) > _FEWEST_LINES and run[0].begins_list and _differ(text, run)
    ]


def _differ(text: str, run: Run) -> bool:
    said = {text[label.end : label.end + _TOLD_APART].split("\n", 1)[0] for label in run}
    steps = {next_.value - label.value for label, next_ in pairwise(run)}
    return steps == {1} and len(said) == len(run)
