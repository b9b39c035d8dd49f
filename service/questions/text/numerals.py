"""Small numbers as they are written: digits of any script, and words in several languages."""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

from typing import Final

_MOST_DIGITS: Final = 3

_WORDS: Final = {
    "en": "one two three four five six seven eight nine ten eleven twelve",
    "de": "eine/ein/einen/eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "fr": "un/une deux trois quatre cinq six sept huit neuf dix onze douze",
    "es": "un/una/uno dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "it": "un/una/uno due tre quattro cinque sei sette otto nove dieci undici dodici",
    "pt": "um/uma dois/duas três quatro cinco seis sete oito nove dez onze doze",
    "nl": "een/één twee drie vier vijf zes zeven acht negen tien elf twaalf",
    "pl": "jeden/jedną/jedna/jedno dwa/dwie/dwóch trzy/trzech cztery/czterech pięć sześć siedem"
    " osiem dziewięć dziesięć",
    "tr": "bir iki üç dört beş altı yedi sekiz dokuz",
    "ru": "один/одну/одно/одна два/две/двух три/трёх/трех четыре/четырёх пять шесть семь восемь"
    " девять десять",
    "ko": "한/하나 두/둘 세/셋 네/넷 다섯 여섯 일곱 여덟 아홉 열",
    "hi": "एक दो तीन चार पाँच/पांच छह/छः सात आठ नौ दस",
    "ar": "واحد/واحدة/واحدا اثنين/اثنان/اثنتين ثلاثة/ثلاث أربعة/أربع خمسة/خمس ستة/ست سبعة/سبع "
    "ثمانية/ثماني تسعة/تسع عشرة/عشر",
    "cjk": "一 二/两/兩 三 四 五 六 七 八 九 十",
}
_VALUES: Final = {
    language: {
        word: value
        for value, words in enumerate(line.split(), start=1)
        for word in words.split("/")
    }
    for language, line in _WORDS.items()
}
_TENS: Final = {
    word: value
    for value, words in {
        15: "fifteen fünfzehn quinze quince quindici",
        20: "twenty zwanzig vingt veinte venti",
        25: "twenty-five fünfundzwanzig vingt-cinq veinticinco venticinque",
        30: "thirty dreißig trente treinta trenta",
        40: "forty vierzig quarante cuarenta quaranta",
        50: "fifty fünfzig cinquante cincuenta cinquanta",
        100: "hundred hundert cent cien cento",
    }.items()
    for word in words.split()
}


def small_number(word: str, language: str) -> int | None:
    """What a casefolded word counts, if it is digits or a number's name in this language."""
    if word.isdecimal() and len(word) <= _MOST_DIGITS:
        return int(word)
    return _VALUES[language].get(word)


def number(word: str) -> int | None:
    """What digits or a name count, in any of the languages."""
    if word.isdecimal():
        return int(word) if len(word) <= _MOST_DIGITS else None
    named = (values[word] for values in _VALUES.values() if word in values)
    return next(named, _TENS.get(word))
