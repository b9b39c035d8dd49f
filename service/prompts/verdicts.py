"""Verdicts: sentences that only name an answer, which anchor a reader and tell nothing."""

from __future__ import annotations

import re
from typing import Final

_OPENER: Final = (
    r"\W{0,3}(?:(?:so|therefore|thus|hence|overall|finally|in conclusion|to conclude|in summary"
    r"|in short|i think|i believe|i would say|clearly|then|also|daher|deshalb|donc|por tanto"
    r"|por lo tanto|quindi|\u6240\u4ee5|\u56e0\u6b64|\u3088\u3063\u3066),?\s?"
    r"(?:that )?){0,2}"
)
_NAMED: Final = r"[\"'(]?(?:\d{1,4}|[a-z])[\"')]?"
_ANY: Final = (
    r"(?:(?:the )?(?:option|answer|number|label|choice|candidate|item|product|nummer|opci\u00f3n"
    r"|opzione)s? )?"
    rf"{_NAMED}"
)
_LIST: Final = rf"{_ANY}(?:(?:, and |, then |, | and | then | [>\u203a] ?|,|-){_ANY}){{0,200}}"
# Behind a letter or a number no word comes that it belongs to: "a tent", "2 pegs".
_ALONE: Final = r"(?=\s?(?:[.,;:!()-]|$))"
_BEST: Final = (
    r"(?:(?:best|right|correct|final|most (?:likely|suitable|appropriate|relevant|fitting)|better"
    r"|richtige|beste|bonne|correcta|corretta) )"
)
_IS: Final = (
    r"(?: is| are| was| must be| should be| would be| will be| could be| has to be| might be| ist"
    r"| lautet| est| es| \u00e8|:)"
)
_ADVERB: Final = r"(?: (?:therefore|thus|then|clearly|likely|probably|also|simply))?"
_ANSWER_IS: Final = (
    rf"(?:the |my |its |die |la |il )?{_BEST}{{0,2}}(?:answers?|choices?|options?|labels?|picks?"
    r"|ranking|order|antwort|r\u00e9ponse|respuesta|risposta)(?: here| correct[ae]| corretta)?"
    rf"{_IS}{_ADVERB}:? {_LIST}{_ALONE}"
)
_FITS: Final = (
    rf"{_LIST}(?:{_IS}| seems| looks| remains){_ADVERB}(?: to be)?(?: the)?(?: best| right| correct"
    r"| answer| choice| better| most (?:likely|suitable|appropriate|relevant|fitting))"
    rf"|{_LIST} (?:fits?|suits?|match(?:es)?|wins?|works?|applies|apply)"
    r"(?: best| better| well| most)?(?=\s?(?:[.,;:!]|$)| (?:because|since|as|here|of all|among)\b)"
)
_UNSPACED: Final = (
    r"(?:\u6b63\u786e|\u6700\u4f73)?(?:\u7b54\u6848|\u7b54\u3048|\u6b63\u89e3)"
    r"(?:\u662f|\u4e3a|\u306f|:|\uff1a)\s?(?:\u9009\u9879)?[\da-z]{1,3}"
)
_VERDICT: Final = re.compile(
    rf"{_OPENER}(?:{_ANSWER_IS}|{_FITS}|{_UNSPACED}|{_LIST}(?=\W{{0,3}}$))"
)
_REASON: Final = re.compile(
    r"\b(?:because|since|as|for|due|given|while|whereas|which|that|so|who|when|if|it|its|they|with"
    r"|without|unlike|thanks|but|by|weil|da|denn|car|parce|porque|perch\u00e9)\b"
    r"|\u56e0\u4e3a|\u56e0\u70ba|\u304b\u3089|\u306e\u3067"
)
_LITTLE: Final = 8
"""Words; whoever goes on for longer says something of the answer."""


def is_verdict(sentence: str) -> bool:
    """Whether the sentence names an answer and gives no reason."""
    said = sentence.casefold().replace("\u2019", "'")
    verdict = _VERDICT.match(said)
    if verdict is None:
        return False
    rest = said[verdict.end() :]
    return len(rest.split()) <= _LITTLE and not _REASON.search(rest)
