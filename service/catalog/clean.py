"""Text as it comes in the wild, made fit to be shown, spelled and put into a prompt.

Everything here is pure and idempotent. What a reader can see is kept; what hides, breaks a line
or would reach a model as one of its special tokens is not.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from html.entities import html5
from typing import Final

# Decoding is repeated for what was escaped twice, but a title made of nothing else must not cost
# the square of its length: entities left after this many rounds are broken up instead.
_ROUNDS: Final = 4

# Only entities with their semicolon: "arts&times" is a title, not a multiplication sign.
_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,10}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{1,31});")

# Printable ASCII without "&", "<" and "[", single spaces inside: nothing to do, and most titles.
_PLAIN: Final = re.compile(r"[!-%'-;=-Z\\-~]+(?: [!-%'-;=-Z\\-~]+)*")

_SPACES: Final = re.compile(r"[\s\u2800]+")  # \u2800 is the blank Braille cell

# Controls that are no white space, surrogates, noncharacters, format characters and whatever else
# Unicode calls "default ignorable": invisible, so only good for hiding or splitting words.
_HIDDEN: Final = (
    r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"
    r"\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    r"\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e001f\U000e0080-\U000e00ff\U000e01f0-\U000e0fff"
)
# Invisible too, but part of what is seen where they stand within emoji, joined scripts and CJK.
_SHAPING: Final = r"\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e007f\U000e0100-\U000e01ef"
_EMOJI: Final = (
    r"\xa9\xae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
_JOINED: Final = r"\u0590-\u1cff\ua840-\uabff\U00010a00-\U00011fff"
_CJK: Final = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_INVISIBLE: Final = re.compile(
    rf"((?<=[{_EMOJI}\ufe0f\U000e007f])\u200d(?=[{_EMOJI}])"  # families, professions
    rf"|(?<=[{_EMOJI}])[\ufe0e\ufe0f]"  # drawn as emoji or as text
    r"|(?<=[0-9#*])\ufe0f(?=\u20e3)"  # keycaps
    r"|(?<=\U0001f3f4)[\U000e0020-\U000e007e]{1,6}\U000e007f"  # flags of regions
    rf"|(?<=[{_JOINED}])[\u200c\u200d]"  # Persian, Indic
    rf"|(?<=[{_CJK}])[\ufe00-\ufe02\U000e0100-\U000e01ef])"  # variants of an ideograph
    rf"|[{_HIDDEN}{_SHAPING}]"
)
_SUSPECT: Final = re.compile(f"[{_HIDDEN}{_SHAPING}]")

# The shapes of the tokens that chat templates are made of, whosever model it is. Each match is
# the opening bracket alone, which is then parted from what follows. \uff1c \uff5c \uff1e are the
# full-width "<", "|" and ">".
_BRACKET: Final = re.compile(r"[<\uff1c\[]")
_TEMPLATE: Final = re.compile(
    r"[<\uff1c](?=[|\uff5c])"  # <|im_start|>, <|eot_id|>
    r"|\[(?=[|\uff5c])"  # [|user|]
    r"|[<\uff1c](?=[<\uff1c]/?SYS[>\uff1e])"
    r"|[<\uff1c](?=/?[a-z0-9]+(?:[_\u2581][a-z0-9]+)+[>\uff1e])"  # <start_of_turn>
    r"|[<\uff1c](?=/?(?:s|unk|pad|bos|eos|eod|eot|sop|eop|cls|sep|mask|think|image|video|audio|bot"
    r"|user|assistant|system|human|tool|reponame|filename|0x[0-9a-f]{2}|unused[0-9]+)[>\uff1e])"
    r"|\[(?=/?(?:INST|SYS|[gs]?MASK|CLS|SEP|PAD|UNK|BOS|EOS|PREFIX|SUFFIX|MIDDLE|IMG"
    r"|[a-z0-9]+(?:_[a-z0-9]+)+)\])",  # [INST], [TOOL_CALLS]
    re.IGNORECASE,
)


def clean_title(raw: str) -> str:
    """The title as it can be shown and spelled: one line, NFC, no entity, no special token."""
    if _PLAIN.fullmatch(raw):
        return raw
    text = raw
    for _ in range(_ROUNDS):
        text = _visible(text)
        decoded = decode_entities(text)
        if decoded == text:
            break
        text = decoded
    return _settled(text)


def clean_category(raw: str) -> str:
    """The category's name, cleaned as a title is."""
    return clean_title(raw)


def decode_entities(text: str) -> str:
    """HTML entities replaced by what they stand for, once."""
    return _ENTITY.sub(_decoded, text) if "&" in text else text


def neutralise(text: str, specials: Sequence[str]) -> str:
    """The text with none of the special tokens in it: parted by a space, or taken out if need be.

    Taking out is for tokens that no space can part: single characters, or letters with spaces
    already between them.
    """
    pattern = _any_of(tuple(specials))
    if pattern is None:
        return text
    # Parting one token may leave another that overlapped it, hence the rounds.
    for _ in range(_ROUNDS):
        parted = pattern.sub(_part, text)
        if parted == text:
            return text
        text = parted
    # Each further round shortens the text, so this ends.
    while pattern.search(text):
        text = pattern.sub("", text)
    return text


def _settled(text: str) -> str:
    """Apply what is left until nothing changes.

    One step can make work for another: what a hidden character kept apart may form a token. It
    ends, since hidden characters only become fewer and a bracket is parted only once.
    """
    while True:
        step = _SPACES.sub(" ", _visible(text)).strip()
        step = _ENTITY.sub(_broken, step) if "&" in step else step
        step = _TEMPLATE.sub(r"\g<0> ", step) if _BRACKET.search(step) else step
        if step == text:
            return text
        text = step


def _visible(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    return _INVISIBLE.sub(r"\1", text) if _SUSPECT.search(text) else text


def _decoded(match: re.Match[str]) -> str:
    entity = match[0]
    return html.unescape(entity) if entity[1] == "#" else html5.get(entity[1:], entity)


def _broken(match: re.Match[str]) -> str:
    entity = match[0]
    return entity if _decoded(match) == entity else f"& {entity[1:]}"


@lru_cache(maxsize=64)
def _any_of(specials: tuple[str, ...]) -> re.Pattern[str] | None:
    longest_first = sorted({special for special in specials if special}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None


def _part(match: re.Match[str]) -> str:
    """The token with a space where it is not beside another, which folding would undo."""
    token = match[0]
    for at in range(1, len(token)):
        if not (token[at - 1].isspace() or token[at].isspace()):
            return f"{token[:at]} {token[at:]}"
    return ""
