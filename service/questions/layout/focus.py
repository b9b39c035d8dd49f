"""The focus: the part of a stem that carries content, for comparing meanings with the options.

In this order: labelled texts (of a sequence of actions, the latest); what is quoted, with the
questions and open sentences asked about it; sentences that are no instructions; else all of it.
"""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from typing import Final

from service.questions.layout.headings import Kind
from service.questions.layout.sections import Section
from service.questions.layout.stem import Stem
from service.questions.orders.instructions import is_instruction, is_question, orders
from service.questions.orders.replies import is_about_reply
from service.questions.text.quotes import quotes
from service.questions.text.sentences import split

LATEST: Final = 5
"""Of a sequence of actions the last few say what comes next."""

_SEQUENCE: Final = re.compile(
    r"sequence|history|session|actions|behavio|verlauf|sequenz|historique|séquence|historial|secuencia"
    r"|sequenza|cronologia|序列|历史|歷史|履歴|سجل|इतिहास",
    re.IGNORECASE,
)
_CLOSED: Final = tuple(".!?:。！？।؟：")


def focus(stem: Stem) -> str:
    """What the options are compared with; never empty."""
    labelled = "\n".join(map(_section, stem.sections(Kind.DATA)))
    return labelled or _quoted(stem.outside) or _content(stem.outside) or stem.text


def _section(section: Section) -> str:
    lines = [line for line in section.text.split("\n") if line.strip()]
    if len(lines) <= LATEST or not _SEQUENCE.search(section.label):
        return section.text
    # From the end, so that what is repeated counts where it happened last.
    latest = list(dict.fromkeys(_cited(line) for line in reversed(lines)))[:LATEST]
    return "\n".join(reversed(latest))


def _cited(text: str) -> str:
    """What a text quotes; all of it if it quotes nothing."""
    return " ".join(quote.text for quote in quotes(text)) or text.strip()


def _quoted(text: str) -> str:
    """Quotes, and whole sentences where a question or an open end makes them content."""
    if not quotes(text):
        return ""
    kept: list[str] = []
    for sentence in split(text):
        cites = bool(quotes(sentence))
        open_ended = is_question(sentence) or not sentence.endswith(_CLOSED)
        if cites and not (open_ended and not orders(sentence)):
            kept.append(_cited(sentence))
        elif cites or _is_content(sentence):
            kept.append(sentence)
    return "\n".join(kept)


def _content(text: str) -> str:
    return "\n".join(sentence for sentence in split(text) if _is_content(sentence))


def _is_content(sentence: str) -> bool:
    return not (is_instruction(sentence) or is_about_reply(sentence))
