"""Scales: "on a scale of 1 to 5" names the answers there are, though nobody lists them."""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from service.question import Option
from service.questions.instructions import asks_to_write

HIGHEST: Final = 100

_RANGE: Final = re.compile(
    r"(?<![\d.,])(\d{1,3})\s?(?:\([^()]{0,30}\)\s?)?(?:-|–|—|~|〜|～|to|bis|à|a|al|and|und|et|y|e|到|至|から|إلى|الى|से)\s?"
    r"(\d{1,3})(?![\d%]|[.,]\d)"
)
_RATES: Final = re.compile(
    r"\b(?:scale|rating|rate|score|grade|stars?|skala|bewert\w{0,8}|sterne\w?|note[rz]?|notez|échelle"
    r"|étoiles|évalue[rz]?|escala|estrellas|punt[úu]a\w{0,5}|califica\w{0,3}|evalúa|evalúe|scala"
    r"|stelle|valuta|punteggio)\b"
    r"|打分|评分|評分|星|评价|評価|点数|段階|قيم|مقياس|نجوم|पैमाने|रेट|अंक|तारे",
    re.IGNORECASE,
)


_MEANS: Final = (
    r"\s{0,2}(?:=|:|\(|\b(?:being|is|means|meaning|stands for|for|as|bedeutet|ist|für|étant"
    r"|signifie|pour|siendo|significa|es|essendo|è)\b)\s{0,2}"
)
_ENDS_AT: Final = re.compile(
    r"\s?(?:[,.;()\n]|\b(?:and|to|und|bis|et|à|y|e|while)\b)", re.IGNORECASE
)
_LONGEST_MEANING: Final = 60


def ends(sentences: Sequence[str], options: Sequence[Option]) -> tuple[str, str] | None:
    """What the lowest and the highest number of a scale stand for, if that is said of both."""
    text = " ".join(sentences)
    low, high = (_meaning(text, option.label) for option in (options[0], options[-1]))
    return (low, high) if low and high else None


def _meaning(text: str, number: str) -> str:
    """What follows a number as its meaning: "1 being very bad and ..." says "very bad"."""
    for match in re.finditer(rf"(?<![\d.,]){number}(?![\d]){_MEANS}", text, re.IGNORECASE):
        said = text[match.end() : match.end() + _LONGEST_MEANING]
        end = _ENDS_AT.search(said)
        meaning = (said[: end.start()] if end else said).strip().strip("\"'")
        # "from 1 to 4: 1 = bad" says nothing of 4.
        if meaning[:1].isalpha():
            return meaning
    return ""


def scale(sentences: Sequence[str]) -> tuple[Option, ...]:
    """The numbers of the scale on which something is to be rated; none if nothing is."""
    for sentence in sentences:
        match = _RANGE.search(sentence)
        if match and _RATES.search(sentence) and not asks_to_write(sentence):
            low, high = int(match[1]), int(match[2])
            if low < high <= HIGHEST:
                return tuple(Option(str(n), str(n)) for n in range(low, high + 1))
    return ()
