"""Headings: a few words and a colon that begin a line, `Review:`, and what they promise.

Known words say what is aimed at (`Aspect:`), what only opens the answer (`Output:`), what heads a
list (`Options:`) and what are rules (`Instructions:`). Any other short label promises data, so that
askers may call their data what they like, in any language.
"""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from service.questions.instructions import is_instruction


class Kind(Enum):
    """What a section holds."""

    DATA = auto()
    TARGET = auto()
    LIST = auto()
    RULES = auto()
    ANSWER = auto()


@dataclass(frozen=True, slots=True)
class Heading:
    """A line's label, what it promises, and the rest of the line."""

    label: str
    kind: Kind
    rest: str


_HEADING: Final = re.compile(
    r"[*#_> \t]{0,6}(?P<label>[^\W\d_][^:：\n]{0,40}?)[*_]{0,3}[ \t]?[:：]"
    r"(?=[*_ \t]|$|(?<=：)|[^\x00-\u024f])[*_]{0,3}(?P<rest>.*)"
)
_MOST_WORDS: Final = 4
_ASKING: Final = re.compile(
    r"(?:which|what|who|how|why|when|where|is|are|does?|welche\w?|was|wie|wer|quel\w{0,4}|que|comment"
    r"|qué|cuál\w{0,2}|cómo|quale|quali|che|come)(?!\w)",
    re.IGNORECASE,
)
_ANSWER: Final = re.compile(
    r"[*#_ \t]{0,6}(?:(?:your |the |final )?(?:answer|output|response|result)|antwort|ausgabe"
    r"|ergebnis|réponse|sortie|respuesta|salida|risposta|答案|回答|答え|解答|输出|輸出|出力|الإجابة|الجواب|उत्तर)"
    r"[ \t]?(?:[(（][^()（）\n]{0,200}[)）])?[*_]{0,3}[ \t]?[:：][*_]{0,3}",
    re.IGNORECASE,
)
# By kind: words that stand between blanks, and words of scripts without any.
_LIST: Final = (
    (
        r"lists?|options?|choices|candidates?|liste|optionen|auswahl|antwortmöglichkeiten|kandidaten"
        r"|choix|candidats|lista|opciones|opzioni|scelte|candidatos|candidati|قائمة|الخيارات|خيارات"
    ),
    r"列表|选项|選項|候选|候補|選択肢|リスト|विकल्प|सूची",
)
_RULES: Final = (
    (
        r"instructions?|task|rules?|steps?|notes?|format|requirements?|guidelines?|hints?|examples?"
        r"|important|constraints?|question|aufgabe|regeln|hinweise?|schritte|beispiele?|frage|tâche"
        r"|consignes?|règles|étapes|exemples?|tarea|instrucciones|reglas|pasos|ejemplos?|pregunta"
        r"|compito|istruzioni|regole|esempi|esempio|domanda|التعليمات|المهمة|السؤال"
    ),
    r"说明|任务|规则|步骤|要求|示例|问题|指示|例|ルール|質問|手順|निर्देश|प्रश्न",
)
_TARGET: Final = (
    (
        r"aspects?|entity type|entity|attribute|aspekt|entitätstyp|attribut|entité|aspecto|entidad"
        r"|atributo|aspetto|entità|attributo|الجانب"
    ),
    r"方面|实体类型|属性|側面|観点|エンティティ|पहलू",
)
_KNOWN: Final = tuple(
    (kind, re.compile(rf"(?<!\w)(?:{spaced})(?!\w)|(?:{unspaced})", re.IGNORECASE))
    for kind, (spaced, unspaced) in (
        (Kind.LIST, _LIST),
        (Kind.RULES, _RULES),
        (Kind.TARGET, _TARGET),
    )
)


def answer_opens(line: str) -> bool:
    """Whether the line holds nothing but what opens the answer: `Output:`."""
    match = _ANSWER.match(line)
    return match is not None and match.end() == len(line.rstrip())


def before_opening(text: str) -> str:
    """Without an `Answer:` at the end of its last line."""
    body, _, last = text.rstrip().rpartition(" ")
    return body if body and answer_opens(last) else text


def without_list_heading(before: str) -> str:
    """Without a last line such as `Product List:` or `Queries:`, which heads nothing any more."""
    head, _, last = before.rpartition("\n")
    found = heading(last.strip())
    if found is None or found.rest:
        return before
    heads = found.kind is Kind.LIST or (found.kind is not Kind.ANSWER and " " not in found.label)
    return head.rstrip() if heads else before


def heading(line: str) -> Heading | None:
    """The line's label, if it begins with one."""
    if ":" not in line and "：" not in line:
        return None
    if match := _ANSWER.match(line):
        return Heading(match.group().strip(" :：*"), Kind.ANSWER, line[match.end() :].strip())
    match = _HEADING.match(line)
    if match is None or len(match["label"].split()) > _MOST_WORDS:
        return None
    label = match["label"].strip()
    if _kind(label) is Kind.DATA and (is_instruction(label) or _ASKING.match(label)):
        return None
    return Heading(label, _kind(label), match["rest"].strip())


def _kind(label: str) -> Kind:
    return next((kind for kind, words in _KNOWN if words.search(label)), Kind.DATA)
