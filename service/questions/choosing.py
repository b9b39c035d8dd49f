"""How many options are to be chosen, as the asker says it: "select 3", "Wähle drei", "选出三个".

A number counts where little stands between it and a verb of choosing, or right before a word for
what the answer is made of ("three numbers"). Weaker words (top, best, which) are asked after.
"""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from service.questions.instructions import is_question
from service.questions.numerals import number, small_number

_VERBS: Final = {
    "en": r"select|choose|pick|name|list|give|output|return|identify|recommend|retrieve"
    r"|find|extract",
    "de": r"wählen?|wähl|nennen?|gib|geben|auswählen|auszuwählen|ausgeben",
    "fr": r"choisi[rst]?|choisissez|sélectionne[rz]?|donne[rz]?|cite[rz]?|indique[rz]?",
    "es": r"elige|elija|elegir|escoge|escoja|selecciona|seleccione|seleccionar|indica|indique",
    "it": r"scegli|scegliete|scelga|scegliere|seleziona|selezioni|selezionare|indica|indicare",
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
    أفضل فقط أهم من
"""
_FILLERS: Final = frozenset(_FILLER_WORDS.split())
_OF_WORDS: Final = """
    of from between among list option number item aus von unter zwischen de des parmi entre
    di dei delle tra fra
"""
_OF: Final = frozenset(_OF_WORDS.split())
_PARTS: Final = {
    "en": r"numbers|indices|indexes|labels|letters|ids|integers",
    "de": r"nummern|zahlen|ziffern|indizes|buchstaben",
    "fr": r"numéros|nombres|chiffres|indices|lettres",
    "es": r"números|índices|letras",
    "it": r"numeri|indici|lettere",
    "hi": r"संख्याएँ|संख्याएं|नंबर|अंक",
    "ar": r"أرقام|ارقام",
}
_BETWEEN: Final = re.compile(r"separat|between|every|trenn|zwischen|sépar|entre|separ|tra$")
_BEST: Final = re.compile(
    r"top|best|besten|meilleurs?|meilleures|mejores|migliori|which|what|welche|quels|quelles|quali"
    r"|cuáles|qué"
)
_UNSPACED: Final = (
    re.compile(
        r"[选選挑择擇][^，。\n\d]{0,6}?(\d{1,3}|[一二两兩三四五六七八九十])\s?[个個项項种種件款条條样者名]"
    ),
    re.compile(
        r"(\d{1,3}|[一二三四五六七八九十])(?:つ|個|件|点|本|種類|項目)(?:[^。\n]{0,8}?)(?:選|えら|挙げ|出力)"
    ),
    re.compile(
        r"(\d{1,3}|[一二两兩三四五六七八九十])\s?(?:个|個|つ)の?(?:数字|數字|编号|序号|番号)"
    ),
)
_ALL_THAT_APPLY: Final = re.compile(
    r"\b(?:all that apply|select all|choose all|one or more|all (?:correct|matching|suitable)"
    r"|alle zutreffenden|toutes les réponses|tous ceux|todas las que|todos los que|tutte quelle"
    r"|tutti quelli)\b"
    r"|[选選][^，。\n]{0,4}所有|所有(?:正确|符合|适用|满足)|(?:すべて|全て)(?:選|えら)",
    re.IGNORECASE,
)
_ALL: Final = re.compile(r"所有|すべて|全て|جميع|सभी")
_CHOICE: Final = re.compile(
    r"\b(?:select|choose|pick|which|what|best|correct|wählen?|auswählen|welche\w?|choisi\w{0,4}"
    r"|sélectionne[rz]?|quel\w{0,4}|elige|elija|escoge|selecciona|seleccione|cuál\w{0,2}|qué|scegli\w{0,4}"
    r"|seleziona|quale|quali)\b|选|選|挑|哪|どれ|どの|اختر|حدد|أي |أيّ|चुन|कौन",
    re.IGNORECASE,
)
_REACH: Final = 7


def counts(sentences: Sequence[str]) -> tuple[int, ...]:
    """Every number of options that somebody asks for, the surest first, none twice."""
    spaced = [_tokens(sentence) for sentence in sentences]
    found = [n for read in (_by_verb, _by_part) for tokens in spaced for n in read(tokens)]
    found += [n for sentence in sentences for n in _by_counter(sentence)]
    found = found or [n for tokens in spaced for n in _by_best(tokens)]
    return tuple(dict.fromkeys(n for n in found if n > 0))


def asks_for_several(sentences: Sequence[str]) -> bool:
    """Whether more than one may be chosen, as far as can be told without a number."""
    return any(_ALL_THAT_APPLY.search(said) or _ALL.search(said) for said in sentences)


def asks_for_all_that_apply(sentences: Sequence[str]) -> bool:
    """Whether it is said outright that more than one may be chosen."""
    return any(map(_ALL_THAT_APPLY.search, sentences))


def asks_for_choice(sentences: Sequence[str]) -> bool:
    """Whether one of them speaks of choosing, or asks anything."""
    return any(is_question(sentence) or _CHOICE.search(sentence) for sentence in sentences)


def _tokens(sentence: str) -> list[str]:
    bare = (token.strip(".,;:!?()\"'。，“”*") for token in sentence.casefold().split())
    return [token.removeprefix("top-") for token in bare if token]


def _by_verb(tokens: list[str]) -> Iterator[int]:
    for at, token in enumerate(tokens):
        for language, verbs in _COMPILED_VERBS:
            if verbs.fullmatch(token):
                yield from _after_verb(tokens, at, language)
                if language in {"de", "hi"}:
                    yield from _before_verb(tokens, at, language)


def _after_verb(tokens: list[str], at: int, language: str) -> Iterator[int]:
    for place in range(at + 1, min(at + _REACH, len(tokens))):
        value = small_number(tokens[place], language)
        counted = not _OF.intersection(tokens[max(0, place - 2) : place])
        if value is not None and counted:
            yield value
            return
        if value is not None and tokens[place + 1 : place + 2] == ["to"]:
            return  # "from 1 to 4" says what the labels are
        if value is None and tokens[place] not in _FILLERS:
            return


def _before_verb(tokens: list[str], at: int, language: str) -> Iterator[int]:
    """German and Hindi put the verb last: "drei Nummern auswählen"."""
    for place in range(at - 1, max(-1, at - 5), -1):
        value = small_number(tokens[place], language)
        if value is not None:
            if not _OF.intersection(tokens[max(0, place - 2) : place]):
                yield value
            return


def _by_part(tokens: list[str]) -> Iterator[int]:
    """Read "three numbers", "3 comma-separated indices"; not "a comma between two numbers"."""
    for at, token in enumerate(tokens):
        for language, parts in _COMPILED_PARTS:
            if parts.fullmatch(token):
                before = tokens[max(0, at - 5) : at]
                values = [small_number(word, language) for word in before[-2:]]
                found = [value for value in values if value is not None]
                if found and not any(map(_BETWEEN.match, before)) and "of" not in before:
                    yield found[-1]


def _by_best(tokens: list[str]) -> Iterator[int]:
    for at, token in enumerate(tokens):
        if _BEST.fullmatch(token):
            for near in tokens[at + 1 : at + 2]:
                value = number(near)
                if value is not None and (value > 1 or near.isdecimal()):
                    yield value


def _by_counter(sentence: str) -> Iterator[int]:
    """Chinese and Japanese: a number, the word that counts things, and a verb beside them."""
    for pattern in _UNSPACED:
        for match in pattern.finditer(sentence):
            yield small_number(match[1], "cjk") or 0


_COMPILED_VERBS: Final = [(language, re.compile(verbs)) for language, verbs in _VERBS.items()]
_COMPILED_PARTS: Final = [(language, re.compile(parts)) for language, parts in _PARTS.items()]
