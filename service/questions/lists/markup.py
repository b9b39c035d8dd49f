"""Marks of Markdown around labels, taken away: `**A.** hat`, `**1** hat`, `- 1. hat`, `### A) hat`.

Only a line that begins with a label in such marks is changed; all other text stays as it is.
"""

from __future__ import annotations

import re
from typing import Final

from service.questions.lists.marks import plain_marks

_NAME: Final = r"(?:(?i:option|choice) )?[(\[]?(?:\d{1,3}|[IVX]{1,6}|[ivx]{1,6}|[A-Za-z])"
_BEFORE: Final = re.compile(
    rf"^([ \t]{{0,40}})(?:[-*+•][ \t]|#{{1,4}}[ \t]|>{{1,3}})[ \t]{{0,4}}"
    rf"(?=[*_]{{0,3}}{_NAME}[.)\]:])",
    re.MULTILINE,
)
_BOLD: Final = re.compile(
    rf"^(?P<indent>[ \t]{{0,40}})(?P<mark>\*{{1,3}}|__)(?P<name>{_NAME})"
    r"(?P<close>[.)\]:]{0,2})(?P<text>[ \t][^*_\n]{0,2000})?(?P=mark)(?P<late>[.)\]:]{0,2})",
    re.MULTILINE,
)


def bare_labels(text: str) -> str:
    """The text with its labels as they would stand without emphasis and bullets."""
    text = _BEFORE.sub(r"\1", plain_marks(text))
    # A bold sign alone, as a label with no mark behind it, is none if there is no second.
    signs = sum(1 for match in _BOLD.finditer(text) if _is_sign(match))
    return _BOLD.sub(lambda match: _bare(match, signs=signs > 1), text)


def _bare(match: re.Match[str], *, signs: bool) -> str:
    if _is_sign(match):
        return f"{match['indent']}{match['name']}." if signs else match.group()
    if not (match["close"] or match["late"]):
        return match.group()  # words in bold type
    return "".join(match[part] or "" for part in ("indent", "name", "close", "text", "late"))


def _is_sign(match: re.Match[str]) -> bool:
    return not (match["close"] or match["text"] or match["late"])
