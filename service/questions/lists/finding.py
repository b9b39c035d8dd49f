"""The numbered list of options in a raw question, and where it ends."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Final

from service.question import Option
from service.questions.layout.headings import (
    Kind,
    closes_choice,
    heading,
    heads_list,
    without_list_heading,
)
from service.questions.lists.closing import listed_text
from service.questions.lists.found import Found
from service.questions.lists.labels import Label, labels
from service.questions.lists.marks import counting_words, without_words
from service.questions.lists.markup import bare_labels
from service.questions.lists.runs import (
    Run,
    gapped_runs,
    inline_runs,
    line_runs,
    tight_runs,
)
from service.questions.lists.sequence import break_of, inner, within
from service.questions.lists.signs import find_signs
from service.questions.lists.standing import headed_otherwise, line_above, of_options
from service.questions.lists.unnumbered import find_unnumbered
from service.questions.orders.instructions import shapes_answer

MOST_LABELS: Final = 3_000
"""Far more than a question with MOST_OPTIONS has, however many numbers its options hold."""

_PAIR: Final = 2
_LOOK_AHEAD: Final = 120


def find_list(text: str) -> Found | None:
    """The last list that looks like one of options; a numbered one if there is any."""
    marked = bare_labels(text)
    named = without_words(marked)
    numbered = _find_numbered(marked, inline=not counting_words(marked))
    if numbered is not None and not numbered.headed_otherwise:
        return numbered
    other = find_unnumbered(text) or find_signs(text)
    if numbered is None and other is None and named != marked:
        # Such may be what is asked about, so more than a question makes them options.
        compared = _find_numbered(named)
        return compared and replace(compared, headed_otherwise=True)
    if numbered is None or (other is not None and not other.headed_otherwise):
        return other
    return numbered


def _find_numbered(text: str, *, inline: bool = True) -> Found | None:
    """Labels that open lines come before labels within a line.

    One label alone is a list only where there is nothing better, and so are those that skip some.
    """
    found = list(islice(labels(text), MOST_LABELS))
    runs = line_runs(found)
    nested = inner(text, runs, found)
    lists = [run for run in runs if len(run) >= _PAIR and run not in nested]
    complete = [run for run in lists if run[0].begins_list]
    within_lines = inline_runs(found) if inline and not complete else []
    within_lines = [run for run in within_lines if len(run) >= _PAIR]
    wider = [run for run in within_lines if lists and set(run) > set(lists[-1])]
    kinds = (complete, wider, lists, [run for run in within_lines if not _in_data(text, run)])
    best = next(filter(None, kinds), None)
    if best:
        return _found(text, best, found)
    gapped = [run for run in gapped_runs(text, found) if not _in_data(text, run)]
    if gapped:
        return replace(_found(text, gapped[-1:], found), gapped=True)
    tight = tight_runs(text, found)
    if tight:
        return replace(_found(text, tight[-1:], found), gapped=True)
    alone = [run for run in runs if run[0].begins_list and not run[0].is_roman]
    return _found(text, alone[-1:], found) if alone else None


def _found(text: str, runs: list[Run], found: list[Label]) -> Found:
    headed = [run for run in runs if not headed_otherwise(text, run)]
    likely = [run for run in headed if not _is_rules(text, run)]
    run = of_options(text, likely or headed or runs)
    texts, after = listed_text(text, run)
    end = text.index(texts[-1], run[-1].end) + len(texts[-1])
    return Found(
        options=tuple(Option(label.name, body) for label, body in zip(run, texts, strict=True)),
        before=without_list_heading(text[: run[0].start].rstrip()),
        after=after,
        lists=sum(1 for other in runs if len(other) >= _PAIR),
        headed_otherwise=not headed,
        headed=heads_list(line_above(text, run)),
        closed=(run[0].value == 0 or run[0].kind == "A") and closes_choice(after),
        broken=break_of(text, run, end, found),
        notes=within(run, found),
    )


def _is_rules(text: str, run: Run) -> bool:
    """Whether every line of it says how to answer."""
    lines = (text[label.end : label.end + _LOOK_AHEAD].split("\n", 1)[0] for label in run)
    return all(map(shapes_answer, lines))


def _in_data(text: str, run: Run) -> bool:
    """Whether the line in which it stands is labelled as data: a review that counts (1), (2)."""
    start = text.rfind("\n", 0, run[0].start) + 1
    head = heading(text[start : min(run[0].start, start + _LOOK_AHEAD) + 1])
    return head is not None and head.kind is Kind.DATA
