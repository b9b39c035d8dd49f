"""Whether all options are to be put into an order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from service.questions.instructions import is_question

_RANKS: Final = re.compile(
    r"(?<![\w-])(?:re-?)?rank(?:ing)?(?![\w])|permutation|permute|permutación|permutazione"
    r"|(?:^|please |and |then )(?:re-?order|order|sort|arrange)\b.{0,80}?"
    r"\b(?:by|according|based|from|in|so|first)\b"
    r"|^\W{0,4}(?:please )?(?:re-?order|order|sort|arrange) (?:the|these|those|all|them)\b"
    r"|\b(?:um)?sortieren?\b|\bordnen?\b|reihenfolge|rangfolge|rangliste"
    r"|\bclasse[rz]?\b(?!.{0,60}\bdans\b)|\btrie[rz]\b|\bordonne[rz]?\b|\breclasse[rz]?\b"
    r"|\bordena(?:r|d)?\b|\bordene\b|\breordena\w{0,2}\b|\bordinar?e?\b|\bordini\b|\briordina\w{0,2}\b"
    r"|排序|排列|排名|並べ|ランク付け|ランキング|順位|رتب|ترتيب|क्रमबद्ध|क्रम में|रैंक",
    re.IGNORECASE,
)
_BEGINS: Final = re.compile(
    r"\W{0,4}(?:please |now |then |bitte |veuillez |por favor,? |per favore,? )?"
    r"(?:(?:re-?)?rank|(?:re-?order|order|sort|arrange) (?:the|these|those|all|them|by)"
    r"|sortieren?|ordnen?|classe[rz]?|trie[rz]|ordonne[rz]?|ordena|ordene|ordina|ordini|رتب)(?!\w)"
    r"|.{0,200}(?:permutation|permutación|permutazione|进行排序|並べてください)",
    re.IGNORECASE,
)
_CHOICE: Final = re.compile(
    r"\W{0,4}(?:which|what|welche\w?|quel\w{0,4}|cuál\w{0,2}|quale|quali)\b", re.IGNORECASE
)


def asks_for_order(sentences: Sequence[str]) -> bool:
    """Whether a sentence says so; asking which ranking is best does not."""
    return any(
        _RANKS.search(sentence) and not (is_question(sentence) and _CHOICE.match(sentence))
        for sentence in sentences
    )


def orders_ranking(sentences: Sequence[str]) -> bool:
    """Whether a sentence begins by saying so, or names the whole order that is to come out."""
    return any(map(_BEGINS.match, sentences))
