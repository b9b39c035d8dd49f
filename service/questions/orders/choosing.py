"""How many options are to be chosen, as the asker says it: "select 3", "Wähle drei", "选出三个".

A number counts where little stands between it and a verb of choosing, or right before a word for
what the answer is made of ("three numbers"). Weaker words (top, best, which)
are read in likely.py.
"""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from service.questions.orders.counting import FILLERS, OF, PARTS, VERBS, counts_options, plain
from service.questions.orders.instructions import is_question
from service.questions.orders.phrases import counts_things
from service.questions.text.numerals import number, small_number

_BETWEEN: Final = re.compile(r"separat|between|every|trenn|zwischen|sépar|entre|separ|tra$")
_ANSWER_PARTS: Final = re.compile(
    r"(\d{1,3}|[一二两兩三四五六七八九十])\s?(?:个|個|つ)の?(?:数字|數字|编号|序号|番号)"
)
# Behind a number of pieces: they are sold together, as one.
_NO_SET: Final = r"(?!套|[装裝](?![饰飾置备備修])|セット|パック|入り|組|折り|星)"
_COUNTED: Final = (
    re.compile(
        r"[选選挑择擇][^，。\n\d]{0,6}?(\d{1,3}|[一二两兩三四五六七八九十])\s?[个個项項种種件款条條样者名]"
        rf"{_NO_SET}"
    ),
    re.compile(
        rf"(\d{{1,3}}|[一二三四五六七八九十])(?:つ|個|件|点|本|種類|項目){_NO_SET}"
        r"(?:[^。\n]{0,8}?)(?:選|えら|挙げ|出力)"
    ),
    _ANSWER_PARTS,
    re.compile(
        r"(?<!\w)(\d{1,3}|한|두|세|네|다섯|여섯|일곱)\s?(?:개|가지|종류|항목)(?:의|를|을|만)?\s(?!세트|묶음)"
        r"(?:[^\s.]{1,12}\s){0,3}?(?:고르|골라|선택|출력)"
    ),
    re.compile(
        r"\((?:exactly|choose|select|pick|only|up to|at most|max\.?) (\w{1,6})\)", re.IGNORECASE
    ),
    re.compile(
        r"\bexactly (\w{1,6}) of (?:them|these|those|the (?:following|options|products|items))\b",
        re.IGNORECASE,
    ),
)
_OUTRIGHT: Final = re.compile(
    r"\b(?:exactly|genau|exactement|exactamente|esattamente|exatamente|precies|dokładnie|ровно)"
    r" (\w{1,10})",
    re.IGNORECASE,
)
_CHOICE: Final = re.compile(
    r"\b(?:select|choose|pick|which|what|best|correct|wählen?|auswählen|welche\w?|choisi\w{0,4}"
    r"|sélectionne[rz]?|quel\w{0,4}|elige|elija|escoge|selecciona|seleccione|cuál\w{0,2}|qué|scegli\w{0,4}"
    r"|seleziona|quale|quali|qual|quais|selecion\w{1,2}|escolh\w{1,2}|welke|kies|któr[yae]|wybierz"
    r"|hangi\w{0,3}|seç|seçin\w{0,2}|какой|какая|какое|какие|выбер\w{1,3})\b"
    r"|어느|어떤|고르|선택|选|選|挑|哪|どれ|どの|اختر|حدد|أي |أيّ|चुन|कौन",
    re.IGNORECASE,
)
_PICKS: Final = re.compile(
    r"(?:^\W{0,4}|\b(?:please|kindly|must|should|and|to|bitte|veuillez) )(?:select|choose|pick|rank"
    r"|wählen?|choisi\w{1,4}|sélectionne[rz]?|elige|elija|selecciona|seleccione|scegli\w{0,3}"
    r"|seleziona)\b|\bwhich(?: \w{1,20})? (?:of|from|among) (?:the|these|those)\b"
    r"|\bwhich (?:option|choice)\b|\b(?:der|die|das) folgenden\b|\bparmi les\b"
    r"|\bde (?:los|las) siguientes\b|\bdei seguenti\b|下列哪|以下哪|请选择|次のうち|選んで|다음 중",
    re.IGNORECASE,
)
_REACH: Final = 7
_VERB_LAST: Final = frozenset({"de", "hi", "tr", "ko"})
_TELLERS: Final = frozenset({"i", "we", "they", "people", "users", "customers", "reviewers"})
_ANSWERS: Final = frozenset({"answer", "output", "response", "reply", "list"})


