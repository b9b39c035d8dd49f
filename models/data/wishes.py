"""What a user might say who wants one certain item: its categories in a sentence, or its title.

Made for what is asked about, so such words tell something of the target, as a user's own would.
They name categories and words that many items share; never the whole of a title of three words
or more. Dice decide which, so one case has the same words in every run. Weights are found with
some sentences and tested with others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from service.domain import Intent, Item

TUNED: Final = (
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
"""What is learnt with."""

TESTED: Final = (
    "I could do with {} right now.",
    "Anything good among {}?",
    "We are after {} tonight.",
    "Pick me some {}.",
    "It has been a long time since I had {}.",
    "Would you know of {} that I might enjoy?",
    "My sister swears by {}, so why not.",
    "{} would make my evening.",
    "Let us go for {} for a change.",
    "I can never get enough of {}.",
    "What about {}, for a rainy day?",
)
"""What is tested with: nobody asks in the very sentences that weights were found with. The shares
below were looked at with these, about other targets."""

AIMLESS_TUNED: Final = (
    "Surprise me.",
    "Anything you like.",
    "What would you suggest?",
    "I don't mind, you choose.",
    "Show me what you have for me today.",
    "Whatever suits me best, please.",
    "I'm only looking around.",
    "Got a good idea for somebody like me?",
)
AIMLESS_TESTED: Final = (
    "No idea what I want.",
    "Dealer's choice!",
    "Any recommendations?",
    "Find me something.",
    "What should I take next?",
    "I trust your taste.",
    "Hello there, what is good?",
)
"""Sentences that tell nothing of what is wanted, to learn with and to test with."""

MOST_WORDS: Final = 3
"""Words of a title in one sentence."""

MISTAKEN: Final = 0.05
"""How often a wish that is learnt from names what its target is not: people change their minds, and
what always holds would get a weight without an end."""

KINDRED: Final = 0.3
STRAY: Final = 0.1
AIMLESS: Final = 0.2
"""How often a sentence that names no category has words of another item's title than its target's
(of one that shares a category with it, or of any), or tells nothing at all. People seldom find just
the words of a title.
"""

MOST_NAMED: Final = 2
"""Categories in one sentence: people name one, or two, not every shelf an item stands on."""

WORD: Final = re.compile(r"[^\W\d_]+")
LEAST_LETTERS: Final = 3
"""A word of fewer is no search, unless its script writes whole words with so few."""


def wishes_of(
    item: Item,
    dice: np.random.Generator,
    sentences: Sequence[str] = TUNED,
    others: Sequence[str] = (),
) -> Intent | None:
    """A sentence that names one or two of the item's categories; None where it has none.

    Where there are `others`, it now and then names one of those that the item lacks instead.
    """
    if not item.categories:
        return None
    lacking = [name for name in others if name not in item.categories]
    if lacking and dice.random() < MISTAKEN:
        return said(sentences, dice, lacking[int(dice.integers(len(lacking)))])
    order = dice.permutation(len(item.categories))[: dice.integers(1, MOST_NAMED + 1)]
    return said(sentences, dice, " and ".join(item.categories[place] for place in order.tolist()))


def said(sentences: Sequence[str], dice: np.random.Generator, what: str) -> Intent:
    """One of the sentences, with what is wished for in it."""
    return Intent(text=sentences[int(dice.integers(len(sentences)))].format(what))


def aimless(dice: np.random.Generator, sentences: Sequence[str] = AIMLESS_TUNED) -> Intent:
    """A sentence that tells nothing of what is wanted."""
    return Intent(text=sentences[int(dice.integers(len(sentences)))])


def described(
    item: Item, dice: np.random.Generator, sentences: Sequence[str] = TUNED
) -> Intent | None:
    """A sentence with a few words of the item's title; None where no word is fit for it."""
    fit = list(dict.fromkeys(words(item.title)))
    if not fit:
        return None
    chosen = dice.permutation(len(fit))[: dice.integers(1, MOST_WORDS + 1)]
    return said(sentences, dice, " ".join(fit[place] for place in np.sort(chosen).tolist()))


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
