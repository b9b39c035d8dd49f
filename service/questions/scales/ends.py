"""What the ends of a scale stand for: "1 being very bad and 5 very good", "1 = bad, 5 = good"."""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from service.question import Option

_LONGEST: Final = 60

_UNIT: Final = (
    r"(?:\s?(?:stars?|points?|sterne?n?|punkte?n?|étoiles?|estrellas?|stell[ae]|つ星|[分点星]))?"
)
_COPULA: Final = (
    r"\b(?:being|is|are|means?|meaning|stands for|denotes?|represents?|indicat\w{2,4}|for|as"
    r"|bedeutet|bedeute|ist|sei|steht für|entspricht|für|étant|est|signifie|correspond à|représente"
    r"|pour|siendo|significa|es|equivale a|essendo|è|sendo|é)\b"
    r"|का (?:अर्थ|मतलब)|(?:代表|表示|意味着|为|為|是|は|が)"
)
_MEANS: Final = rf"{_UNIT}\s{{0,2}}(?:=|→|:|：|\(|（|[-–](?=\s)|{_COPULA})\s{{0,2}}"
_AND: Final = r"and|to|und|bis|et|à|y|a|e|while|और|و"
_STOP: Final = re.compile(
    rf"\s?(?:[,.;()\n，。；、（）،؛।]|\d{{1,3}}\s?="
    rf"|(?<!\w)(?:{_AND})(?: (?:\w{{1,8}} )?|(?<=و))\d)",
    re.IGNORECASE,
)
_LEADS: Final = r"with|where|mit|wobei|avec|où|con|donde|siendo|dove|essendo|sendo|com|जहाँ|حيث"
_TAIL: Final = re.compile(
    r"\s?(?:(?<!\w)(?:bedeute[tn]?|ist|sind|steht|darstell\w{1,2}|entspricht|है)(?!\w)"
    r"|を(?:意味\S{0,6}|表\S{0,6})|です|とし\S{0,4}|で)$",
    re.IGNORECASE,
)
_HEAD: Final = re.compile(
    rf"^(?:.{{0,60}}\s)?(?:from|between|von|de|da|entre|{_AND})\s", re.IGNORECASE | re.DOTALL
)


def ends(sentences: Sequence[str], options: Sequence[Option]) -> tuple[str, str] | None:
    """What the lowest and the highest number of a scale stand for, if that is said of both."""
    text = "\n".join(sentences)
    low, high = options[0].label, options[-1].label
    said = _both(_meaning(text, low), _meaning(text, high)) or _pair(text, low, high)
    if said is None and (turned := _pair(text, high, low)):
        said = turned[1], turned[0]
    return said or _both(_before(text, low), _before(text, high))


def _both(low: str, high: str) -> tuple[str, str] | None:
    return (low, high) if low and high else None


def _number(label: str) -> str:
    return rf"(?<![\d.,+−-]){re.escape(label)}(?!\d)"


def _meaning(text: str, label: str) -> str:
    """What follows a number as its meaning: "1 being very bad and ..." says "very bad"."""
    for match in re.finditer(_number(label) + _MEANS, text, re.IGNORECASE):
        # "from 1 to 4: 1 = bad" says nothing of 4.
        if meaning := _cut(text[match.end() : match.end() + _LONGEST]):
            return meaning
    return ""


def _pair(text: str, one: str, other: str) -> tuple[str, str] | None:
    """Both, where the verb stands once: "with 1 very bad and 5 very good"."""
    pattern = (
        rf"(?P<lead>(?<!\w)(?:{_LEADS})\s)?{_number(one)}{_UNIT}\s?(?P<copula>{_COPULA})?\s?"
        rf"(?P<one>[^\d\n.,;:()，、]{{2,{_LONGEST}}}?)[\s,，、]{{1,2}}(?:(?:{_AND})\s?)?"
        rf"{_number(other)}{_UNIT}\s?(?=(?P<other>[^\d\n.,;:()，。、،।]{{2,{_LONGEST}}}))"
    )
    for match in re.finditer(pattern, text, re.IGNORECASE):
        spoken = match["lead"] or match["copula"] or _TAIL.search(match["other"].strip())
        said = _both(_cut(match["one"]), _cut(match["other"]))
        if spoken and said:
            return said
    return None


def _before(text: str, label: str) -> str:
    """What stands before a number in brackets: "from very bad (1) to very good (5)"."""
    for match in re.finditer(rf"[(（]{re.escape(label)}[)）]", text):
        said = text[max(0, match.start() - _LONGEST) : match.start()]
        last = re.split(r"[.,;:()\n，。；、]", said.rstrip())[-1]
        if meaning := _cut(_HEAD.sub("", last.strip())):
            return meaning
    return ""


def _cut(said: str) -> str:
    """As far as the meaning goes; empty if it is none."""
    end = _STOP.search(said)
    whole = said[: end.start()] if end else said
    if end is None and len(said) >= _LONGEST:
        whole = whole.rpartition(" ")[0]
    meaning = _TAIL.sub("", whole.strip()).strip(" \"'“”«»*")
    return meaning if meaning[:1].isalpha() else ""
