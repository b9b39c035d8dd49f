"""Sentences that tell their reader what to do, in the languages that shops are asked in.

This keeps honest models' asides and plain attempts at injection out of a prompt. It is no promise:
what promises is the fence around the text, and an answer that can only be one of the options.
Every pattern is read in one pass: gaps are bounded, and nothing repeats inside a repetition.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from service.prompts import commands_asian as asian
from service.prompts import commands_english as english
from service.prompts import commands_european as european

_INSTRUCTION: Final = re.compile(
    "|".join(
        [
            *(*english.AWAY, *english.ENGLISH),
            *(*european.GERMAN, *european.DUTCH, *european.RUSSIAN),
            *(*european.FRENCH, *european.SPANISH, *european.ITALIAN, *european.PORTUGUESE),
            *(*asian.CHINESE, *asian.JAPANESE, *asian.HINDI, *asian.ARABIC),
        ]
    )
)
# The joiners are invisible, and a fence lets them through for the scripts that need them.
_AS_TYPED: Final = str.maketrans({"\u2019": "'", "\u200c": None, "\u200d": None})
_OPENING_MARKS: Final = " \"'(\u201c\u2018\u00ab\u2039\u00a1\u00bf\u300c"


def instructs(sentence: str) -> bool:
    """Whether the sentence reads as an instruction."""
    plain = unicodedata.normalize("NFKC", sentence).casefold().translate(_AS_TYPED)
    return bool(_INSTRUCTION.search(plain.lstrip(_OPENING_MARKS)))
