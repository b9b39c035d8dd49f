"""What an answer is worth, token by token: read as the evaluator reads it, judged as the service.

Nothing of this knows how the policy learns: both ways to learn ask here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from models.evaluate.recommend.free import unread_in
from models.rl.asked import Asked
from models.rl.credit import ends_of, places, spread
from models.rl.ranks import Ranks
from models.rl.rewards import Rewards, rewards
from models.sft.data.example import Wanted
from service.engines.text.tokenizer import ChatTokenizer
from service.pipeline.listing import listed_in
from service.pipeline.titles import Titles
from service.ports import Catalogue


@dataclass(frozen=True, slots=True)
class Judged:
    """What an answer is worth, and what each of its tokens earned."""

    rewards: Rewards
    tokens: tuple[float, ...]
    lines: tuple[int, ...] = ()
    """The tokens that complete the lines."""


class Judge(Protocol):
    """Says what answers are worth."""

    def of(self, asked: Asked, tokens: Sequence[int]) -> Judged:
        """What one answer is worth, its last token included."""
        ...


class ListJudge:
    """Judges lists of a catalogue's items."""

    def __init__(self, catalogue: Catalogue, ranks: Ranks, tokenizer: ChatTokenizer) -> None:
        self._catalogue = catalogue
        self._titles = Titles.of(catalogue)
        self._ranks = ranks
        self._tokenizer = tokenizer

    def of(self, asked: Asked, tokens: Sequence[int]) -> Judged:
        """What one answer is worth, its last token included."""
        said = tokens[:-1] if tokens[-1] == self._tokenizer.end else tokens
        text, wanted = self._tokenizer.decode(said), asked.wanted
        lines, unread = listed_in(text, wanted.k), unread_in(text, wanted.k)
        rows = self._named([line.text for line in lines], wanted)
        items = [None if row is None else self._catalogue.item(row) for row in rows]
        row_of = {item.id: row for item, row in zip(items, rows, strict=True) if item is not None}
        ranking = self._ranks.after(wanted.history)
        found = rewards(items, wanted, lambda item: int(ranking[row_of[item.id]]), len(unread))
        ends = ends_of(self._tokenizer.decode_each, said) if said else [0]
        at = places([line.end for line in (*lines, *unread)], ends)
        return Judged(found, tuple(spread(found, at, len(tokens))), tuple(at))

    def _named(self, lines: Sequence[str], wanted: Wanted) -> list[int | None]:
        """The rows that lines name; where items share a title, the one that is worth most."""
        target, *past = self._catalogue.rows([wanted.target, *wanted.history]).tolist()
        return self._titles.named(lines, first=target, last=past)
