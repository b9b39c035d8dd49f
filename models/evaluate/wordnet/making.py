"""Makes one question of each kind about one thing, or none where the thing does not lend itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from models.evaluate.scores import Metric
from models.evaluate.wordnet import phrasing
from models.evaluate.wordnet.dictionary import Synset
from models.evaluate.wordnet.shelf import Shelf, echoes, name, spoken
from service.demo.dice import Dice

CHOICES: Final = 4
SELECTED: Final = 3
RANKED: Final = 5
SHORTEST_GLOSS: Final = 5  # words
MODIFIERS: Final[Mapping[str, tuple[str, ...]]] = {
    "color": ("red", "navy blue", "black", "olive green", "silver", "white", "pink"),
    "material": ("leather", "cotton", "stainless steel", "bamboo", "glass", "plastic"),
    "target audience": ("women", "men", "kids", "toddlers", "seniors", "beginners"),
}


@dataclass(frozen=True, slots=True)
class Made:
    """A question as a line of a file in the competition's format."""

    task_name: str
    task_type: str
    metric: Metric
    input_field: str
    output_field: Any


Maker: TypeAlias = Callable[[Dice, Shelf, Synset], Made | None]


def kind_of(dice: Dice, shelf: Shelf, thing: Synset) -> Made | None:
    """Multiple choice: what is a kind of it."""
    right = [kind for kind in shelf.kinds(thing) if not echoes(kind, thing)]
    return _choice(dice, shelf, thing, right, phrasing.KIND, "kind of")


def part_of(dice: Dice, shelf: Shelf, thing: Synset) -> Made | None:
    """Multiple choice: what is a part of it."""
    right = [part for part in shelf.parts(thing) if not echoes(part, thing)]
    return _choice(dice, shelf, thing, right, phrasing.PART, "part of")


def meaning(dice: Dice, shelf: Shelf, thing: Synset) -> Made | None:
    """Multiple choice: which word has this definition; the other words are of near products."""
    near = shelf.siblings(thing)
    told = thing.gloss.split()
    if len(near) < CHOICES - 1 or len(told) < SHORTEST_GLOSS:
        return None
    if any(word in thing.gloss for word in name(thing).split()):
        return None
    stem = dice.pick(phrasing.MEANING).format(gloss=thing.gloss)
    options = [thing, *dice.shuffled(near)[: CHOICES - 1]]
    return _chosen(dice, "meaning", stem, options)


def _choice(  # noqa: PLR0913, PLR0917 - what two kinds of question have in common
    dice: Dice,
    shelf: Shelf,
    thing: Synset,
    right: Sequence[Synset],
    wordings: Sequence[str],
    task_name: str,
) -> Made | None:
    wrong = [other for other in shelf.far(thing) if not echoes(other, thing)]
    if not right or len(wrong) < CHOICES - 1:
        return None
    stem = dice.pick(wordings).format(thing=name(thing))
    options = [dice.pick(right), *dice.shuffled(wrong)[: CHOICES - 1]]
    return _chosen(dice, task_name, stem, options)


def _chosen(dice: Dice, task_name: str, stem: str, options: Sequence[Synset]) -> Made | None:
    """A multiple choice whose first option is right."""
    names = [name(option) for option in options]
    if len(set(names)) < len(names):
        return None
    shown = dice.shuffled(names)
    first = dice.between(0, 1)
    text = phrasing.posed(dice, stem, shown, first, 1)
    truth = shown.index(names[0]) + first
    return Made(task_name, "multiple-choice", Metric.ACCURACY, text, truth)


