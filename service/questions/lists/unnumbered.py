"""Options that nobody numbered: bullets, lines or a row of words under `Options:`.

They are numbered from 1, and a note says so.
"""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from service.question import Option
from service.questions.layout.headings import heading, heads_list, without_list_heading
from service.questions.lists.closing import listed_text
from service.questions.lists.found import Found, names
from service.questions.lists.labels import Label
from service.questions.lists.runs import Run
from service.questions.orders.instructions import is_instruction, is_question

MOST_BULLETS: Final = 3_000

_PAIR: Final = 2
_BULLET: Final = re.compile(
    r"^([ \t]{0,40})(?:([-*+–—])[ \t]{1,4}|([•‣▪◦●・])[ \t]{0,4})(?=\S)", re.MULTILINE
)
_OPTIONS: Final = re.compile(
    r"^[*#_ \t]{0,6}(?:(?:answer |the |possible |available |category |label |your )?"
    r"(?:options?|choices|candidates)"
    r"|optionen|auswahl|antwortmöglichkeiten|choix|opciones|opzioni|scelte|选项|選項|選択肢|विकल्प"
    r"|الخيارات|خيارات)[*_]{0,3}[ \t]?[:：][*_]{0,3}[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
_CHOOSE_FROM: Final = re.compile(
    r"(?<![^\s.!?])(?=(?:choose|select|pick|choisis\w{0,3}|wählen?|elige|elija|scegli)\b)"
    r"[^\n:.?!]{1,60}[ \t]?:[ \t]{1,2}(?=[^\n]{0,200}[,;/|])",
    re.IGNORECASE,
)
_SEPARATORS: Final = (";", "；", "|", "、", "，", ",", " / ")
_AND: Final = re.compile(r"^(?:and|und|et|y|e)\s", re.IGNORECASE)
_OR: Final = re.compile(r"\s(?:or|oder|ou|o)\s", re.IGNORECASE)


def find_unnumbered(text: str) -> Found | None:
    """The last list of bullets, else what stands under the last `Options:`."""
    return _bullets(text) or _under_heading(text)


def _bullets(text: str) -> Found | None:
    runs = [run for run in _bullet_runs(text) if len(run) >= _PAIR]
    if not runs:
        return None
    run = runs[-1]
    texts, after = listed_text(text, run)
    if all(map(is_instruction, texts)):
        return None
    before = text[: run[0].start].rstrip()
    last = before.rpartition("\n")[2].strip()
    head = heading(last)
    headed = head is not None and not head.rest
    data = headed and not heads_list(last)
    made = _found(texts, without_list_heading(before), after)
    return replace(made, headed_otherwise=data, headed=headed and not data)


def _bullet_runs(text: str) -> Iterator[Run]:
    """Bullets of one sign and indent, with nothing of the asker's between them."""
    run: list[Label] = []
    for match in _BULLET.finditer(text):
        indent, style = len(match[1]), match[2] or match[3]
        if run and indent > run[0].indent:
            continue  # a list inside an option
        same = run and (indent, style) == (run[0].indent, run[0].style)
        if run and not (same and _together(text[run[-1].end : match.start()])):
            yield tuple(run)
            run = []
        run.append(_numbered(match.end(1), match.end(), style, indent, len(run) + 1))
        if len(run) > MOST_BULLETS:
            break
    yield tuple(run)


def _numbered(start: int, end: int, style: str, indent: int, number: int) -> Label:
    return Label(
        start, end, str(number), number, style=style, indent=indent, tight=False, decimal=False
    )


def _together(between: str) -> bool:
    body = between.strip()
    lines = body.split("\n")[1:]
    return "\n\n" not in body and not any(
        heading(line) or is_question(line) or is_instruction(line) for line in lines
    )


def _under_heading(text: str) -> Found | None:
    """A row of options behind the heading's colon, or one in each line below it."""
    heads = list(_OPTIONS.finditer(text)) or list(_CHOOSE_FROM.finditer(text))
    if not heads:
        return None
    head = heads[-1]
    row, _, below = text[head.end() :].partition("\n")
    texts, after = (_row(row), below) if row.strip() else _lines(below)
    if len(texts) < _PAIR:
        return None
    # An order stays, for it is what is asked.
    asked = text[: head.start() if head.re is _OPTIONS else head.end()].strip()
    return replace(_found(texts, asked, after.strip()), headed=True)


def _row(row: str) -> list[str]:
    """What stands between commas or the like, and around an "or" at the end."""
    row = row.strip().rstrip(".。")
    row = row[1:-1] if row[:1] == "[" and row[-1:] == "]" else row
    separator = next((sign for sign in _SEPARATORS if sign in row), None)
    parts = row.split(separator) if separator else [row]
    parts[-1:] = _OR.split(f" {_AND.sub('', parts[-1].strip())}", maxsplit=1)
    return [part.strip() for part in parts if part.strip()]


def _lines(below: str) -> tuple[list[str], str]:
    lines = below.lstrip("\n").split("\n")
    stop = next((at for at, line in enumerate(lines) if _closes(line)), len(lines))
    return [line.strip() for line in lines[:stop]], "\n".join(lines[stop:])


def _closes(line: str) -> bool:
    return not line.strip() or bool(heading(line)) or is_question(line) or is_instruction(line)


def _found(texts: list[str], before: str, after: str) -> Found:
    options = tuple(Option(str(n), body) for n, body in enumerate(texts, start=1))
    note = f"The options are not numbered in the text; they were numbered {names(options)}."
    return Found(
        options=options,
        before=before,
        after=after,
        numbered=False,
        notes=(note,),
    )
