"""Labels as askers write them: `1.` `1)` `(1)` `[1]` `1、` `A.` `II.` `①` `Option 2:` `1.x` `#1.`.

An `I`, a `V` or an `X` alone may be a letter or a Roman number: it is given as both, and the labels
around it tell which.
"""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_LABEL: Final = re.compile(
    r"(?<![^\s?!.,;:？！。，；：\u200e\u200f])"
    r"(?P<word>(?i:option|choice|opción|opzione|选项|選項|選択肢|विकल्प)[ \t]{0,2}|[#№]\s?(?=\d))?"
    r"(?:(?P<ring>[①-⑳㉑-㉟㊱-㊿⓪])"
    r"|(?P<open>[(\[（［【<])?(?P<name>\d{1,4}|[IVX]{1,6}|[ivx]{1,6}|A[A-Z]|a[a-z]|[A-Za-zＡ-Ｚａ-ｚ])"
    r"(?P<close>\.\)|[.)\]:．）］：、】>]|[ \t]?[-–—|](?=[ \t])|\t))"
)
_PAIRS: Final = {"(": ")", "（": "）", "[": "]", "［": "］", "【": "】", "<": ">"}
_PLAIN: Final = {":", ".", "-", "–", "—", "|", ""}
_DASHES: Final = frozenset("-–—|")
_DEEPEST_INDENT: Final = 40
_LETTERS: Final = 26
_LAST_NUMBER: Final = 999
_NOT_A_LABEL: Final = frozenset(".,:;/\\-")
_TENS: Final = ("", "x", "xx", "xxx")
_ONES: Final = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
_ROMAN: Final = {
    tens + ones: 10 * x + i for x, tens in enumerate(_TENS) for i, ones in enumerate(_ONES)
}


@dataclass(frozen=True, slots=True)
class Label:
    """A label in a text. Numbers are read in any script and given in ASCII digits."""

    start: int
    end: int
    name: str
    value: int
    style: str
    """Labels of one list are of one style."""
    indent: int
    """How far from the beginning of its line, if it opens one; -1 if it does not."""
    tight: bool
    """Whether text follows without a blank."""
    decimal: bool
    """Whether that text is a digit behind a dot, so that "1.5" may be a number and no label."""

    @property
    def opens_line(self) -> bool:
        """Whether only blanks stand before it in its line."""
        return self.indent >= 0

    @property
    def kind(self) -> str:
        """What kind of sign it is: a number, a letter, a Roman number."""
        return self.style[0]

    @property
    def is_roman(self) -> bool:
        """Whether it is read as a Roman number."""
        return self.kind in "Rr"

    @property
    def begins_list(self) -> bool:
        """Whether lists commonly begin with it: 0, 1, A, I."""
        return self.value in {0, 1}


def labels(text: str) -> Iterator[Label]:
    """Everything in the text that looks like a label, from the left.

    What is long may be a year or a word, so 1000 and AA are labels only behind 999 and Z.
    """
    seen: set[tuple[str, int]] = set()
    for match in _LABEL.finditer(text):
        if _is_label(text, match):
            close = unicodedata.normalize("NFKC", (match["close"] or "").strip())
            after = text[match.end() : match.end() + 1]
            for name, value, kind in _readings(match):
                if _is_long(value, kind) and (kind, value - 1) not in seen:
                    continue
                seen.add((kind, value))
                yield Label(
                    start=match.start(),
                    end=match.end(),
                    name=name,
                    value=value,
                    style=f"{kind}{match['open'] or ''}{close}{'w' if match['word'] else ''}",
                    indent=_indent(text, match.start()),
                    tight=bool(after.strip()),
                    decimal=match["close"] == "." and after.isdigit(),
                )


def spelled(value: int, like: Label) -> str:
    """A value as it would be written in a list in which that label stands."""
    if like.kind in "Aa" and 1 <= value <= _LETTERS:
        return chr(ord(like.kind) + value - 1)
    if like.is_roman:
        name = next((roman for roman, number in _ROMAN.items() if number == value), str(value))
        return name.upper() if like.kind == "R" else name
    return str(value)


def _is_label(text: str, match: re.Match[str]) -> bool:
    close = (match["close"] or "").strip()
    if match["open"]:
        return close == _PAIRS[match["open"]]
    if close in {"]", "］", "】", ">"}:
        return False
    spaced = close != "|" and (match["close"] or " ")[0].isspace()
    if close in _DASHES and not spaced and _indent(text, match.start()) < 0:
        return False  # "sizes 1- 3", "S | M | L"
    after = text[match.end() : match.end() + 1]
    if close in _PLAIN and after and not after.isspace():
        # Tight: "1.size" and "A.Rot" begin options, "e.g.", "10:30" and "www.x" do not.
        tight_letter = (match["name"] or "").islower() and after.isascii()
        return not (after in _NOT_A_LABEL or tight_letter or (close == ":" and after.isascii()))
    return True


def _readings(match: re.Match[str]) -> Iterator[tuple[str, int, str]]:
    """The label's name, its value and what kind of sign it is, in every way it can be read."""
    if match["ring"]:
        value = int(unicodedata.numeric(match["ring"]))
        yield str(value), value, "o"
        return
    name = unicodedata.normalize("NFKC", match["name"])
    if name[0].isdigit():
        plain = "".join(str(unicodedata.digit(digit)) for digit in name)
        yield plain, int(plain), "1"
        return
    low = name.lower()
    if len(low) == 1 or low[0] == "a":
        yield name, _letters(low), "A" if name.isupper() else "a"
    if low in _ROMAN:
        yield name, _ROMAN[low], "R" if name.isupper() else "r"


def _letters(name: str) -> int:
    """A is 1, Z is 26, AA is 27."""
    return sum(ord(one) - ord("a") + 1 for one in name[-1:]) + _LETTERS * (len(name) - 1)


def _is_long(value: int, kind: str) -> bool:
    return value > (_LETTERS if kind in "Aa" else _LAST_NUMBER)


def _indent(text: str, start: int) -> int:
    window = text[max(0, start - _DEEPEST_INDENT) : start]
    before = window[window.rfind("\n") + 1 :]
    opens = len(before) < len(window) or start == len(window)
    return len(before) if opens and not before.strip() else -1
