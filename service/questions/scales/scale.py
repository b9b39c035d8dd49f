"""Scales: "on a scale of 1 to 5" names the answers there are, though nobody lists them."""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from service.question import Option
from service.questions.orders.instructions import asks_to_write
from service.questions.text.numerals import number

HIGHEST: Final = 100

_FURTHEST_BELOW: Final = -10
_LOOK_BACK: Final = 30
_LOW: Final = (
    r"(?<![\w.,])[-−]\d{1,2}|(?<![\d.,])\d{1,3}|(?<!\w)(?:zero|one|null|eins|zéro|une?|cero|uno)\b"
    r"|零|一"
)
_HIGH: Final = (
    r"\+?\d{1,3}|(?:three|four|five|six|seven|ten|drei|vier|fünf|sechs|sieben|zehn|trois|quatre"
    r"|cinq|sept|dix|tres|cuatro|cinco|siete|diez|tre|quattro|cinque|sette|dieci)\b|[三四五七十]"
)
_NOT_COUNTED: Final = (
    r"(?!\s?(?:words?|sentences?|days?|weeks?|wörter\w*|sätze\w*|mots|phrases|palabras|frases"
    r"|parole|frasi|字|词|詞|語|文))"
)
_RANGE: Final = re.compile(
    rf"(?P<low>{_LOW})\s?(?:\([^()]{{0,30}}\)\s?)?(?:(?:stars?|points?|sterne?n?|分|点|星)\s?)?"
    r"(?:-|–|—|~|〜|～|to|through|bis|à|a|al|and|und|et|y|e|até|到|至|から|إلى|الى|से)\s?"
    rf"(?P<high>{_HIGH})(?![\d%]|[.,]\d){_NOT_COUNTED}",
    re.IGNORECASE,
)
_UP_TO: Final = re.compile(
    r"\b(?:out of|sur|sobre|su|von)\s(?P<high>[34567]|10|20|100|five|ten)"
    r"(?=\s?(?:stars?|points?|étoiles|estrellas|puntos|stelle|punti|sternen|punkten"
    r"|how|did|would|does|has|the|for|[.,:;!?)\n]|$))",
    re.IGNORECASE,
)
_GIVEN: Final = re.compile(
    r"(?:stars?|points?|étoiles?|estrellas?|stelle|sternen?)\s$", re.IGNORECASE
)
_STEPS: Final = re.compile(
    rf"(?<![\w.,])(?P<high>{_HIGH})"
    r"(?:[- ](?:points?|stars?|steps?|levels?|stufige?\w?|punkte?|sterne)[- ]|er-)"
    r"(?:(?:likert|rating)[- ])?(?:scale|skala)"
    r"|(?:scale|skala|échelle|escala|scala)\s(?:of|von|mit|with|de|à|en|di|a|su)\s"
    rf"(?P<of>{_HIGH})\s(?:points?|stars?|steps?|levels?|punkte\w?|stufen|étoiles|niveaux|puntos"
    r"|estrellas|niveles|punti|stelle|livelli)"
    r"|(?P<counted>\d{1,2}|[三四五七十])(?:段階|级|級|分制|点満点|점\s?만점|점\s?척도)|(?:满分|滿分)(?P<full>\d{1,2})",
    re.IGNORECASE,
)
_TOLD: Final = re.compile(r"(?<![\w.,])(\d{1,2})\s?=\s?(?=[^\W\d])")
_RATES: Final = re.compile(
    r"\b(?:scale|rating|rate|score|grade|stars?|skala|bewert\w{0,8}|sterne\w?|note[rz]?|notez|échelle"
    r"|étoiles|évalue[rz]?|escala|estrellas|punt[úu]a\w{0,5}|califica\w{0,3}|evalúa|evalúe|scala"
    r"|stelle|valuta|punteggio|avali[ae]\w{0,2}|nota)\b"
    r"|打分|评分|評分|星|评价|評価|点数|段階|满分|滿分|分制|点満点|평가|척도|만점|قيم|مقياس|نجوم|पैमाने|रेट|अंक|तारे",
    re.IGNORECASE,
)


def scale(sentences: Sequence[str]) -> tuple[Option, ...]:
    """The numbers of the scale on which something is to be rated; none if nothing is."""
    for sentence in sentences:
        if _RATES.search(sentence) and not asks_to_write(sentence):
            for low, high in _ends(sentence):
                if max(low, _FURTHEST_BELOW) == low < high <= HIGHEST:
                    return tuple(Option(str(n), str(n)) for n in range(low, high + 1))
    return ()


def _ends(sentence: str) -> Iterator[tuple[int, int]]:
    """The lowest and the highest number, the surest first."""
    if match := _RANGE.search(sentence):
        yield _value(match["low"]), _value(match["high"])
    for match in _UP_TO.finditer(sentence):
        if not _is_given(sentence[max(0, match.start() - _LOOK_BACK) : match.start()]):
            yield 1, _value(match["high"])
    if match := _STEPS.search(sentence):
        said = (match[name] for name in ("high", "of", "counted", "full"))
        yield 1, next(_value(word) for word in said if word)
    if told := _TOLD.findall(sentence):
        yield int(told[0]), int(told[-1])


def _is_given(before: str) -> bool:
    """Whether a number stands before "out of 5": "4 out of 5" is a rating given."""
    word = _GIVEN.sub("", before).split()[-1:]
    return any(one[-1] in "½¼¾" or number(one.casefold().split(".")[0]) is not None for one in word)


def _value(word: str) -> int:
    """What a number or its name is worth; a name that counts nothing is zero."""
    word = word.casefold().replace("−", "-")
    if word.lstrip("+-").isdecimal():
        return int(word)
    return number(word) or 0
