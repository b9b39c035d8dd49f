"""What models wrap an answer in: quotes, a label, bold type, a word of courtesy."""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from typing import Final

from service.questions.text.quotes import quotes

_BOLD: Final = re.compile(r"\*\*|__")
_OPENING: Final = re.compile(
    r"(?:final answer|answer|output|response|result|antwort|ausgabe|réponse|respuesta|risposta"
    r"|答案|回答|答え|出力|الإجابة|الجواب|उत्तर)\s{0,3}[:：]\s*",
    re.IGNORECASE,
)
_COURTESY: Final = re.compile(r"(?:sure|certainly|of course|absolutely)[!,.]\s+", re.IGNORECASE)
_ANNOUNCED: Final = re.compile(r"here(?:'s|’s| is| are)\b[^\n:.]{0,80}:\s+", re.IGNORECASE)
_PAIRS: Final = {'"': '"', "'": "'", "“": "”", "„": "“", "«": "»", "「": "」", "『": "』", "`": "`"}


def unwrapped(text: str) -> str:
    """The answer itself."""
    text = _BOLD.sub("", text).strip()
    for _ in range(4):  # a label inside quotes inside a label is as deep as it goes
        bare = _without_quotes(_without_opening(text))
        if bare == text:
            break
        text = bare
    return text


def _without_opening(text: str) -> str:
    for pattern in (_COURTESY, _ANNOUNCED, _OPENING):
        match = pattern.match(text)
        if match and match.end() < len(text):
            text = text[match.end() :]
    return text


def _without_quotes(text: str) -> str:
    closing = _PAIRS.get(text[:1])
    if closing is None:
        return text
    whole = quotes(text)[:1]
    if whole and whole[0].end == len(text):
        return whole[0].text
    inner = text[1:-1]
    if text[:1] in inner or closing in inner:
        return text
    if text[1:].endswith(closing):
        return inner.strip()
    return text if text[:1] == "'" else text[1:].strip()
