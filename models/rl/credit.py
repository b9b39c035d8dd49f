"""Which token of an answer earns which reward.

A line's reward falls on the token that ends it, its line break included; that of the list, and of
lines that lack, on the last token of the answer. A text that is no list has lines as well.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import accumulate

from models.rl.rewards import Rewards


def ends_of(decode: Callable[[list[Sequence[int]]], list[str]], tokens: Sequence[int]) -> list[int]:
    """How long the text is after each token.

    Half a character is decoded to a sign that the next token takes back: an end is never behind
    the one after it.
    """
    texts = decode([tokens[: place + 1] for place in range(len(tokens))])
    return list(accumulate(reversed([len(text) for text in texts]), min))[::-1]


def places(lines: Sequence[int], ends: Sequence[int]) -> list[int]:
    """The token that completes each line, by where lines and tokens end in the text."""
    return [min(bisect_left(ends, line), len(ends) - 1) for line in lines]


def spread(found: Rewards, lines: Sequence[int], tokens: int) -> list[float]:
    """The reward of each token of an answer, by the tokens that complete its lines."""
    earned = [0.0] * tokens
    lacking = [tokens - 1] * (len(found.lines) - len(lines))
    for place, reward in zip([*lines, *lacking], found.lines, strict=True):
        earned[place] += reward
    earned[-1] += found.whole
    return earned