def counts(sentences: Sequence[str]) -> tuple[int, ...]:
    """Every number of options that somebody asks for, the surest first, none twice."""
    spaced = [tokens_of(plain(sentence)) for sentence in sentences]
    found = [n for read in (_by_verb, _by_part) for tokens in spaced for n in read(tokens)]
    found += [n for sentence in sentences for n in _by_counter(sentence)]
    return tuple(dict.fromkeys(n for n in found if n > 0))


def orders_number(sentences: Sequence[str]) -> bool:
    """Whether more than one is ordered outright: "output three numbers", "exactly two"."""
    return any(
        any(n > 1 for n in _by_part(tokens_of(plain(sentence))))
        or any(
            (number(match[1].casefold()) or 0) > 1
            for pattern in (_OUTRIGHT, _ANSWER_PARTS)
            for match in pattern.finditer(sentence)
        )
        for sentence in sentences
    )


def picks(sentences: Sequence[str]) -> bool:
    """Whether one of them orders to choose, or asks which of the things that follow."""
    return any(map(_PICKS.search, sentences))


def asks_for_choice(sentences: Sequence[str]) -> bool:
    """Whether one of them speaks of choosing, or asks anything."""
    return any(is_question(sentence) or _CHOICE.search(sentence) for sentence in sentences)


def tokens_of(sentence: str) -> list[str]:
    """Its words, without marks and case."""
    bare = (token.strip(".,;:!?()\"'。，“”*") for token in sentence.casefold().split())
    return [token.removeprefix("top-") for token in bare if token]


def _by_verb(tokens: list[str]) -> Iterator[int]:
    for at, token in enumerate(tokens):
        told = at > 0 and tokens[at - 1] in _TELLERS
        for language, verbs in VERBS:
            if verbs.fullmatch(token) and not told:
                yield from _after_verb(tokens, at, language)
                if language in _VERB_LAST:
                    yield from _before_verb(tokens, at, language)


def _after_verb(tokens: list[str], at: int, language: str) -> Iterator[int]:
    for place in range(at + 1, min(at + _REACH, len(tokens))):
        value = small_number(tokens[place], language)
        counted = not OF.intersection(tokens[max(at + 1, place - 2) : place])
        if value is not None and counted:
            one_thing = language == "en" and value > 1 and not counts_things(tokens, place)
            if counts_options(tokens, place) and not one_thing:
                yield value
            return
        if value is not None and tokens[place + 1 : place + 2] == ["to"]:
            return  # "from 1 to 4" says what the labels are
        if value is None and tokens[place] not in FILLERS:
            return


def _before_verb(tokens: list[str], at: int, language: str) -> Iterator[int]:
    """Some languages put the verb last: "drei Nummern auswählen"."""
    for place in range(at - 1, max(-1, at - 5), -1):
        value = small_number(tokens[place], language)
        if value is not None:
            of_some = OF.intersection(tokens[max(0, place - 2) : place])
            if counts_options(tokens, place) and not of_some:
                yield value
            return


def _by_part(tokens: list[str]) -> Iterator[int]:
    """Read "three numbers", "3 comma-separated indices"; not "a comma between two numbers"."""
    for at, token in enumerate(tokens):
        for language, parts in PARTS:
            if parts.fullmatch(token):
                before = tokens[max(0, at - 5) : at]
                values = [(n, small_number(tokens[n], language)) for n in range(max(0, at - 2), at)]
                found = [(place, value) for place, value in values if value is not None]
                if found and not any(map(_BETWEEN.match, before)) and "of" not in before:
                    place, value = found[-1]
                    if counts_options(tokens, place) and not _describes(tokens, place):
                        yield value


def _describes(tokens: list[str], place: int) -> bool:
    """Whether a number belongs to what an option says: "the option that lists three numbers"."""
    what, relative, _verb = (["", "", "", *tokens[:place]])[-3:]
    return relative in {"that", "which"} and what not in _ANSWERS


def _by_counter(sentence: str) -> Iterator[int]:
    """A number, the word that counts things, and a verb beside them; or what is in brackets."""
    for pattern in _COUNTED:
        for match in pattern.finditer(sentence):
            yield number(match[1].casefold()) or 0
