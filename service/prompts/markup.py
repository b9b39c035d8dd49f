"""A model's reply without its dress: markdown, tags, tokens of chat templates, names of roles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from service.prompts.fence import line, unescaped

# A model that writes on after the end of its turn writes other people's turns.
_TURN_ENDS: Final = re.compile(
    r"<\|(?:im_end|eot_id|end|endoftext|end_of_text|eom_id|end_of_turn)\|>"
    r"|</s>|<end_of_turn>|<\uff5cend\u2581of\u2581sentence\uff5c>",
    re.IGNORECASE,
)
_TURN_BEGINS: Final = re.compile(
    r"<\|(?:im_start|start_header_id)\|>\s{0,3}\w{0,12}|<start_of_turn>\s{0,3}\w{0,12}",
    re.IGNORECASE,
)
_TOKENS: Final = re.compile(
    r"<\|[^<>|]{0,40}\|>|<\uff5c[^<>\uff5c]{0,40}\uff5c>|<</?SYS>>|\[/?[A-Z_]{2,24}\]"
    r"|</?[A-Za-z][^<>]{0,80}>",
)
_LINK: Final = re.compile(r"!?\[([^\[\]\n]{0,200})\]\([^()\s]{0,300}\)")
_RULER: Final = re.compile(r"^[ \t|:=_*-]{3,}$", re.MULTILINE)
_EMPHASIS: Final = re.compile(r"[*`~|]+|_{2,}")
_TIMES: Final = re.compile(r"(?<=\d) ?\* ?(?=\d)")
_THINKING_ENDS: Final = "</think>"
_CODE_FENCE: Final = re.compile(r"^[ \t]{0,8}(?:```|~~~)[^\n]{0,40}$", re.MULTILINE)
# A mark alone: what follows a number could be a price, so a space must follow it.
_MARK: Final = re.compile(
    r"[ \t]*(?:#{1,6}|\u203a{1,3}|[-+\u2022\u00b7\u2013\u2014]|\(?\d{1,3}[.)])[ \t]+"
)
_ROLE: Final = re.compile(
    r"\s*(?:system|assistant|user|human|ai|developer|tool|model|bot|instructions?"
    r"|answer|output|response|reply|notes?|thoughts?|analysis)"
    r"\s?(?:message|prompt|\([^()]{0,40}\))?\s?[:\uff1a]+\s*",
    re.IGNORECASE,
)
_ENDS: Final = ".!?\u2026\u0964\u0965\u061f\u06d4"
_ENDS_UNSPACED: Final = "\u3002\uff01\uff1f\uff61"
_CLOSING: Final = "\"'\u201d\u2019)\u00bb\u203a\u300d\u300f\uff09"
_SENTENCE_END: Final = re.compile(rf"(?<=[{_ENDS}])[\"'\u201d\u2019)]?\s+|(?<=[{_ENDS_UNSPACED}])")
_MARKS_IN_A_ROW: Final = 6
_LONGEST: Final = 8_000


def sentences(text: str, *, cut_off: bool = False) -> Iterator[str]:
    """The reply's sentences, each one harmless line; of a reply cut off only the finished ones."""
    found = list(_sentences(text))
    if cut_off and found and not _is_finished(found[-1]):
        found.pop()
    return map(_stopped, found)


def _sentences(text: str) -> Iterator[str]:
    whole = unescaped(text)
    concluded = whole.rpartition(_THINKING_ENDS)[2]
    for row in _plain(concluded.strip() or whole).splitlines():
        shown = _unmarked(line(row, _LONGEST))
        for sentence in _SENTENCE_END.split(shown):
            if bare := _unmarked(sentence or "").strip():
                yield bare


def _is_finished(sentence: str) -> bool:
    return sentence.rstrip(_CLOSING).endswith((*_ENDS, *_ENDS_UNSPACED))


def _stopped(sentence: str) -> str:
    stops = (*_ENDS, *_ENDS_UNSPACED, *":;,\uff1a")
    return sentence if sentence.endswith(stops) else sentence + "."


def _plain(text: str) -> str:
    own = next((turn for turn in map(_untagged, _TURN_ENDS.split(text)) if turn.strip()), "")
    unruled = _RULER.sub("", _CODE_FENCE.sub("", own))
    unruled = _TIMES.sub(" \u00d7 ", unruled)
    return _EMPHASIS.sub("", _LINK.sub(r"\1", unruled))


def _untagged(turn: str) -> str:
    return _TOKENS.sub(" ", _TURN_BEGINS.sub("\n", turn))


def _unmarked(text: str) -> str:
    """Without the marks of lists, quotations and headings, and the names of roles, in front."""
    for _ in range(_MARKS_IN_A_ROW):
        mark = _MARK.match(text) or _ROLE.match(text)
        if mark is None:
            break
        text = text[mark.end() :]
    return text
