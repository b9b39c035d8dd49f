"""Lists numbered in other ways: `1 hat`, `一、hat`, `Ⅰ hat`, `А) hat`, `ア hat`, `أ. hat`.

Such signs begin ordinary lines too. So only lines that follow each other and begin with the first
signs of a row in order are a list, and only where something is to be chosen; numbers with nothing
behind them only where `Answer:` follows. Numbers stay the labels; other signs are numbered from 1,
for a model may not spell them.
"""
# ruff: noqa: RUF001, RUF002 - signs of other scripts are what this reads

from __future__ import annotations

import re
from typing import Final

from service.question import Option
from service.questions.layout.headings import answer_opens, heads_list, without_list_heading
from service.questions.lists.closing import listed_text
from service.questions.lists.found import Found, names
from service.questions.lists.labels import Label
from service.questions.lists.runs import Run
from service.questions.lists.standing import headed_otherwise, line_above

MOST_LINES: Final = 3_000

_FEWEST: Final = 3
_BARE: Final = "1"
_ROWS: Final = (
    "一二三四五六七八九十",
    "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ",
    "ⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹ",
    "АБВГДЕЖЗИК",
    "абвгдежзик",
    "アイウエオカキクケコ",
    "イロハニホヘトチリヌ",
    "甲乙丙丁戊己庚辛壬癸",
    "أبجدهوزحطي",
    "가나다라마바사아자차",
    "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊ",
    "αβγδεζηθικ",
    "אבגדהוזחטי",
    "กขคงจฉชซฌญ",
)
_SIGN: Final = re.compile(
    rf"^(?P<indent>[ \t]{{0,40}})(?:#?(?P<number>\d{{1,3}})(?=[ \t])"
    rf"|(?P<open>[(（\[])?(?P<sign>[{''.join(_ROWS)}])"
    r"(?P<close>[.)\]:．）：、،-]{1,2}|(?=[ \t])))"
    r"[ \t]{0,3}(?=\S)",
    re.MULTILINE,
)


def find_signs(text: str) -> Found | None:
    """The last list of lines that begin with such signs."""
    run = _last_run(text)
    if run is None or headed_otherwise(text, run):
        return None
    texts, after = listed_text(text, run)
    options = tuple(Option(label.name, body) for label, body in zip(run, texts, strict=True))
    note = f"The options are not numbered in a usual way; they were read as {names(options)}."
    return Found(
        options=options,
        before=without_list_heading(text[: run[0].start].rstrip()),
        after=after,
        headed=heads_list(line_above(text, run)),
        # Numbers alone may count things.
        headed_otherwise=run[0].style == _BARE and not answer_opens(after),
        numbered=False,
        notes=(note,),
    )


def _last_run(text: str) -> Run | None:
    best: Run | None = None
    run: list[Label] = []
    for number, match in enumerate(_SIGN.finditer(text)):
        if number > MOST_LINES:
            break
        label = _label(match)
        follows = run and (label.style, label.value) == (run[-1].style, run[-1].value + 1)
        if not (follows and "\n\n" not in text[run[-1].end : match.start()]):
            run = []
        if run or label.begins_list:
            run.append(label)
        if len(run) >= _FEWEST:
            best = tuple(run)
    return best


def _label(match: re.Match[str]) -> Label:
    sign, indent = match["sign"], len(match["indent"])
    row, value = next(
        ((row, row.index(sign) + 1) for row in _ROWS if sign and sign in row),
        (_BARE, int(match["number"] or 0)),
    )
    style = f"{row[0]}{match['open'] or ''}{(match['close'] or '')[:1]}"
    return Label(
        match.end("indent"),
        match.end(),
        str(value),
        value,
        style=style,
        indent=indent,
        tight=False,
        decimal=False,
    )
