"""General instructions from a file the user brings: kept up, what a model could do before stays.

Three shapes are read: {instruction, input?, output}, {conversations: [{from, value}...]} and
{messages: [{role, content}...]}. Of a conversation the first question with its answer is taken: a
prompt has no place for earlier turns.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from models.sft.data.example import Example, is_text
from models.sft.data.kinds import Kind
from models.sft.data.lists import Made
from models.sft.data.records import Row
from service.domain import Prompt

VERSION: Final = "general/1"
SYSTEM: Final = "You are a helpful assistant."
"""Where a row says nothing of its own."""

NO_ANSWER: Final = "the row has no answer"
NO_QUESTION: Final = "the row has no question"
NO_TEXT: Final = "the row holds NUL or half a character"
UNKNOWN: Final = "the row has none of the three shapes"

_USERS: Final = frozenset({"human", "user"})
_MODELS: Final = frozenset({"gpt", "assistant", "model", "chatgpt", "bing", "bard"})


def general(row: Row) -> Made:
    """The example of a row, or why there is none."""
    if "instruction" in row:
        question = "\n".join(filter(None, (_text(row["instruction"]), _text(row.get("input")))))
        return _example(_text(row.get("system")), question, _text(row.get("output")))
    for name, who, what in (("conversations", "from", "value"), ("messages", "role", "content")):
        if isinstance(turns := row.get(name), list):
            return _first(list(_turns(turns, who, what)))
    return UNKNOWN


def _first(turns: list[tuple[str, str]]) -> Made:
    """The first question, and what was answered right after it."""
    asked = next((at for at, (who, _) in enumerate(turns) if who in _USERS), None)
    if asked is None:
        return NO_QUESTION
    system = next((text for who, text in turns[:asked] if who == "system"), "")
    answered = turns[asked + 1 : asked + 2]
    answer = "".join(text for who, text in answered if who in _MODELS)
    return _example(system, turns[asked][1], answer)


def _turns(turns: list[Any], who: str, what: str) -> Iterator[tuple[str, str]]:
    for turn in turns:
        if isinstance(turn, dict):
            yield str(turn.get(who)).lower(), _text(turn.get(what))


def _example(system: str, question: str, answer: str) -> Made:
    if not question:
        return NO_QUESTION
    if not answer:
        return NO_ANSWER
    if not is_text(system + question + answer):
        return NO_TEXT
    prompt = Prompt(VERSION, system or SYSTEM, question)
    return Example(Kind.GENERAL, prompt, answer, label=Kind.GENERAL)


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
