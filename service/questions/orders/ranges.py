"""How few and how many may be chosen, where the asker says both: "between 2 and 3 products"."""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from service.questions.text.numerals import number

# Something that is counted has to follow: "choose 1 or 2." speaks of labels.
_SPACED: Final = re.compile(
    r"(?<!\w)(?:select|choose|pick|which|name|give|recommend|retrieve|identify|wählen?|nennen?|gib"
    r"|choisis\w{0,3}|sélectionne[rz]?|elige|elija|selecciona|seleccione|scegli|scegliete|seleziona)"
    r"\s(?:(?:please|bitte|any|only|from|between|zwischen|entre|de|da|tra|fra|von)\s){0,3}"
    r"(?P<low>\w{1,12}?)(?:\s?[-–]\s?|\s(?:to|and|or|bis|und|oder|à|et|ou|a|y|o|e)\s)"
    r"(?P<high>\w{1,12})\s(?!(?:to|as|and|or|is|the|for|in|if|by|depending)\b)(?=[^\W\d])",
    re.IGNORECASE,
)
_UNSPACED: Final = re.compile(
    r"[选選挑][^，。\n\d]{0,6}?(?P<low>\d{1,2}|[一二两三四五六七八九十])\s?[到至~〜～–-]\s?"
    r"(?P<high>\d{1,2}|[一二两三四五六七八九十])\s?[个個项項种種件款条條样者名]"
)


def count_range(sentences: Sequence[str]) -> tuple[int, int] | None:
    """The first range of numbers of options that somebody asks for."""
    for sentence in sentences:
        for pattern in (_SPACED, _UNSPACED):
            for match in pattern.finditer(sentence):
                low, high = (number(match[name].casefold()) for name in ("low", "high"))
                if low and high and low < high:
                    return low, high
    return None
