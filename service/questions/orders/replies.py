"""Sentences about the form of the reply: its commas, its digits, how long it may be."""

from __future__ import annotations

import re
from typing import Final

from service.questions.orders.instructions import is_question

_FORM: Final = (
    r"commas?|ind(?:ex|ices)|digits?|explanations?|outputs?|repl(?:y|ies)|responses?|answers?"
    r"|formats?|semicolons?|numerals?|json|markdown"
)
_ABOUT_REPLY: Final = re.compile(
    r"\W{0,6}(?:"
    rf"(?:separate|print|keep|format|put|show|state|submit|avoid|omit|skip|limit|include|report"
    rf"|display|insert|enter|type|leave) (?:.{{0,80}}[ -])?(?:{_FORM})\b"
    r"|(?:no|without|skip) (?:\w{1,20} ){0,3}(?:explanations?|comments?|commentary|reasoning"
    r"|justifications?|outputs?|prose)\b"
    r"|(?:your|the) (?:\w{1,20} )?(?:reply|response|result|format)"
    r" (?:must|should|may|shall|has to|needs to|is to)\b"
    r"|nothing else\b)",
    re.IGNORECASE,
)


def is_about_reply(sentence: str) -> bool:
    """Whether it only says how the reply is to look, and nothing of what is asked."""
    return _ABOUT_REPLY.match(sentence) is not None and not is_question(sentence)
