"""The source: the text that an answer's words are taken from.

Of labelled texts it is the one that the order names ("from the review"), else the last that is
called a text; labels within it (`Size: 10`) belong to it. Else it stands behind the order's colon,
in quotes, or in the last lines.
"""
# ruff: noqa: RUF001 - signs of other scripts are what this reads

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from service.questions.extracts.extraction import extracts, may_extract, takes_out
from service.questions.extracts.target import target_text
from service.questions.layout.headings import Heading, Kind, heading
from service.questions.layout.sections import MOST_SECTIONS, lines_of
from service.questions.layout.stem import Stem
from service.questions.orders.instructions import is_instruction
from service.questions.text.quotes import quotes, without_quotes
from service.questions.text.sentences import split

# What begins another text of the same record, and is no label within a review.
_RECORD: Final = re.compile(
    r"(?:product|item) \w{1,20}|title|query|search query|review|locale|language|text|description"
    r"|marketplace|country|user|customer",
    re.IGNORECASE,
)
_TEXT: Final = re.compile(
    r"query|review|text|title|sentence|description|input|passage|search|comment|utterance|product"
    r"|rezension|anfrage|titel|requête|avis|titre|consulta|reseña|título|ricerca|recensione|titolo"
    r"|avaliação|zoekopdracht|запрос|отзыв|查询|评论|标题|文本|クエリ|レビュー|テキスト|タイトル|リビュー|검색어|리뷰",
    re.IGNORECASE,
)
_FROM: Final = re.compile(
    r"\b(?:from|in|of|within|aus|von|im|de|del|du|des|della|dalla|dal|nel|nella|dans|da|do|na|no"
    r"|uit|van|z|из)\b((?:\W{1,2}\w{1,30}){1,6})",
    re.IGNORECASE,
)
_HEAD_FIRST: Final = re.compile(r" (?:de|del|du|della|di|da|do) | d'", re.IGNORECASE)
_BEHIND_COLON: Final = re.compile(
    r"\b(?:query|search|title|text|review|sentence|description|passage|phrase|name|comment|product)"
    r"[ \t]?:[ \t]{1,3}(?P<text>\S.*)",
    re.IGNORECASE,
)


_ORDERED: Final = re.compile(r"(?P<order>[^:：\n]{1,200})[:：]\s{0,3}(?P<text>[^\s/].*)")
# Behind these words and a colon stands what is looked for, and not where.
_KINDS_FOLLOW: Final = re.compile(
    r"(?:types?|attributes?|aspects?|fields?|categor\w{1,3}|typen?|tipos?|tipi|类型|属性)\s{0,2}$"
    r"|following \w{1,20}\s{0,2}$(?<!text)(?<!title)(?<!query)(?<!review)(?<!sentence)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Block:
    """A labelled text with all lines up to the next heading that is not its own."""

    label: str
    lines: list[str]
    last: bool = False

    def text(self, asker: frozenset[str]) -> str:
        """Without the asker's words behind it."""
        cut = (n for n, line in enumerate(self.lines) if line in asker and extracts(line))
        lines = self.lines[: next(cut, len(self.lines))]
        while self.last and lines and (not lines[-1].strip() or lines[-1] in asker):
            lines = lines[:-1]
        return "\n".join(lines).strip()


def source_text(stem: Stem) -> str:
    """The labelled text, the one behind a colon, or the longest that is quoted."""
    return _labelled(stem) or _behind_colon(stem) or _quoted(stem)


def last_text(stem: Stem) -> str:
    """What stands below the order, the last paragraph, or the last line of the only one."""
    lines = stem.text.split("\n")
    for at, line in enumerate(lines[:-1]):
        if line.rstrip().endswith((":", "\uff1a")) and extracts(without_quotes(line)):
            return "\n".join(lines[at + 1 :]).strip()
    for mark in ("\n\n", "\n"):
        before, _, last = stem.text.rpartition(mark)
        if before:
            return last.strip()
    return ""


def _labelled(stem: Stem) -> str:
    asker = frozenset(line for line in stem.outside.split("\n") if line.strip())
    blocks = [(block, block.text(asker)) for block in _blocks(stem.text)]
    blocks = [(block, text) for block, text in blocks if text]
    orders = [order for order in stem.orders if may_extract(order)]
    named = [text for block, text in blocks if _names(orders, block.label)]
    called = [text for block, text in blocks if _TEXT.search(block.label)]
    return "\n".join(named) or next(reversed(called or [text for _, text in blocks]), "")


def _blocks(text: str) -> list[_Block]:
    """The labelled texts, without those of examples that are answered already."""
    blocks: list[_Block] = []
    done: list[_Block] = []
    lines: list[str] | None = None
    read = 0
    for line in lines_of(text):
        found = heading(line) if read < MOST_SECTIONS else None
        read += found is not None
        if found is not None and _begins(found, blocks, inside=lines is not None):
            lines = [found.rest]
            blocks.append(_Block(found.label, lines))
        elif found is not None and found.kind is not Kind.DATA:
            lines = None
            if found.kind is Kind.ANSWER and found.rest:
                done, blocks = blocks, []
        elif lines is not None:
            lines.append(line)
    blocks = blocks or done
    if blocks and lines is blocks[-1].lines:
        blocks[-1] = _Block(blocks[-1].label, lines, last=True)
    return blocks


def _begins(found: Heading, blocks: Sequence[_Block], *, inside: bool) -> bool:
    """Whether a label begins a text of its own, and does not stand within another."""
    if found.kind is not Kind.DATA:
        return False
    within_text = inside and bool(blocks) and _TEXT.search(blocks[-1].label) is not None
    return not within_text or _RECORD.fullmatch(found.label) is not None


def _names(orders: Sequence[str], label: str) -> bool:
    """Whether the orders say that the words come from what is so called."""
    words = label.casefold().split()
    head = words[0] if _HEAD_FIRST.search(label) else words[-1]
    if not head.isascii() and head[:1] > "\u024f":
        return any(label in order for order in orders)
    said = {
        word.casefold()
        for order in orders
        for match in _FROM.finditer(order)
        for word in re.findall(r"\w+", match[1])
    }
    return head in said or f"{head}s" in said


def _behind_colon(stem: Stem) -> str:
    """What an order has behind its colon: "Find all colours in the query: red hat"."""
    for line in stem.outside.split("\n"):
        match = _BEHIND_COLON.search(line) if may_extract(line) else None
        match = match or _ordered(line)
        if match is not None:
            return _cited(match["text"])
    return ""


def _ordered(line: str) -> re.Match[str] | None:
    """An order to take words out, and behind its colon the text: "Extract all brands: ..."."""
    match = _ORDERED.match(line)
    if match is None or not takes_out(match["order"]) or _KINDS_FOLLOW.search(match["order"]):
        return None
    cites = quotes(match["text"])
    return None if cites and _cited(match["text"]) != cites[0].text else match


def _cited(text: str) -> str:
    """Without an order behind it, and without marks around it."""
    sentences = split(text)
    rules = (n for n, sentence in enumerate(sentences) if n and is_instruction(sentence))
    kept = text if (end := next(rules, None)) is None else text[: text.index(sentences[end])]
    whole = [quote.text for quote in quotes(kept) if len(quote.text) + 2 >= len(kept.strip(" ."))]
    return whole[0] if whole else kept.strip()


def _quoted(stem: Stem) -> str:
    named = target_text(stem)
    quoted = [quote.text for quote in quotes(stem.text) if quote.text != named]
    return max(quoted, key=len, default="")
