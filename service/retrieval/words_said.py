"""The words of a wish, and which of them say what is not wanted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

READ: Final = 500
"""Words and signs of a wish that are looked at."""

WORD: Final = re.compile(r"\w+(?:['\u2019]\w+)*|&")
"""A word, or the sign that reads as one."""

TOKEN: Final = re.compile(WORD.pattern + r"|[.,;:!?()\n\u2026\u2013\u2014]|(?<=\s)-(?=\s)")
"""A word, or what ends a clause."""

AND: Final = "and"
ENDS_SENTENCE: Final = frozenset(".!?\n\u2026")

RULES_OUT: Final = frozenset(
    {"no", "not", "non", "without", "except", "never", "avoid", "avoiding", "hate", "hates"}
    | {"nothing", "less", "cannot", "dislike", "dislikes"}
)
"""Not what follows, up to the clause's end. So does every word that ends in n't."""

PAIRS: Final = frozenset(
    {("instead", "of"), ("rather", "than"), ("other", "than"), ("apart", "from")}
)
"""Two words that do the same."""

WELCOME: Final = frozenset({"enough", "mind"})
"""Nobody who cannot get enough of something, or would not mind it, rules it out."""

ALL: Final = frozenset({"all", "any", "anything", "anyone", "everything", "everyone"})
"""Before "but": all, only not what follows. Elsewhere "but" ends what was ruled out."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word, and how it stands there."""

    written: str
    first: bool
    """Of its sentence, where any word is capitalised."""
    unwanted: bool
    """Whether what came before rules it out."""

    @property
    def read(self) -> str:
        """As it is compared: spelled in one way."""
        return AND if self.written == "&" else self.written.lower().replace("\u2019", "'")


def words_said(text: str) -> tuple[Word, ...]:
    """The words of a text, of its beginning if it is long."""
    composed = unicodedata.normalize("NFC", text)
    tokens = [token.group() for token in islice(TOKEN.finditer(composed), READ)]
    words: list[Word] = []
    first, unwanted = True, False
    for at, piece in enumerate(tokens):
        if not WORD.match(piece):
            first, unwanted = first or piece in ENDS_SENTENCE, False
            continue
        words.append(Word(piece, first, unwanted))
        first, unwanted = False, _unwanted(tokens, at, before=unwanted)
    return tuple(words)


def _unwanted(tokens: Sequence[str], at: int, *, before: bool) -> bool:
    """Whether what comes after this word is ruled out."""
    last, word, following = (_read(tokens, place) for place in (at - 1, at, at + 1))
    if word == "but":
        return last in ALL
    if word in WELCOME:
        return False
    if last == "why" or (word == "not" and following in {"only", "just"}):
        return before
    turns = word in RULES_OUT or word.endswith("n't") or (word, following) in PAIRS
    return turns or before


def _read(tokens: Sequence[str], at: int) -> str:
    return tokens[at].lower().replace("\u2019", "'") if 0 <= at < len(tokens) else ""
