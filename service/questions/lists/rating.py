"""Whether what is asked is a number of a scale, though the text holds a list as well.

A review may count its points. Such a list is the options only if somebody speaks of options, or if
it is one of the scale's own numbers with what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from service.questions.lists.found import Found
from service.questions.orders.instructions import is_question
from service.questions.scales.scale import scale

_OPTIONS: Final = re.compile(
    r"\b(?:options?|choices|candidates|alternatives|listed|the list"
    r"|(?:which|one|any) of (?:the|these|those)|optionen|auswahl|antwortmöglichkeiten"
    r"|choix|suivantes|opciones|opzioni|opções)\b|选项|選項|列表|選択肢|次のうち",
    re.IGNORECASE,
)
_NUMBER_ENDS: Final = re.compile(r"(?<=\d\.)\s+(?=[A-ZÀ-Ý¿])")
_ASKS_WHICH: Final = re.compile(
    r"\b(?:which|what|welche\w?|quel\w{0,4}|cuál\w{0,2}|qué|quale|quali|qual)\b|哪|どれ|どの",
    re.IGNORECASE,
)


def is_rated(found: Found, around: Sequence[str], orders: Sequence[str]) -> bool:
    """Whether the answer is one of a scale's numbers and the list is part of what is rated.

    What stands around the list and is no order where it is read with the list, is a text's.
    """
    numbers = scale(orders)
    if not numbers or found.headed:
        return False
    labels = [option.label for option in numbers]
    fits = len(found.options) == len(numbers) and not found.gapped
    named = all(option.text.strip() in labels for option in found.options)
    return not (fits or named or any(map(_speaks_of_options, {*around} & {*orders})))


def _speaks_of_options(order: str) -> bool:
    """Whether it speaks of options, or asks which in a sentence that names no scale."""
    last = _NUMBER_ENDS.split(order)[-1]
    asks = is_question(last) and _ASKS_WHICH.search(last) is not None
    return _OPTIONS.search(order) is not None or (asks and not scale([last]))
