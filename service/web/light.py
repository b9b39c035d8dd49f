"""JavaScript and styles without comments, and without the spaces that they can do without.

These are for who reads the source, and weigh on who loads it. What is a string, a template or a
pattern stays as it is, and every line where it was, so that what a browser says of a line is true
of the source as well.
"""

from __future__ import annotations

import re
from typing import Final

_CODE: Final = re.compile(
    r"""
    (?P<comment> [ \t]* (?: //[^\n]* | /\*.*?\*/ ) )
    | (?P<text> "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' )
    | (?P<pattern> / (?: \\. | \[ (?:\\.|[^\]\\\n])* \] | [^/\\\n\[] )+ / )
    | [`{}]
    """,
    re.VERBOSE | re.DOTALL,
)
"""What has to be told apart: a quote, a slash or a brace means another thing within another."""

_STYLE: Final = re.compile(
    r"""
    (?P<comment> [ \t]* /\*.*?\*/ )
    | (?P<text> "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' )
    | [ \t]* (?P<sign> [{};,\n] ) [ \t]*
    | (?<=:) [ \t]+
    """,
    re.VERBOSE | re.DOTALL,
)

_TEMPLATE: Final = re.compile(r"\\.|`|\$\{", re.DOTALL)

_OPERAND: Final = re.compile(r"(?:[\w$)\]}]|\+\+|--)\s*\Z")
_KEYWORD: Final = re.compile(r"\b(?:return|typeof|case|in|of|void|delete|throw|await|yield)\s*\Z")
"""After an operand a slash divides; after these words, or an operator, it begins a pattern."""

_SPACES: Final = re.compile(r"[ \t]*([{}()\[\],;:?=<>&|!\n])[ \t]*")
"""Around these signs a space says nothing; it may between two words, or a plus and another."""

_NEAR: Final = 24
"""So many characters before a slash tell what it is."""


def light_script(source: str) -> str:
    """A module as a browser needs it."""
    return _Reader(source).read()


def light_style(source: str) -> str:
    """A style sheet as a browser needs it."""
    return _STYLE.sub(_lightened, source)


def _lightened(found: re.Match[str]) -> str:
    if found["text"]:
        return found["text"]
    return "\n" * found[0].count("\n") if found["comment"] else found["sign"] or ""


class _Reader:
    """Goes through a module once; `open` holds the braces and templates that are open."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.place = 0
        self.open: list[str] = []
        self.kept: list[str] = []

    def read(self) -> str:
        """Code up to the end, and templates within it, and code within those."""
        while self.place < len(self.source):
            if self.open and self.open[-1] == "`":
                self._template()
            else:
                self._code()
        return "".join(self.kept)

    def _template(self) -> None:
        found = self._next(_TEMPLATE)
        if found == "`":
            self.open.pop()
        elif found == "${":
            self.open.append("${")

    def _code(self) -> None:
        match = _CODE.search(self.source, self.place)
        while match and match["pattern"] and self._divides(match.start()):
            match = _CODE.search(self.source, match.start() + 1)
        self._squeeze(match.start() if match else len(self.source))
        if match is None:
            return
        if match["comment"]:
            self._drop(match.end())
        else:
            self._keep(match.end())
            self._nest(match[0])

    def _nest(self, sign: str) -> None:
        if sign in {"`", "{"}:
            self.open.append(sign)
        elif sign == "}" and self.open:
            self.open.pop()

    def _next(self, wanted: re.Pattern[str]) -> str:
        match = wanted.search(self.source, self.place)
        self._keep(match.end() if match else len(self.source))
        return match[0] if match else ""

    def _keep(self, end: int) -> None:
        self.kept.append(self.source[self.place : end])
        self.place = end

    def _squeeze(self, end: int) -> None:
        code = _SPACES.sub(r"\1", self.source[self.place : end])
        if self.kept and self.kept[-1].endswith(("{", "}")):
            code = code.lstrip(" \t")
        if self.source[end : end + 1] in {"{", "}"}:
            code = code.rstrip(" \t")
        if code:
            self.kept.append(code)
        self.place = end

    def _drop(self, end: int) -> None:
        """A comment parts what stands around it, as a space or as the ends of its lines."""
        lines = self.source.count("\n", self.place, end)
        beside = self.source[end : end + 1]
        self.kept.append("\n" * lines or ("" if beside.isspace() or not beside else " "))
        self.place = end

    def _divides(self, slash: int) -> bool:
        before = self.source[max(0, slash - _NEAR) : slash]
        return bool(_OPERAND.search(before)) and not _KEYWORD.search(before)
