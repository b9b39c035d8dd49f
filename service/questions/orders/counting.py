"""Words around a number that say whether it counts options, by language."""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from itertools import islice, pairwise, takewhile
from typing import Final

from service.questions.text.numerals import number

_VERBS: Final = {
    "en": r"select|choose|pick|name|list|give|output|return|identify|recommend|retrieve"
    r"|find|extract|predict|suggest|provide|mark|keep|submit",
    "de": r"wählen?|wähl|nennen?|gib|geben|auswählen|auszuwählen|ausgeben",
    "fr": r"choisi[rst]?|choisissez|sélectionne[rz]?|donne[rz]?|cite[rz]?|indique[rz]?",
    "es": r"elige|elija|elegir|escoge|escoja|selecciona|seleccione|seleccionar|indica|indique",
    "it": r"scegli|scegliete|scelga|scegliere|seleziona|selezioni|selezionare|indica|indicare",
    "pt": r"selecion[ea]|selecionar|escolh[ae]|escolher|indique|liste|forneça|retorne",
    "nl": r"kies|kiezen|selecteer|selecteren|noem|geef",
    "pl": r"wybierz|wybrać|wskaż|podaj",
    "tr": r"seç|seçin|seçiniz|belirleyin|yazın",
    "ru": r"выбери|выберите|выбрать|укажи|укажите|назовите|отбери|отберите",
    "ko": r"고르세요|고르시오|고르십시오|골라|선택하세요|선택하시오|선택하십시오|선택해",
    "hi": r"चुन\S{0,6}",
    "ar": r"اختر|اختاري?|حدد|اختيار",
}
_FILLER_WORDS: Final = """
    the exactly only just up to at most least your any those top best of from out this that list
    following below numbered options candidates products items these among please me
    die der den genau nur bis zu höchstens bitte sie dir daraus besten aus folgenden
    les exactement seulement jusqu'à au plus vos meilleurs meilleures parmi
    los las exactamente solo sólo hasta máximo mejores como
    i gli le esattamente solo fino a massimo migliori
    os as exatamente apenas somente até máximo melhores
    exact alleen maar hoogstens beste uit maximaal
    dokładnie tylko najwyżej najlepsze
    ровно только не более до лучших
    أفضل فقط أهم من
"""
FILLERS: Final = frozenset(_FILLER_WORDS.split())
_OF_WORDS: Final = """
    of from between among list option number item aus von unter zwischen de des parmi entre
    di dei delle tra fra dos das van z spośród из
"""
OF: Final = frozenset(_OF_WORDS.split())
_PARTS: Final = {
    "en": r"numbers|indices|indexes|labels|letters|ids|integers",
    "de": r"nummern|zahlen|ziffern|indizes|buchstaben",
    "fr": r"numéros|nombres|chiffres|indices|lettres",
    "es": r"números|índices|letras",
    "it": r"numeri|indici|lettere",
    "pt": r"números|índices|letras",
    "nl": r"nummers|getallen|cijfers|letters",
    "pl": r"numery|numerów|liczby|liczb",
    "tr": r"numara|numarayı|sayı|sayıyı",
    "ru": r"номера|номеров|числа|чисел|цифры|цифр",
    "hi": r"संख्याएँ|संख्याएं|नंबर|अंक",
    "ar": r"أرقام|ارقام",
}
_KIND_WORDS: Final = """
    piece season man pocket pack pcs pc way tier ply person people seat seater door star inch
    foot feet ring step wheel drawer speed burner shelf panel light day year month hour minute
    oz ounce ml liter litre gallon quart cup layer color colour size slot
    blade bulb button compartment cylinder gear hole key line outlet part phase pin
    player point port room row socket stage string ton unit valve volt watt week
    stroke tone slice ingredient quarter d
    stars percent dollars euros hours minutes days weeks months years times inches cm mm kg words
"""
# "The 3 piece set" says which one, and not how many; "5 stars" counts no options.
_KINDS: Final = frozenset(_KIND_WORDS.split())
_IN: Final = frozenset({"in", "en", "em", "w", "в"})
# A size that the number belongs to, for so many people or pieces: "3 kişilik".
_TURKISH_SIZE: Final = re.compile(r"\w{2,20}l[iıuü]k")
_EACH: Final = frozenset({"per", "each", "a", "pro", "je", "par", "por", "jede", "chaque", "cada"})
_LINES: Final = frozenset(
    {"line", "lines", "row", "zeile", "ligne", "línea", "linea", "riga", "linha"}
)
_PLAINER: Final = (
    (
        re.compile(
            r"\b(?<=select |choose )both(?= (?:of|the|products|items|options|that)\b|\W*$)"
            r"|(?<=select |choose )a (?:pair|couple)(?=\W*$| (?:that|which|for|to)\b)"
            r"|(?<=pick )(?:both(?= (?:of|the|products|items|options|that)\b|\W*$)"
            r"|a (?:pair|couple)(?=\W*$| (?:that|which|for|to)\b))",
            re.IGNORECASE,
        ),
        "two",
    ),
    (
        re.compile(
            r"\b(?:a (?:total|maximum|max\.?|minimum) of|(?:no|not) more than|as many as"
            r"|no fewer than|(?:consists?|consisting|composed|made up) of"
            r"|a (?:comma-separated )?(?:list|sequence|string) of"
            r"(?= \w{1,8} (?:numbers|indices|indexes|labels|letters|ids|integers)))\b",
            re.IGNORECASE,
        ),
        "exactly",
    ),
    (
        re.compile(
            r"\ba (?:pair|couple) of (?=(?:numbers|indices|labels|letters|products|items|options"
            r"|candidates|aspects|queries|snippets|reviews|categories|attributes|titles)\b)",
            re.IGNORECASE,
        ),
        "two ",
    ),
)

VERBS: Final = tuple((language, re.compile(words)) for language, words in _VERBS.items())
"""Verbs of choosing and of answering, by language."""
PARTS: Final = tuple((language, re.compile(words)) for language, words in _PARTS.items())
"""What an answer is made of, by language."""


def plain(sentence: str) -> str:
    """The sentence with simpler words for a count: "no more than two" is "exactly two"."""
    for pattern, word in _PLAINER:
        sentence = pattern.sub(word, sentence)
    return sentence


def counts_options(tokens: list[str], place: int) -> bool:
    """Whether a number says how many: not "the 3 piece set", "2 in 1", or "one per line"."""
    rest = islice(tokens, place + 1, place + 5)
    after = list(takewhile(lambda word: word == "1" or number(word) is None, rest))
    if after and (after[0] in _KINDS or _TURKISH_SIZE.fullmatch(after[0])):
        return False
    if _in_one(tokens[place + 1 : place + 3]):
        return False
    return not any(one in _EACH and two in _LINES for one, two in pairwise(after))


def _in_one(behind: list[str]) -> bool:
    """Whether one thing serves for several: 2 "in 1", deux "en un"."""
    return len(behind) > 1 and behind[0] in _IN and number(behind[1]) == 1
