"""How questions are worded and options numbered: several ways each, so that no one is learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from service.demo.dice import Dice

KIND: Final = (
    "Which of these products is a kind of {thing}?",
    "A shopper is looking for a {thing}. Which product would fit?",
    "Under the category '{thing}', which of the following items belongs?",
    "Pick the product whose type is {thing}.",
)
PART: Final = (
    "Which of the following is a part of a {thing}?",
    "A customer needs a spare part for a {thing}. Which one could it be?",
    "Choose the component that a {thing} typically has.",
)
MEANING: Final = (
    "Which product does this description fit: {gloss}?",
    "Description: {gloss}\nWhat is the name of this product?",
    "A customer asks for '{gloss}' but does not know the word. Which product is meant?",
)
SELECT: Final = (
    "From the list below choose {k} products that are a kind of {thing}.",
    "A customer wants to see different types of {thing}. Select {k} matching items.",
    "You help an online shop fill its category '{thing}'. Which {k} of these products go there?",
)
RANK: Final = (
    "Rank these {n} products by how relevant they are to the query '{thing}'.",
    "A user of a shop searched for '{thing}'. Sort the {n} results, the most relevant first.",
    "Order the following {n} items according to their relevance for the search '{thing}'.",
)
EXPLAIN: Final = (
    "Explain the product type {thing}.",
    "Describe in one sentence what a {thing} is.",
    "A customer asks what '{thing}' means. Write a short definition.",
)
EXTRACT: Final = (
    "Extract the {what} from this shopping query.\nQuery: {query}",
    "Which words of the query name the {what}? Separate several with commas.\nQuery: {query}",
    "Find phrases of the entity type '{what}' in the search below.\nQuery: {query}",
)
_ONE: Final = ("", "Answer with the number alone.", "Only give the number of the right option.")
_SOME: Final = (
    "Output {k} numbers separated by commas.",
    "Reply with exactly {k} option numbers, comma-separated, and nothing else.",
    "Give the {k} numbers, with a comma between any two of them.",
)
_ALL: Final = (
    "Output a permutation of {first} to {last}, separated by commas.",
    "Respond with all {n} numbers in order, comma-separated. Mention each of them once.",
    "Give the complete ranking of the numbers {first} to {last} with commas in between.",
)
_ENDINGS: Final = ("", "Answer: ", "Output: ", "Your answer:")
_LABELS: Final = ("{}. ", "{}) ", "({}) ", "{}.")


def posed(dice: Dice, stem: str, options: Sequence[str], first: int, k: int) -> str:
    """A question with its options under numbers from `first`, of which k are asked for."""
    n = len(options)
    ways = _ONE if k == 1 else _ALL if k == n else _SOME
    order = dice.pick(ways).format(k=k, n=n, first=first, last=first + n - 1)
    label = dice.pick(_LABELS)
    numbered = [f"{label.format(first + i)}{option}" for i, option in enumerate(options)]
    parts = [stem, *numbered, order] if dice.chance(0.5) else [stem, order, *numbered]
    return "\n".join(filter(None, [*parts, dice.pick(_ENDINGS)]))


def asked_openly(dice: Dice, stem: str) -> str:
    """A question without options."""
    return "\n".join(filter(None, [stem, dice.pick(_ENDINGS)]))
