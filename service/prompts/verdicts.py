"""Verdicts: sentences that only name an answer, which anchor a reader and tell nothing."""

from __future__ import annotations

import re
from typing import Final

from service.prompts.named import ALONE, ANSWER, MARKED, NAMES

_ADVERB: Final = (
    r"(?:[a-z]{1,18}ly|therefore|thus|then|also|always|indeed|just|quite|almost|perhaps|maybe|hence"
    r"|still|most|very|without (?:a |any )?doubt|no doubt|beyond (?:any |all )?doubt|of course"
    r"|in fact|for (?:sure|certain)|eindeutig|sicher|klar|bien s\u00fbr|[a-z]{2,18}mente?)"
)
_ADVERBS: Final = rf"(?:,? {_ADVERB},?){{0,3}}"
_RULED: Final = (
    r"(?:(?:(?:as )?per|according to|under|by|following|in line with) (?:[a-z']{1,20} ){0,4}"
    r"(?:polic(?:y|ies)|rules?|guidelines?|protocol|convention|custom|tradition|practice"
    r"|standards?|requirements?|default),? )?"
)
_OPENER: Final = (
    r"\W{0,3}(?:(?:so|overall|in conclusion|to conclude|in summary"
    r"|in short|i think|i believe|i would say|daher|deshalb|donc|por tanto"
    r"|por lo tanto|quindi|\u6240\u4ee5|\u56e0\u6b64|\u3088\u3063\u3066"
    rf"|{_ADVERB}),?\s?(?:that )?){{0,2}}{_RULED}"
)
_BEST: Final = (
    r"(?:(?:best|right|correct|final|most (?:likely|suitable|appropriate|relevant|fitting)|better"
    r"|richtige|beste|bonne|correcta|corretta) )"
)
_IS: Final = (
    r"(?: is| are| was| must be| should be| would be| will be| could be| has to be| might be| ist"
    r"| lautet| est| es| \u00e8|:)"
)
_ANSWER_IS: Final = (
    rf"(?:the |my |its |die |la |il )?{_BEST}{{0,2}}(?:answers?|choices?|options?|labels?|picks?"
    r"|ranking|order|antwort|r\u00e9ponse|respuesta|risposta)(?: here| correct[ae]| corretta)?"
    rf"{_ADVERBS}{_IS}{_ADVERBS}:? {ANSWER}"
)
_IT_IS: Final = (
    rf"(?:it|this|that)(?:'s|{_ADVERBS}{_IS}){_ADVERBS} (?:{MARKED}{ALONE}|{ANSWER}(?=\W{{0,3}}$))"
)
_WHO: Final = (
    r"(?:people|everyone|anyone|everybody|anybody"
    r"|(?:the |an? |all )?(?:assistant|reader|model|expert)s?)"
)
_FITS: Final = (
    rf"{NAMES}(?:{_IS}| seems| looks| remains){_ADVERBS}(?: to be)?(?: the)?(?: best| right"
    r"| correct| answer| choice| better| most (?:likely|suitable|appropriate|relevant|fitting)"
    r"| (?:to be )?(?:selected|chosen|picked)\b"
    rf"(?: by {_WHO}\b)?)"
    rf"|{NAMES}{_ADVERBS} (?:fits?|suits?|match(?:es)?|wins?|works?|applies|apply)"
    r"(?: best| better| well| most)?(?=\s?(?:[.,;:!]|$)| (?:because|since|as|here|of all|among)\b)"
)
_CHOOSES: Final = (
    rf"(?:one|i|we|{_WHO})"
    r"(?:'d|'ll| should| must| would| will| can| ought to| has to| have to| needs? to| may)?"
    rf"{_ADVERBS} (?:pick|choose|select|take|name|prefer|go(?:es)? (?:with|for)|settles? on"
    rf"|opts? for|sticks? with)s? (?:{MARKED}|{ANSWER})"
)
_UNSPACED: Final = (
    r"(?:\u6b63\u786e|\u6700\u4f73)?(?:\u7b54\u6848|\u7b54\u3048|\u6b63\u89e3)"
    r"(?:\u662f|\u4e3a|\u306f|:|\uff1a)\s?(?:\u9009\u9879)?[\da-z]{1,3}"
)
_SURELY: Final = rf"(?:,? {_ADVERB}| by far)?"
"""Behind an answer these words are no reason: "without doubt", "for sure"."""
_VERDICT: Final = re.compile(
    rf"{_OPENER}(?:(?:{_ANSWER_IS}|{_IT_IS}|{_FITS}|{_CHOOSES}|{_UNSPACED}){_SURELY}"
    rf"|{NAMES}(?=\W{{0,3}}$))"
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
