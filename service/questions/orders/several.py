"""Whether more than one option may be chosen, where no number says how many."""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_ORDER: Final = r"(?:^\W{0,4}|[,;:(] ?|\b(?:please|kindly|you|should|must|to|and|then|now|only) )"
_ALL_THAT_APPLY: Final = re.compile(
    r"\ball that apply\b|\b(?:more than one|multiple|several) (?:of them |options |answers )?"
    r"(?:may|can|might|could)\b|\b(?:may|can|might|could) be (?:more than one|multiple|several)\b"
    rf"|{_ORDER}(?:select|choose|pick|mark|tick|check) (?:all|every|each|one or more)(?![\w-])"
    rf"|{_ORDER}(?:name|list|give|output|find|identify|return|indicate|provide) (?:all|every)"
    r" (?:of )?(?:the )?"
    r"(?:correct|matching|suitable|relevant|fitting|applicable|appropriate|right|that|which)\b"
    r"|\b(?:alle zutreffenden|toutes les réponses|tous ceux|todas las que|todos los que"
    r"|tutte quelle|tutti quelli|todas as que|todos os que|alle juiste|wszystkie pasujące"
    r"|все подходящие)\b"
    r"|[选選挑](?![项項])[^，。\n]{0,4}(?:所有|全部)|^[^哪]{0,200}所有(?:正确|符合|适用|满足|合适|相关)"
    r"|(?:すべて|全て)を?(?:選|えら|挙げ)|すべての[^。\nにで]{1,12}を(?:選|えら|挙げ)"
    r"|(?:اختر|حدد) (?:جميع|كل)|सभी (?:सही|उपयुक्त|लागू|प्रासंगिक)[^।\n]{0,20}चुन|모두 (?:고르|선택)",
    re.IGNORECASE,
)
_NUMBERS: Final = re.compile(
    r"\b(?:numbers|indices|indexes|labels|letters|ids|integers|nummern|zahlen|numéros|nombres"
    r"|números|numeri|nummers|numery|номера)\b",
    re.IGNORECASE,
)
_COMMAS: Final = re.compile(
    r"\b(?:separat|between|trenn|getrennt|zwischen|sépar|entre|separ|gescheiden|rozdziel|через)"
    r".{0,40}"
    r"\b(?:comma|komma|virgule|coma|virgol|vírgula|przecin|запят)"
    r"|\b(?:comma|komma|virgule|coma|virgol|vírgula|przecin|запят).{0,40}"
    r"\b(?:separat|between|trenn|getrennt|zwischen|sépar|entre|separ|gescheiden|rozdziel)"
    r"|\bcomma-separated",
    re.IGNORECASE,
)


def asks_for_all_that_apply(sentences: Sequence[str]) -> bool:
    """Whether it is said outright that more than one may be chosen."""
    return any(map(_ALL_THAT_APPLY.search, sentences))


def asks_for_several(sentences: Sequence[str]) -> bool:
    """Whether more than one may be chosen: so it is said, or numbers are to have commas."""
    return asks_for_all_that_apply(sentences) or any(
        _NUMBERS.search(sentence) and _COMMAS.search(sentence) for sentence in sentences
    )
