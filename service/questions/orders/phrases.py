"""What a number stands before in English: several things, or the name of one of them.

"Choose two mugs", "two of them" and "the two best" count; "two tone shirt" and "2 stroke oil" name.
"""

from __future__ import annotations

import re
from itertools import islice, takewhile
from typing import Final

_STOP_WORDS: Final = """
    of from between among in on at by to for with without as that which who whose when where if
    so and or then but per each the these those this a an you they we i he she it them customers
    is are was were be has have had do does did can could may might will would should must
    most best least please only just not no one based according separated divided comma listed
    given below above following covered matching related mentioned described ranked ordered sorted
    using altogether overall now here again like likely e.g comma-separated pick choose select
"""
_STOPS: Final = frozenset(_STOP_WORDS.split())
_SINGULAR_VERBS: Final = frozenset({"is", "has", "was", "does"})
_PLURAL: Final = re.compile(
    r".{2,40}[^su\W]s|.{1,40}[^\x00-\x7f].{0,40}"
    r"|people|men|women|children|feet|teeth|mice|geese|criteria|media|others|more|different"
)
# Askers forget the plural of what every list holds.
_OF_LISTS: Final = re.compile(
    r"options?|items?|products?|candidates?|choices?|things?|snippets?|aspects?|quer(?:y|ies)"
    r"|reviews?|titles?|answers?|numbers?|ind(?:ex|ices)|labels?|categor(?:y|ies)"
    r"|similar|correct|right|suitable|relevant|fitting"
)
_SUPERLATIVE: Final = re.compile(r"(?!(?:ch|v|gu|t|for|harv)est)[a-z]{2,20}est")
_LONGEST: Final = 6


def counts_things(tokens: list[str], place: int) -> bool:
    """Whether a plural, a word for what lists hold, or nothing stands behind a number."""
    words = _phrase(tokens, place)
    if not words or any(map(_PLURAL.fullmatch, words)):
        return True
    return any(map(_OF_LISTS.fullmatch, words[-1:])) or any(map(_SUPERLATIVE.fullmatch, words[:1]))


def names_one(tokens: list[str], place: int) -> bool:
    """Whether a number belongs to one thing that something is asked of: "which 2 tone mug is"."""
    after = tokens[place + 1 + len(_phrase(tokens, place)) :][:1]
    return not counts_things(tokens, place) and not _SINGULAR_VERBS.isdisjoint(after)


def _phrase(tokens: list[str], place: int) -> list[str]:
    """The words behind a number, up to one that goes on with the sentence."""
    rest = islice(tokens, place + 1, place + 1 + _LONGEST)
    return list(takewhile(lambda word: word not in _STOPS, rest))