def selection(dice: Dice, shelf: Shelf, thing: Synset) -> Made | None:
    """Retrieval: which three of 10 to 15 are a kind of it."""
    right = [kind for kind in shelf.kinds(thing) if not echoes(kind, thing)]
    wrong = [other for other in shelf.far(thing) if not echoes(other, thing)]
    n = dice.between(10, 15)
    if len(right) < SELECTED or len(wrong) < n - SELECTED:
        return None
    chosen = {name(kind) for kind in dice.shuffled(right)[:SELECTED]}
    others = {name(other) for other in dice.shuffled(wrong)[: n - SELECTED]}
    if len(chosen) < SELECTED or len(chosen | others) < n:
        return None
    shown = dice.shuffled(sorted(chosen | others))
    first = dice.between(0, 1)
    stem = dice.pick(phrasing.SELECT).format(thing=name(thing), k=SELECTED)
    text = phrasing.posed(dice, stem, shown, first, SELECTED)
    truth = [i for i, option in enumerate(shown, start=first) if option in chosen]
    return Made("select kinds", "retrieval", Metric.HIT_RATE, text, truth)


def ranking(dice: Dice, shelf: Shelf, thing: Synset) -> Made | None:
    """Ranking: another word for it or a kind of it, what is like it, and what is far from it."""
    same = [*map(spoken, thing.words[1:]), *map(name, shelf.kinds(thing))]
    near = [name(other) for other in shelf.siblings(thing)]
    far = [name(other) for other in shelf.far(thing)]
    if not same or len(near) < 2 or len(far) < 2:  # noqa: PLR2004 - two of each are shown
        return None
    graded = dict.fromkeys(dice.shuffled(far)[:2], 0.0)
    graded |= dict.fromkeys(dice.shuffled(near)[:2], 0.1)
    graded[dice.pick(same)] = 1.0
    if len(graded) < RANKED or name(thing) in graded:
        return None
    shown = dice.shuffled(sorted(graded))
    stem = dice.pick(phrasing.RANK).format(thing=name(thing), n=RANKED)
    text = phrasing.posed(dice, stem, shown, 1, RANKED)
    weights = [graded[option] for option in shown]
    return Made("rank by query", "ranking", Metric.NDCG, text, weights)


def explanation(dice: Dice, _shelf: Shelf, thing: Synset) -> Made | None:
    """Generation: what is it?"""
    if len(thing.gloss.split()) < SHORTEST_GLOSS:
        return None
    stem = dice.pick(phrasing.EXPLAIN).format(thing=name(thing))
    text = phrasing.asked_openly(dice, stem)
    return Made("explain", "generation", Metric.COSINE, text, thing.gloss)


def extraction(dice: Dice, _shelf: Shelf, thing: Synset) -> Made | None:
    """Entities: the product, or one of its properties, in a query."""
    chosen = {what: dice.pick(words) for what, words in MODIFIERS.items()}
    named = {"product type": name(thing)} | chosen
    query = f"{chosen['color']} {chosen['material']} {name(thing)} for {chosen['target audience']}"
    what = dice.pick(list(named))
    stem = dice.pick(phrasing.EXTRACT).format(what=what, query=query)
    text = phrasing.asked_openly(dice, stem)
    return Made("extract", "named_entity_recognition", Metric.MICRO_F1, text, [named[what]])


MAKERS: Final[tuple[Maker, ...]] = (
    kind_of,
    selection,
    ranking,
    meaning,
    explanation,
    part_of,
    extraction,
)


def questions(shelf: Shelf, count: int, seed: int) -> tuple[Made, ...]:
    """So many questions, of all kinds in turn; fewer if the dictionary does not give them."""
    dice = Dice("wordnet", seed)
    # Each kind walks through all products in an order of its own, so none is asked about twice.
    walks = [(maker, iter(dice.shuffled(shelf.products))) for maker in MAKERS]
    made = list[Made]()
    while walks and len(made) < count:
        walks = [walk for walk in walks if _next(dice, shelf, walk, made)]
    return tuple(made[:count])


def _next(dice: Dice, shelf: Shelf, walk: tuple[Maker, Any], made: list[Made]) -> bool:
    """Make the next question of a kind; False when there are no more of it."""
    maker, things = walk
    for thing in things:
        if question := maker(dice, shelf, thing):
            made.append(question)
            return True
    return False
