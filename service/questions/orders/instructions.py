"""Which sentences say what to do with a question rather than what it is about.

They are known by how they begin, in the languages that askers write most; and by their speaking of
the list itself. An unknown one counts as content, which costs little.
"""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from typing import Final

from service.questions.text.sentences import split

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
    r"|risponda|non (?:dare|includere|scrivere)|estrai|scrivi|valuta|soltanto|classifica"
    # Portuguese, Dutch
    r"|selecione|escolha|classifique|ordene|você (?:deve|é|receberá)|responda|extraia|escreva"
    r"|avalie|não (?:dê|inclua|escreva)|apenas|somente|kies|rangschik|sorteer|selecteer|geef"
    r"|antwoord|schrijf|beoordeel|je (?:bent|moet)|u (?:bent|moet)|alleen"
    # Polish, Turkish, Russian
    r"|wybierz|uszereguj|posortuj|uporządkuj|podaj|jesteś|oceń|napisz|odpowiedz|tylko|lütfen|sadece"
    r"|yalnızca|пожалуйста|выберите|выбери|упорядочите|отсортируйте|ранжируйте|ответьте|отвечай"
    r"|вы (?:должны|являетесь)|ты|оцените|напишите|извлеките|укажите|выведите|только"
    # Hindi, Arabic
    r"|कृपया|आप |केवल|निम्न|चुन|من فضلك|يرجى|الرجاء|اختر|حدد|رتب|أنت|أجب|استخرج|لا تكتب|لا تقدم"
)
_ASKS: Final = re.compile(rf"\W{{0,6}}(?:(?:{_BEGINNINGS})(?!\w))", re.IGNORECASE)
# Chinese and Japanese put no blank behind a word, and Japanese asks at the end.
_ASKS_UNSPACED: Final = re.compile(
    r"\W{0,6}(?:请|請|你是|您是|你应|不要|只|选择|選擇|输出|輸出|按照|给出|从以下|從以下|次の|以下|あなたは)"
    r"|(?:ください|下さい|なさい|してはいけません|しないこと)[。.!！]?$"
    r"|(?:세요|십시오|시오)[.!]?$|(?:seçin|sıralayın|çıkarın|yazın|verin|değerlendirin)(?:iz)?[.!]?$"
)
_SPEAKS_OF_LIST: Final = re.compile(
    r"(?:of|from|in|among) (?:the |these )?(?:following|below|above|options|choices|candidates)"
    r"|(?:following|numbered|given) (?:numbered )?(?:list|options|products|candidates)"
    r"|(?:der|den|die) folgenden|(?:les |des |ces )?\w{0,20} ?suivant|siguientes|seguenti"
    r"|seguintes|(?:de|het|uit de) volgende|poniższ|następujących|aşağıdaki|следующ"
    r"|下列|以下|下記|次のうち|다음 (?:중|목록)|التالية|निम्नलिखित",
    re.IGNORECASE,
)
_FORM: Final = re.compile(
    r"select|choose|rank|output|answer|respond|extract|option|number|explanation|permutation"
    r"|wähle|antwort|ausgabe|zahlen|choisi|répon|sélection|numéro|elige|elija|respuesta|respond|números"
    r"|scegli|rispo|numeri|selecion|escolh|número|kies|antwoord|nummer|wybierz|odpowie|numer|seç"
    r"|cevap|numara|выб[еи]р|ответ|номер|числ|선택|고르|번호|숫자|답|选|輸|输|答|選|番号|اختر|أجب|أرقام|चुन|उत्तर",
    re.IGNORECASE,
)
_WRITING: Final = (
    r"(?:(?:write|compose|generate|create|translate|summari[sz]e|describe|explain|rewrite|draft"
    r"|schreiben?|verfassen?|fassen?|erklären?|übersetzen?|rédige[rz]?|écri\w{1,4}|résume[rz]?"
    r"|explique[rz]?|tradui\w{1,4}|escrib[ae]|redact[ae]|resum[ae]|explica|traduce|traduzca|scrivi"
    r"|scriva|riassumi|spiega|traduci|escreva|explique|resuma|traduza|schrijf|beschrijf|vertaal"
    r"|napisz|opisz|przetłumacz|напишите|опишите|объясните|переведите|اكتب|لخص|اشرح|ترجم)(?!\w)"
    r"|(?:请|請)?(?:写|寫|生成|总结|解释|翻译))"
)
_PLEASE: Final = r"(?:please|kindly|bitte|veuillez|por favor,?|per favore,?) "
_WRITES: Final = re.compile(
    rf"\W{{0,4}}(?:{_PLEASE})?{_WRITING}"
    r"|.{0,200}(?:書いて|要約して|説明して|翻訳して|लिख|समझा|अनुवाद|작성하|설명하|번역하|요약하)",
    re.IGNORECASE,
)
_WRITES_LATER: Final = re.compile(
    rf"(?:\b{_PLEASE}|\b(?:you (?:should|must|will|need to|have to)|(?:can|could|would) you"
    rf"|task is to) ){_WRITING}"
    r"|, (?:write|compose|draft|generate|create|translate|summari[sz]e|rewrite)(?!\w)(?!.*\?)",
    re.IGNORECASE,
)
# What names one of the options is no text of one's own, whatever verb asks for it.
_NAMES_OPTION: Final = re.compile(
    rf"{_WRITING}:? (?:[^\W\d]{{1,20}} ){{0,3}}"
    r"(?:numbers?|index|indices|labels?|letters?|digits?|ids?|options?|choices?|nummern?|zahl|buchstaben?|numéros?|lettre|número|letra|numero|lettera"
    r"|номер|numer)\b"
    r"|\b(?:one|any|which|what|best|most \w{1,20}) (?:of|from|among) the\b|\bone of these\b"
    r"|\b(?:from|among) the (?:following|options|choices|candidates|list)\b"
    r"|编号|序号|番号|选项|選項|選択肢|번호",
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


def begins_with_question(line: str) -> bool:
    """Whether its first sentence is a question, whatever orders follow it."""
    return is_question(line) or is_question(next(iter(split(line)), ""))


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


def asks_for_own_words(sentence: str) -> bool:
    """Whether it asks for words that can name no option, as its number and its label do."""
    asks = asks_to_write(sentence) or _WRITES_LATER.search(sentence) is not None
    return asks and _NAMES_OPTION.search(sentence) is None
