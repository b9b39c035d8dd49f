"""Texts cut to the room there is, in such a way that those that differ still do.

Titles in a shop begin alike, with a brand and a kind of thing, and often end alike too: cut at the
same places, many could not be told from each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from service.prompts.fence import CUT, Room, head, shortened

_MUCH: Final = 4
"""What all begin with says what all of them are: it stays if it takes less than this part."""


def told_apart(texts: Sequence[str], room: Room) -> list[str]:
    """Harmless texts: as they are if each has room, else cut where they do not differ."""
    if all(map(room.holds, texts)):
        return list(texts)
    told = _without_common_words(texts, room)
    shown = [shortened(text, room) for text in told]
    pending = list(_alike(told, shown, range(len(told))))
    while pending:
        group = pending.pop()
        start = _in_common([told[place] for place in group])
        for place in group:
            shown[place] = _seen_from(told[place], start, room)
        pending += [less for less in _alike(told, shown, group) if len(less) < len(group)]
    return shown


def _without_common_words(texts: Sequence[str], room: Room) -> list[str]:
    """The texts without the words that all begin with; of a text without others, the last stays."""
    words = [text.split(" ") for text in texts]
    common = min(_in_common(words), min(map(len, words)) - 1) if len(words) > 1 else 0
    if room.part(_MUCH).holds(" ".join(words[0][:common])):
        return list(texts)
    return [" ".join(own[common:]) for own in words]


def _in_common(given: Sequence[str] | Sequence[list[str]]) -> int:
    """How many characters, or words, all begin with: what the first and the last in order do."""
    first, last = min(given), max(given)
    pairs = enumerate(zip(first, last, strict=False))
    return next((n for n, (one, other) in pairs if one != other), min(len(first), len(last)))


def _alike(
    texts: Sequence[str], shown: Sequence[str], places: Iterable[int]
) -> Iterator[list[int]]:
    """Groups of different texts that are shown alike."""
    groups = defaultdict(list)
    for place in places:
        groups[shown[place]].append(place)
    for group in groups.values():
        if len({texts[place] for place in group}) > 1:
            yield group


def _seen_from(text: str, start: int, room: Room) -> str:
    """A text's beginning, if there is room for it, and what stands where it differs."""
    if start >= len(text):
        return shortened(text, room)
    piece = room if room.narrow else room.half()
    word = text.rfind(" ", 0, start) + 1
    rest = text[word if piece.part(2).holds(text[word:start]) else start :].lstrip()
    return head(rest, piece) if room.narrow else f"{head(text, piece)}{CUT}{head(rest, piece)}"
