"""What a user might say who wants one certain item: its categories in a sentence, or its title.

Made for what is asked about, so such words tell something of the target, as a user's own would.
They name categories and words that many items share; never the whole of a title of three words
or more. Dice decide which, so one case has the same words in every run, and others in tuning.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from service.domain import Intent, Item

SENTENCES: Final = (
    "I feel like {} today.",
    "Something with {}, please.",
    "What do you have in the way of {}?",
    "Show me {} that would suit me.",
    "Could it be {} this time?",
    "My mood says {}.",
    "Surprise me, as long as it is {}.",
    "Looking for {}, nothing too far from my usual.",
    "A friend told me to give {} a try.",
    "It's for the weekend: {}.",
    "Which {} should be next for me?",
    "Not sure what exactly, but {} sounds right.",
    "More {} would be welcome.",
)

MOST_NAMED: Final = 2
"""Categories in one sentence: people name one, or two, not every shelf an item stands on."""

WORD: Final = re.compile(r"[^\W\d_]+")
LEAST_LETTERS: Final = 3
"""A word of fewer is no search, unless its script writes whole words with so few."""


def wishes_of(item: Item, dice: np.random.Generator) -> Intent | None:
    """A sentence that names one or two of the item's categories; None where it has none."""
    if not item.categories:
        return None
    order = dice.permutation(len(item.categories))[: dice.integers(1, MOST_NAMED + 1)]
    named = " and ".join(item.categories[place] for place in order.tolist())
    return Intent(text=SENTENCES[int(dice.integers(len(SENTENCES)))].format(named))


@dataclass(frozen=True, slots=True)
class Rarity:
    """In how many of a catalogue's titles each word stands."""

    titles: Mapping[str, int]

    @classmethod
    def among(cls, items: Iterable[Item]) -> Rarity:
        """Count the words of all titles, each once a title."""
        return cls(Counter(word for item in items for word in set(words(item.title))))

    def query_of(self, item: Item, dice: np.random.Generator) -> Intent | None:
        """One or two of the rarest words of the item's title, as they stand there.

        None where no word is fit to search for.
        """
        fit = list(dict.fromkeys(words(item.title)))
        if not fit:
            return None
        rarest = sorted(fit, key=lambda word: self.titles.get(word, 0))
        rarest = rarest[: dice.integers(1, 3)]
        return Intent(query=" ".join(word for word in fit if word in rarest))


def words(title: str) -> list[str]:
    """The words of a title that one might search for, in lower case."""
    return [
        word
        for word in WORD.findall(title.lower())
        if len(word) >= LEAST_LETTERS or not word.isascii()
    ]
