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

from service.questions.orders.instructions import is_instruction


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
_CITES: Final = re.compile("[\"“„«「『‘]|\\s'")
_ASKING: Final = re.compile(
    r"(?:which|what|who|how|why|when|where|is|are|does?|welche\w?|was|wie|wer|quel\w{0,4}|que|comment"
    r"|qué|cuál\w{0,2}|cómo|quale|quali|che|come)(?!\w)",
    re.IGNORECASE,
)
_ANSWER: Final = re.compile(
    r"[*#_ \t]{0,6}(?:(?:your |the |final )?(?:answer|output|response|result)|antwort|ausgabe"
    r"|ergebnis|réponse|sortie|respuesta|salida|risposta|resposta|saída|antwoord|uitvoer|odpowiedź"
    r"|wynik|cevap|yanıt|çıktı|ответ|вывод|정답|답변|답|출력|答案|回答|答え|解答|输出|輸出|出力"
    r"|الإجابة|الجواب|उत्तर)"
    r"[ \t]?(?:[(（][^()（）\n]{0,200}[)）])?[*_]{0,3}[ \t]?[:：][*_]{0,3}",
    re.IGNORECASE,
)
_CHOOSES: Final = re.compile(
    r"answer|antwort|réponse|respuesta|risposta|resposta|odpowiedź|cevap|ответ|정답|답|答|الإجابة|उत्तर",
    re.IGNORECASE,
)
# By kind: words that stand between blanks, and words of scripts without any.
_LIST: Final = (
    (
        r"lists?|options?|choices|candidates?|liste|optionen|auswahl|antwortmöglichkeiten|kandidaten"
        r"|choix|candidats|lista|elenco|opciones|opzioni|scelte|candidatos|candidati|opções|lijst|opties"
        r"|opcje|seçenekler|список|варианты|قائمة|الخيارات|خيارات"
    ),
    r"列表|选项|選項|候选|候補|選択肢|リスト|목록|선택지|보기|विकल्प|सूची",
)
# What lists are made of: a heading that names such things is one of a list, if one stands below.
_THINGS: Final = re.compile(
    r"(?<!\w)(?:answers|aspects|attributes|brands|categories|features|items|keyphrases|keywords|labels"
    r"|names|numbers|phrases|products|queries|results|reviews|sentences|snippets|statements|terms"
    r"|titles|values|produkte|artikel|titel|anfragen|kategorien|produits|articles|titres|requêtes"
    r"|productos|artículos|títulos|consultas|prodotti|articoli|titoli|ricerche)(?!\w)",
    re.IGNORECASE,
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


def closes_choice(text: str) -> bool:
    """Whether it is an `Answer:` and no more, which closes a choice as `Output:` closes a text."""
    return answer_opens(text.strip()) and _CHOOSES.search(text) is not None


def before_opening(text: str) -> str:
    """Without an `Answer:` at the end of its last line."""
    body, _, last = text.rstrip().rpartition(" ")
    return body if body and answer_opens(last) else text


def without_list_heading(before: str) -> str:
    """Without a last line such as `Product List:` or `Queries:`, which heads nothing any more.

    "The user then wants:" stays, for it is what is asked.
    """
    head, _, last = before.rpartition("\n")
    found = heading(last.strip())
    if found is None or found.rest or found.kind is Kind.ANSWER:
        return before
    short = " " not in found.label
    heads = short or found.kind is Kind.LIST or _THINGS.search(found.label) is not None
    return head.rstrip() if heads else before


def heads_list(line: str) -> bool:
    """Whether the line says that a list follows, and nothing else: `Options:`."""
    found = heading(line)
    return found is not None and not found.rest and found.kind is Kind.LIST


def heads_nothing(line: str) -> bool:
    """Whether nothing stands behind the label in its line."""
    found = heading(line)
    return found is not None and not found.rest


def begins_asking(line: str) -> bool:
    """Whether it begins with a word that asks: "How ..."; or in a script that has no such order."""
    return _ASKING.match(line) is not None or line.lstrip()[:1] > "\u024f"


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
    if _CITES.search(label):
        return None
    asks = " " in label and _ASKING.match(label) is not None
    if _kind(label) is Kind.DATA and (asks or is_instruction(label)):
        return None
    return Heading(label, _kind(label), match["rest"].strip())


def _kind(label: str) -> Kind:
    return next((kind for kind, words in _KNOWN if words.search(label)), Kind.DATA)
