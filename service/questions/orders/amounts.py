"""Whether the answer is how many of the options are so, and no option says a number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from service.question import Option
from service.questions.orders.choosing import tokens_of
from service.questions.text.numerals import number

_HOW_MANY: Final = re.compile(
    r"\bhow many (?:of (?:the|these|those|them)\b|(?:options|items|products|things)\b)"
    r"|\bwie viele (?:davon|von (?:diesen|den)|der folgenden)\b|\bcombien (?:de ces|d'entre)\b"
    r"|\bcuánt[oa]s de (?:est[oa]s|l[oa]s)\b|\bquant[ie] di quest[ie]\b",
    re.IGNORECASE,
)


def asks_how_many_options(sentences: Sequence[str], options: Sequence[Option]) -> bool:
    """Whether somebody wants options counted that are no numbers themselves."""
    return any(map(_HOW_MANY.search, sentences)) and not any(
        any(number(word) is not None for word in tokens_of(option.text)) for option in options
    )
