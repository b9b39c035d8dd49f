"""Where a list's numbering breaks off though the list goes on: 1, 2, 4, 5; or 1, 2, 2, 3.

Labels of the list's own kind that its run could not take in would be lost in the text of an option
or before the list. So such a list is not to be read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise, takewhile
from operator import attrgetter
from typing import Final

from service.questions.layout.headings import Kind, heading
from service.questions.lists.labels import Label, spelled
from service.questions.lists.runs import Run
from service.questions.orders.instructions import is_instruction, is_question

_SHOWN_BEFORE: Final = 3
_MOST_SHOWN: Final = 8
_PAIR: Final = 2
_LOOK_BACK: Final = 100
_OPENS: Final = tuple(":：")  # noqa: RUF001 - ends of sentences in other scripts
_ENDS: Final = (*".!?。！？", *_OPENS)  # noqa: RUF001 - the same


def break_of(text: str, run: Run, end: int, found: Sequence[Label]) -> str:
    """What is wrong with the numbering; empty if nothing is. The list's last option ends at `end`.

    Only labels beside the run count: inside its last option, right behind it, right before it.
    """
    if not all(label.opens_line for label in run):
        return _first_break((*run, *_later_inline(text, run, end, found)))
    own = _left_out(run, found)
    above = [label for label in own if label.start < run[0].start]
    before = _counting_down(above, run[0]) or above[-1:]
    behind = [label for label in own if label.start > run[-1].start]
    spoken = _spoken_above(text, before[0].end, run[0].start) if before else 0
    core = (
        *(label for label in before if _touches(text, label, run, found, spoken)),
        *run,
        *(label for label in behind if label.start < end or _goes_on(text, label, run, end)),
    )
    if not _first_break(core):
        return ""
    between = (label for label in (*own, *run) if core[0].start <= label.start <= core[-1].start)
    every = sorted(between, key=lambda label: label.start)
    return _first_break(every, {label.value for label in every})


def inner(text: str, runs: Sequence[Run], found: Sequence[Label]) -> set[Run]:
    """The lists that stand, further from the margin, right under an option of another."""
    opening = [label for label in found if label.opens_line]
    above = {below.start: label for label, below in pairwise(opening) if label.start != below.start}
    under = ((run, above.get(run[0].start)) for run in runs)
    return {run for run, label in under if label and _is_under(text, label, run)}


def within(run: Run, found: Sequence[Label]) -> tuple[str, ...]:
    """Notes about labels of the list's own kind inside its options, the last excepted."""
    if not all(label.opens_line for label in run):
        return ()
    own = (label for label in _left_out(run, found) if label.value > run[-1].value)
    between = [label for label in own if run[0].start < label.start < run[-1].start]
    shown = ", ".join(label.name for label in between[:_MOST_SHOWN])
    return (f"Lines numbered {shown} were read as parts of options.",) if between else ()


def _left_out(run: Run, found: Sequence[Label]) -> list[Label]:
    """The labels that could be of the run, but are not."""
    taken = frozenset(run)
    return [label for label in found if label not in taken and _is_like(label, run)]


def _is_like(label: Label, run: Run) -> bool:
    """Whether it could be one of the run, by its looks."""
    first = run[0]
    return (
        label.opens_line
        and label.style == first.style
        and any(label.indent == one.indent for one in (first, run[-1]))
        and not (label.decimal and not first.tight)
    )


def _counting_down(above: Sequence[Label], first: Label) -> list[Label]:
    """The labels right above a list that count down to its first: 5, 4, 3, 2 above 1."""
    steps = enumerate(reversed(above), start=1)
    down = takewhile(lambda step: step[1].value == first.value + step[0], steps)
    return [label for _, label in down][::-1]


def _first_break(labels: Sequence[Label], elsewhere: AbstractSet[int] = frozenset()) -> str:
    """The first step that is not to the next number; those elsewhere are not missing."""
    for at, (one, next_) in enumerate(pairwise(labels), start=1):
        if next_.value != one.value + 1:
            shown = [label.name for label in labels[max(0, at - _SHOWN_BEFORE) : at + _MOST_SHOWN]]
            return f"The options are numbered {', '.join(shown)}: {_said(one, next_, elsewhere)}."
    return ""


