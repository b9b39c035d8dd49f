"""Data inside a prompt: kept short, on one line, and unable to end its own fence.

The brackets that fences and the special tokens of every chat template are made of do not occur in
fenced data. That holds for any engine, also those whose server tokenizes the prompt itself.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

OPEN: Final = "<<"
CLOSE: Final = ">>"
CUT: Final = "..."
"""Where the middle of a text was left out."""

_BRACKETS: Final = str.maketrans(
    {
        "<": "\u2039",
        ">": "\u203a",
        "\uff1c": "\u2039",  # full-width; a server that normalises would make them plain again
        "\uff1e": "\u203a",
        "\ufe64": "\u2039",  # small
        "\ufe65": "\u203a",
        "\u226e": "\u2039",  # crossed out; taken apart, there is a plain one in it
        "\u226f": "\u203a",
        "[": "(",
        "]": ")",
        "\uff3b": "(",
        "\uff3d": ")",
        "\ufe47": "(",  # for text that runs downwards
        "\ufe48": ")",
    }
)

# Only what ends as an entity should: "R&D" and "?a=1&copy=2" mean themselves.
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")

_BREAKS: Final = frozenset({"Cc", "Zl", "Zp", "Zs"})
_NOTHING: Final = frozenset({"Cf", "Cs", "Cn", "Co"})
_JOINERS: Final = frozenset("\u200c\u200d")  # parts of words and of emoji in many scripts

# A character is at most four bytes and a token at least one: this bounds tokens, whatever the
# script, at twice what plain text of the same length could come to.
_BYTES_PER_CHARACTER: Final = 2

_PIECES_TELL: Final = 20
"""Characters or bytes."""


@dataclass(frozen=True, slots=True)
class Room:
    """How much of a text is shown."""

    characters: int
    bytes: int

    @classmethod
    def of(cls, limit: int, share: float = 1.0) -> Room:
        """Room for so many characters, or for a share of them.

        A prompt that was too long is dense: full of digits or of a script of many bytes. So the
        bytes shrink twice as fast as the characters, and a share of a half bounds both alike.
        """
        return cls(int(limit * share), int(_BYTES_PER_CHARACTER * limit * share * share))

    @property
    def narrow(self) -> bool:
        """Whether a beginning says more than two pieces."""
        return min(self.characters, self.bytes) < _PIECES_TELL

    def holds(self, text: str) -> bool:
        """Whether the text need not be cut."""
        return len(text) <= self.characters and len(text.encode()) <= self.bytes

    def part(self, number: int) -> Room:
        """One of so many parts."""
        return Room(self.characters // number, self.bytes // number)

    def half(self) -> Room:
        """Room for one of two pieces with a sign between them."""
        return Room(self.characters - len(CUT), self.bytes - len(CUT)).part(2)


def line(text: str, limit: int) -> str:
    """The text as one harmless line of at most `limit` characters."""
    return head(harmless(text[: 4 * limit]), Room.of(limit))


def unescaped(text: str) -> str:
    """A text out of a web page with the signs in place of their entities, which is done once.

    What comes of it must be made harmless: `&lt;` is a bracket then.
    """
    return _ENTITY.sub(lambda match: html.unescape(match.group()), text)


def harmless(text: str) -> str:
    """The whole text as one harmless line."""
    # As nearly all text is: no character of it needs a look.
    plain = text.isascii() and text.isprintable()
    shown = (text if plain else "".join(map(_harmless, text))).translate(_BRACKETS)
    return " ".join(shown.split())


def shortened(text: str, room: Room) -> str:
    """A harmless text, or both its ends where there is no room for the whole."""
    if room.holds(text):
        return text
    if room.narrow:
        return head(text, room)
    half = room.half()
    tail = text[-half.characters :].encode()[-half.bytes :].decode(errors="ignore")
    return f"{head(text, half)}{CUT}{tail.lstrip()}"


def head(text: str, room: Room) -> str:
    """The beginning of a harmless text: whatever the room, one character of it."""
    beginning = text[: room.characters].encode()[: room.bytes].decode(errors="ignore")
    return beginning.rstrip() or text[:1]


def size(text: str) -> int:
    """The smallest limit under which a harmless text is not cut."""
    return max(len(text), -(-len(text.encode()) // _BYTES_PER_CHARACTER))


def fenced(lines: Iterable[str]) -> str:
    """Several harmless lines between fences of their own."""
    return "\n".join([OPEN, *lines, CLOSE])


def quoted(text: str) -> str:
    """One harmless line between fences in the line."""
    return f"{OPEN}{text}{CLOSE}"


def _harmless(character: str) -> str:
    if " " <= character <= "~":
        return character
    category = unicodedata.category(character)
    if category in _BREAKS:
        return " "
    return "" if category in _NOTHING and character not in _JOINERS else character
