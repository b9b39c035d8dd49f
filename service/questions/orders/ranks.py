"""Whether all options are to be put into an order.

A word such as "rank" says so where somebody gives an order with it; a rank badge does not, nor
does a question which ranking is best.
"""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from service.questions.orders.instructions import is_question

_PLEASE: Final = (
    r"(?:^\W{0,4}(?:(?:now|then|next|first|finally),? )?"
    r"|\b(?:please|kindly|bitte|veuillez|merci de|por favor,?|per favore,?) )"
)
_GOES_ON: Final = (
    r"(?:[,;:] |\b(?:and|then|must|should|you to|is to|need to|have to"
    r"|(?:can|could|will|would) you) )"
)
_OBJECT: Final = (
    r"(?:the|these|those|them|all|it|each|every|from|by|according|based|products|items|options"
    r"|candidates|results|queries|reviews|aspects|snippets|titles|categories|brands|\d{1,3}|two"
    r"|three|four|five|six|seven|eight|nine|ten)(?!\w)"
)
_TO_WHAT_END: Final = r"\b.{0,80}?\b(?:by|according|based|from|in|so|first)\b"
_FOREIGN: Final = (
    r"(?:sortieren?|ordnen?|classe[rz]?(?!.{0,60}\bdans\b)|trie[rz]|ordonne[rz]?|reclasse[rz]?"
    r"|(?:re)?ordena|(?:re)?ordene|(?:ri)?ordina|(?:ri)?ordini|rangschik|sorteer|orden"
    r"|uszereguj|posortuj|uporządkuj|упорядочи\w{0,3}|отсортируй\w{0,2}|(?:про)?ранжируй\w{0,2}"
    r"|رتب)(?!\w)"
)
_STRONG: Final = re.compile(
    rf"{_PLEASE}(?:re-?)?rank(?![\w-])"
    rf"|{_GOES_ON}(?:re-?)?rank {_OBJECT}"
    rf"|{_PLEASE}(?:re-?order|order|sort|arrange) (?:the|these|those|all|them|by)(?!\w)"
    rf"|{_PLEASE}(?:re-?order|order|sort|arrange)(?! out){_TO_WHAT_END}"
    rf"|\b(?:and|then) (?:re-?order|sort|arrange)(?! out){_TO_WHAT_END}"
    rf"|(?:{_PLEASE}|[,;:] |\b(?:und|et|y|e|en|и) ){_FOREIGN}"
    r"|permutation|permutación|permutazione|permutação|permutatie|permutacj|permütasyon|перестановк"
    r"|进行排序|並べてください|並べ替えてください|순열",
    re.IGNORECASE,
)
_WEAK: Final = re.compile(
    rf"\b(?:to|can|will|would) (?:re-?)?rank {_OBJECT}|\bpermute\b"
    r"|\branking(?= ?(?:$|[.,;:!?)]|(?:of|by|from|for|results?|list|order|according|based)\b))"
    r"|\brank(?:ed)? .{0,60}\b(?:according|based on|relevance|relevancy)\b|\branked list\b"
    r"|\border of (?:\w{1,20} )?(?:relevance|similarity|likelihood|importance|preference)\b"
    r"|\bfrom (?:the )?(?:most|best|highest)\b.{0,40}\bto (?:the )?(?:least|worst|lowest)\b"
    r"|\bmost (?:relevant|likely|similar|suitable) (?:\w{1,20} )?first\b"
    r"|, (?:the )?best (?:\w{1,20} )?first\b"
    r"|(?<!zu )\b(?:um)?sortieren?\b|(?<!zu )\bordnen?\b|reihenfolge|rangfolge|rangliste"
    r"|\b(?:re)?classez\b(?!.{0,60}\bdans\b)|\btriez\b|\bordonnez\b"
    r"|(?<!pour )(?<!à )(?<!de )\b(?:classer|trier|ordonner)\b|(?<!para )\bordenar\b"
    r"|\bordinare\b.{0,80}\b(?:in base|secondo|per (?:rilevanza|pertinenza))\b"
    r"|\b(?:clasifi|classifi)(?:ca|car|que|quem|chi|care|cate)\b"
    r".{0,120}\b(?:relevancia|relevância|rilevanza|pertinen\w{2,5})\b"
    r"|\bsırala(?:yın\w{0,2}|y[ıi]p)?\b|расположит\w? .{0,60}порядке"
    r"|排序|排列|排名|並べ|ランク付け|ランキング|順位|رتب|ترتيب|क्रमबद्ध|क्रम में|रैंक"
    r"|순위를 매|정렬하|정렬해|순서대로|순으로 나열",
    re.IGNORECASE,
)
_WHICH: Final = re.compile(
    r"(?:^\W{0,4}|[,;:] (?:and |then )?)"
    r"(?:which|what|welche\w?|quel\w{0,4}|cuál\w{0,2}|quale|quali|qual|quais|welke|hangi\w{0,3})\b",
    re.IGNORECASE,
)
_WHICH_OF: Final = re.compile(
    r"\b(?:which|what)(?: \w{1,20})? (?:of|from|among) (?:the|these|those)\b"
    r"|下列哪|以下哪|下面哪|哪个|哪個|哪一|哪项|どれ|どの|次のうち|أي من|में से कौन",
    re.IGNORECASE,
)
_SHOWS: Final = re.compile(
    r"\W{0,4}(?:here|this|below|there|the following) (?:is|are) (?:the |a |an |our |my )"
    r"(?:\w{1,20} ){0,2}rank(?:ing|ed list)\b",
    re.IGNORECASE,
)
_ASKS_AT_END: Final = ("か", "か。", "か.")
_KEEPS_BEST: Final = re.compile(
    r"\b(?:return|output|give|name|show|keep|select|choose|pick) (?:only )?(?:the )?"
    r"(?:most|best|top)\b",
    re.IGNORECASE,
)


def asks_for_order(sentences: Sequence[str]) -> bool:
    """Whether a sentence says so; asking which ranking is best does not."""
    return any(map(_orders, sentences)) or any(
        _WEAK.search(sentence) and not (_asks_which(sentence) or _shows(sentence))
        for sentence in sentences
    )


def orders_ranking(sentences: Sequence[str]) -> bool:
    """Whether a sentence gives the order, or names what is to come out, and not just its best."""
    return any(map(_orders, sentences)) and not any(map(_KEEPS_BEST.search, sentences))


def _shows(sentence: str) -> bool:
    """Whether it says that a ranking is there already."""
    return _SHOWS.match(sentence) is not None


def _orders(sentence: str) -> bool:
    return _STRONG.search(sentence) is not None and not _asks_which_of(sentence)


def _asks_which(sentence: str) -> bool:
    return _asks_which_of(sentence) or (
        is_question(sentence) and _WHICH.search(sentence) is not None
    )


def _asks_which_of(sentence: str) -> bool:
    """Whether it asks for one of the options, whatever else it speaks of."""
    asks = is_question(sentence) or sentence.endswith(_ASKS_AT_END)
    return asks and _WHICH_OF.search(sentence) is not None
