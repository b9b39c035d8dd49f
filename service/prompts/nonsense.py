"""Nonsense: replies of a model that has lost its way, and sentences that say nothing."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Final

LEAST_WORDS: Final = 3
LEAST_CHARACTERS: Final = 6
"""Of a script without spaces between words."""

_LONGEST_WORD: Final = 30
_MOST_OF_ONE: Final = 0.5
_LEAST_VARIETY: Final = 0.25
_LEAST_READABLE: Final = 0.6
_MANY: Final = 8
_STRETCH: Final = 200
"""Pieces looked at together: the longer a text, the fewer of its words are new."""

_NO_SPACES: Final = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]"
)
_RUN: Final = re.compile(r"(.)\1{4}")
_WORD: Final = re.compile(r"[^\W_]+(?:['\u2019.,:/&%\u2013-][^\W_]+){0,6}%?")
_EDGES: Final = "\"'\u201c\u201d\u2018\u2019().,:;!?\u2026$\u20ac\u00a3#\u203a\u2039"

_BETWEEN_NUMERALS: Final = re.compile(r"(?<=\d) ?[=+x\u00d7*/\u00f7] ?(?=[\d$\u20ac\u00a3])")

_ASIDE: Final = re.compile(
    r"(?:sure|certainly|of course|okay|ok|great question|i'm sorry|i am sorry|sorry|i cannot"
    r"|i can't|i am unable|i'm unable|as an ai|as a language model"
    r"|here(?:'s| is| are)|let's|let me)\b"
    r"[^.:!]{0,120}[.:!]?$"
)


def is_aside(sentence: str) -> bool:
    """Whether the sentence is about the reply itself: a courtesy, an announcement, a refusal."""
    return bool(_ASIDE.match(sentence.casefold().replace("\u2019", "'")))


def is_nonsense(text: str) -> bool:
    """Whether the text says nothing that could help."""
    if len(_NO_SPACES.findall(text)) >= LEAST_CHARACTERS:
        return _repetitive([*text.replace(" ", "")])
    spaced, operators = _BETWEEN_NUMERALS.subn(lambda sign: f" {sign.group().strip()} ", text)
    words = [bare for word in spaced.casefold().split() if (bare := word.strip(_EDGES))]
    # A calculation says something without a word.
    tells = str.isalnum if operators else str.isalpha
    named = [word for word in words if any(map(tells, word))]
    return len(named) < LEAST_WORDS or _repetitive(words) or not _readable(words)


def _repetitive(pieces: Sequence[str]) -> bool:
    starts = range(0, max(1, len(pieces) - _STRETCH + 1), _STRETCH)
    return any(_repeats(pieces[start : start + _STRETCH]) for start in starts)


def _repeats(pieces: Sequence[str]) -> bool:
    if len(pieces) < _MANY:
        return len(set(pieces)) == 1
    most = Counter(pieces).most_common(1)[0][1]
    return most > _MOST_OF_ONE * len(pieces) or len(set(pieces)) < _LEAST_VARIETY * len(pieces)


def _readable(words: Sequence[str]) -> bool:
    readable = sum(len(word) for word in words if _is_word(word))
    return readable >= _LEAST_READABLE * sum(map(len, words))


def _is_word(word: str) -> bool:
    # The vowel signs of many scripts are marks and no letters.
    bare = "".join(char for char in word if not unicodedata.category(char).startswith("M"))
    return len(bare) <= _LONGEST_WORD and bool(_WORD.fullmatch(bare)) and not _RUN.search(word)