def _said(one: Label, next_: Label, elsewhere: AbstractSet[int]) -> str:
    if next_.value == one.value:
        return f"{next_.name} stands there twice"
    if next_.value < one.value or one.value + 1 in elsewhere:
        return f"{next_.name} follows {one.name}"
    first, last = spelled(one.value + 1, one), spelled(next_.value - 1, one)
    return f"{first} is missing" if first == last else f"{first} to {last} are missing"


def _later_inline(text: str, run: Run, end: int, found: Sequence[Label]) -> list[Label]:
    """Labels that go on within the last option of a list inside a line, some having been skipped.

    One number with a dot is none: "a pack of 5. Blue" may stand in any text.
    """
    later: list[Label] = []
    value = run[-1].value
    for label in found:
        if label.style == run[0].style and run[-1].end <= label.start < end and label.value > value:
            later.append(label)
            value = label.value
    said = [label for label in later if text[label.end : end].strip()]
    return said if len(said) >= _PAIR or run[0].style != "1." else []


def _goes_on(text: str, label: Label, run: Run, end: int) -> bool:
    """Whether the list goes on with it behind a blank line."""
    if text[end : label.start].strip():
        return False
    return label.value > run[-1].value or _is_spaced(text, run)


def _touches(text: str, label: Label, run: Run, found: Sequence[Label], spoken: int) -> bool:
    """Whether a label before the list must have been meant as one of it.

    `spoken`: where the asker speaks last above the list.
    """
    between = text[label.end : run[0].start]
    labelled = between.lstrip()
    if spoken > run[0].start - len(labelled) or _is_spoken(labelled.partition("\n")[0]):
        return False
    if not run[0].begins_list:
        return True
    *above, last = between.strip().split("\n")
    if (_ends_list(label, found) or _is_headed(text, label)) and not last.endswith(_OPENS):
        return False
    own = not above or not last.endswith(_ENDS)
    return own and ("\n\n" not in between or _is_spaced(text, run))


def _ends_list(label: Label, found: Sequence[Label]) -> bool:
    """Whether it ends a whole list of its own, so that another one may begin below it."""
    place = bisect_right(found, label.start, key=attrgetter("start"))
    above = (found[at] for at in range(place - 1, -1, -1))
    steps = enumerate(one for one in above if _is_beside(one, label))
    counted = list(takewhile(lambda step: step[1].value == label.value - step[0], steps))
    return len(counted) >= _PAIR and counted[-1][1].begins_list


def _is_headed(text: str, label: Label) -> bool:
    """Whether a heading of something else than options stands right above it."""
    line = text[max(0, label.start - _LOOK_BACK) : label.start].rstrip().rpartition("\n")[2]
    head = heading(line)
    return head is not None and not head.rest and head.kind is not Kind.LIST


def _is_beside(one: Label, other: Label) -> bool:
    same = one.opens_line and (one.style, one.indent) == (other.style, other.indent)
    return same and not (one.decimal and not other.tight)


def _is_under(text: str, label: Label, run: Run) -> bool:
    between = text[label.end : run[0].start]
    deeper = label.indent < run[0].indent and "\n\n" not in between
    return deeper and not _asker_speaks(between.strip().split("\n"))


def _asker_speaks(lines: Sequence[str]) -> bool:
    """Whether the lines from one label to another hold more than what is labelled."""
    return any(map(_is_spoken, lines)) or any(heading(line) for line in lines[1:])


def _spoken_above(text: str, start: int, end: int) -> int:
    """Where the last line begins in which the asker speaks; 0 if that is none below `start`."""
    first = text.find("\n", start, end)
    while 0 <= first < end:
        begin = text.rfind("\n", first, end) + 1
        line = text[begin:end]
        if _is_spoken(line) or heading(line):
            return begin
        end = begin - 1
    return 0


def _is_spoken(line: str) -> bool:
    return is_question(line) or is_instruction(line)


def _is_spaced(text: str, run: Run) -> bool:
    """Whether blank lines stand between its options."""
    return "\n\n" in text[run[0].end : run[-1].start]
