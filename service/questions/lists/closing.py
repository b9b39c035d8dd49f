"""What belongs to the options of a list, and what the asker says behind it.

A line behind a label belongs to that option. The last option ends at a blank line, where the answer
is opened, where the asker gives orders or asks, and before a full sentence if no option is one.
"""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

from itertools import pairwise

from service.questions.layout.headings import Kind, before_opening, heading
from service.questions.lists.runs import Run
from service.questions.orders.instructions import is_instruction, is_question
from service.questions.text.bounds import LONGEST_OPTION
from service.questions.text.sentences import ends

_SENTENCE_ENDS = tuple(".!?。！？।؟:：")


def listed_text(text: str, run: Run) -> tuple[list[str], str]:
    """The text of each option of a list, and what stands behind the list."""
    texts = [text[one.end : next_.start].strip() for one, next_ in pairwise(run)]
    rest = before_opening(text[run[-1].end :])
    inline = not run[-1].opens_line
    last, after = _at_instruction(rest) if inline else (rest, "")
    lines = last.split("\n")
    stop = _end_of_last(lines, texts)
    return [*texts, "\n".join(lines[:stop]).strip()], "\n".join([*lines[stop:], after]).strip()


def _end_of_last(lines: list[str], others: list[str]) -> int:
    """How many lines belong to the last option."""
    paragraphs = any("\n\n" in other for other in others)
    single = all("\n" not in other for other in others)
    plain = single and not any(other.endswith(_SENTENCE_ENDS) for other in others)
    begun = False
    read = 0
    for number, line in enumerate(lines):
        if read > LONGEST_OPTION:
            break  # refused in any case
        read += len(line) + 1
        if begun and _closes(line, paragraphs=paragraphs, plain=plain):
            return number
        begun = begun or bool(line.strip())
    return len(lines)


def _closes(line: str, *, paragraphs: bool, plain: bool) -> bool:
    """Whether the line is the asker's and no more part of an option."""
    if not line.strip():
        return not paragraphs
    head = heading(line)
    return (
        (head is not None and head.kind is not Kind.DATA)
        or is_question(line)
        or is_instruction(line)
        or (plain and line.rstrip().endswith(_SENTENCE_ENDS))
    )


def _at_instruction(rest: str) -> tuple[str, str]:
    """Within a line, the last option ends before a sentence that gives orders or asks."""
    line_end = rest.find("\n") if "\n" in rest else len(rest)
    at = 0
    for end in [*ends(rest[:line_end]), line_end]:
        sentence = rest[at:end]
        if at and (is_instruction(sentence.strip()) or is_question(sentence)):
            return rest[:at], rest[at:]
        at = end
    return rest, ""
