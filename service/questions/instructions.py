"""Which sentences say what to do with a question rather than what it is about.

They are known by how they begin, in the languages that askers write most; and by their speaking of
the list itself. An unknown one counts as content, which costs little.
"""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from typing import Final

_BEGINNINGS: Final = (
    # English
    r"please|kindly|select|choose|pick|rank|re-?rank|sort|order the|output|answer|respond|reply"
    r"|return|generate|give|extract|list|identify|classify|evaluate|rate|predict|write|provide"
    r"|explain|name|find|determine|decide|judge|translate|summari[sz]e|describe|use|note that"
    r"|your task|your answer|your output|the answer|the output|suppose|imagine|assume|only|just"
    r"|do not|don't|never|make sure|remember|there (?:should|must)|each .{1,60} (?:should|must)"
    r"|you (?:are|will|should|must|have to|need to|may|can|make|only)"
    # German
    r"|bitte|wählen?|du (?:bist|sollst|musst)|sie (?:sind|sollen|sollten|müssen)|gib|geben sie"
    r"|antworten?|ordnen?|sortieren?|nennen?|keine|nur|schreiben?|extrahieren?|bewerten?|erklären?"
    # French
    r"|veuillez|merci de|choisi[rs]|choisissez|sélectionne[rz]?|classe[rz]?|tu es|vous êtes"
    r"|vous devez|donne[rz]?|répond[sr]?|répondez|n'|ne|parmi|extrais|extrayez|écri[sv]|évalue[rz]?"
    # Spanish
    r"|por favor|elige|elija|selecciona|seleccione|ordena|ordene|eres|usted|debes?|respond[ae]"
    r"|no (?:des|dé|incluyas|escribas)|indica|indique|solo|sólo|extrae|escrib[ae]|evalúa|evalúe"
    # Italian
    r"|per favore|scegli|scegliete|scelga|seleziona|selezioni|ordina|ordini|sei un|devi|rispondi"
    r"|risponda|non (?:dare|includere|scrivere)|estrai|scrivi|valuta|soltanto"
    # Hindi, Arabic
    r"|कृपया|आप |केवल|निम्न|चुन|من فضلك|يرجى|الرجاء|اختر|حدد|رتب|أنت|أجب|استخرج|لا تكتب|لا تقدم"
)
_ASKS: Final = re.compile(rf"\W{{0,6}}(?:(?:{_BEGINNINGS})(?!\w))", re.IGNORECASE)
# Chinese and Japanese put no blank behind a word, and Japanese asks at the end.
_ASKS_UNSPACED: Final = re.compile(
    r"\W{0,6}(?:请|請|你是|您是|你应|不要|只|选择|選擇|输出|輸出|按照|给出|从以下|從以下|次の|以下|あなたは)"
    r"|(?:ください|下さい|なさい|してはいけません|しないこと)[。.!！]?$"
)
_SPEAKS_OF_LIST: Final = re.compile(
    r"(?:of|from|in|among) (?:the |these )?(?:following|below|above|options|choices|candidates)"
    r"|(?:following|numbered|given) (?:numbered )?(?:list|options|products|candidates)"
    r"|(?:der|den|die) folgenden|(?:les |des |ces )?\w{0,20} ?suivant|siguientes|seguenti"
    r"|下列|以下|下記|次のうち|التالية|निम्नलिखित",
    re.IGNORECASE,
)
_FORM: Final = re.compile(
    r"select|choose|rank|output|answer|respond|extract|option|number|explanation|permutation"
    r"|wähle|antwort|ausgabe|zahlen|choisi|répon|sélection|numéro|elige|elija|respuesta|respond|números"
    r"|scegli|rispo|numeri|选|輸|输|答|選|番号|اختر|أجب|أرقام|चुन|उत्तर",
    re.IGNORECASE,
)
_WRITES: Final = re.compile(
    r"\W{0,4}(?:please |bitte |veuillez |por favor,? |per favore,? )?"
    r"(?:(?:write|compose|generate|create|translate|summari[sz]e|describe|explain|rewrite|draft"
    r"|schreiben?|verfassen?|fassen?|erklären?|übersetzen?|rédige[rz]?|écri\w{1,4}|résume[rz]?"
    r"|explique[rz]?|tradui\w{1,4}|escrib[ae]|redact[ae]|resum[ae]|explica|traduce|traduzca|scrivi"
    r"|scriva|riassumi|spiega|traduci|اكتب|لخص|اشرح|ترجم)(?!\w)|(?:请|請)?(?:写|寫|生成|总结|解释|翻译))"
    r"|.{0,200}(?:書いて|要約して|説明して|翻訳して|लिख|समझा|अनुवाद)",
    re.IGNORECASE,
)
_COMPOSES: Final = re.compile(
    r"\W{0,4}(?:please |bitte |veuillez |por favor,? |per favore,? )?"
    r"(?:(?:write|compose|draft|create|invent|come up with) (?:me |us )?(?:an?|one|some|two|three)"
    r"|(?:schreiben?|verfassen?)(?: sie)? (?:eine?n?)|(?:rédige[rz]?|écri\w{1,4}) une?"
    r"|(?:escrib[ae]|redact[ae]) una?|scriv[ai] una?o?)(?!\w)"
    r"(?!.{0,60}\b(?:list|comma|digit|letter)\b)"
    r"|\W{0,4}(?:请|請)?(?:写|寫)一|.{0,200}を書いて",
    re.IGNORECASE,
)
_QUESTION_ENDS: Final = ("?", "？", "؟")


def is_question(sentence: str) -> bool:
    """Whether it ends as a question does."""
    return sentence.rstrip(" \"'”’»」』)").endswith(_QUESTION_ENDS)


def orders(sentence: str) -> bool:
    """Whether it begins as a request or a rule for whoever answers."""
    return bool(_ASKS.match(sentence) or _ASKS_UNSPACED.search(sentence))


def is_instruction(sentence: str) -> bool:
    """Whether it says what to do, or speaks of the list of options, and so is not content."""
    return orders(sentence) or bool(_SPEAKS_OF_LIST.search(sentence))


def shapes_answer(line: str) -> bool:
    """Whether it is an order that speaks of the answer's form: no line of a review would."""
    return orders(line) and _FORM.search(line) is not None


def speaks_of_form(sentence: str) -> bool:
    """Whether it speaks of how the answer is to look: of numbers, options, a selection."""
    return _FORM.search(sentence) is not None


def asks_for_text(sentence: str) -> bool:
    """Whether it asks for a text of one's own by what it is: "write a slogan"."""
    return _COMPOSES.match(sentence) is not None


def asks_to_write(sentence: str) -> bool:
    """Whether it asks for words of one's own."""
    return _WRITES.match(sentence) is not None
