"""Labels as askers write them: `1.` `1)` `(1)` `[1]` `1、` `A.` `(b)` `①` `Option 2:` `1.size`."""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_LABEL: Final = re.compile(
    r"(?<![^\s?!.,;:？！。，；：])"
    r"(?P<word>(?:option|choice|opción|opzione|选项|選項|選択肢|विकल्प)[ \t]{0,2})?"
    r"(?:(?P<ring>[①-⑳㉑-㉟㊱-㊿⓪])"
    r"|(?P<open>[(\[（［【])?(?P<name>\d{1,3}|[A-Za-zＡ-Ｚａ-ｚ])"
    r"(?P<close>\.\)|[.)\]:．）］：、】]|[ \t][-–—](?=[ \t])|\t))",
    re.IGNORECASE,
)
_PAIRS: Final = {"(": ")", "（": "）", "[": "]", "［": "］", "【": "】"}
_PLAIN: Final = {":", ".", "-", "–", "—", ""}
_DEEPEST_INDENT: Final = 40
_NOT_A_LABEL: Final = frozenset(".,:;/\\-")


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
    def begins_list(self) -> bool:
        """Whether lists commonly begin with it: 0, 1, A."""
        return self.value in {0, 1}


def labels(text: str) -> Iterator[Label]:
    """Everything in the text that looks like a label, from the left."""
    for match in _LABEL.finditer(text):
        close = unicodedata.normalize("NFKC", (match["close"] or "").strip())
        if _is_label(text, match):
            name, kind = _named(match)
            after = text[match.end() : match.end() + 1]
            yield Label(
                start=match.start(),
                end=match.end(),
                name=name,
                value=int(name) if name.isdigit() else ord(name.casefold()) - ord("a") + 1,
                style=f"{kind}{match['open'] or ''}{close}{'w' if match['word'] else ''}",
                indent=_indent(text, match.start()),
                tight=bool(after.strip()),
                decimal=match["close"] == "." and after.isdigit(),
            )


def _is_label(text: str, match: re.Match[str]) -> bool:
    close = (match["close"] or "").strip()
    if match["open"]:
        return close == _PAIRS[match["open"]]
    if close in {"]", "］", "】"}:
        return False
    after = text[match.end() : match.end() + 1]
    if close in _PLAIN and after and not after.isspace():
        # Tight: "1.size" and "A.Rot" begin options, "e.g.", "10:30" and "www.x" do not.
        tight_letter = (match["name"] or "").islower() and after.isascii()
        return not (after in _NOT_A_LABEL or tight_letter or (close == ":" and after.isascii()))
    return True


def _named(match: re.Match[str]) -> tuple[str, str]:
    """The label's name and what kind of sign it is."""
    if match["ring"]:
        return str(int(unicodedata.numeric(match["ring"]))), "o"
    name = match["name"]
    if name[0].isdigit():
        return "".join(str(unicodedata.digit(digit)) for digit in name), "1"
    name = unicodedata.normalize("NFKC", name)
    return name, "A" if name.isupper() else "a"


def _indent(text: str, start: int) -> int:
    window = text[max(0, start - _DEEPEST_INDENT) : start]
    before = window[window.rfind("\n") + 1 :]
    opens = len(before) < len(window) or start == len(window)
    return len(before) if opens and not before.strip() else -1
