"""What a shop might sell, out of all the things that WordNet knows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from models.evaluate.wordnet.dictionary import Dictionary, Synset
from service.errors import BadInput

FIELDS: Final = frozenset({"06", "13"})
"""The lexicographer's files of artifacts and of food."""

DEPARTMENTS: Final = (
    *("clothing", "footwear", "bag", "jewelry", "timepiece", "toiletry", "soap", "fabric"),
    *("furniture", "lamp", "floor_cover", "bedclothes", "cloth_covering", "container"),
    *("kitchen_utensil", "tableware", "cutlery", "home_appliance", "cleaning_implement"),
    *("food", "beverage", "produce", "tool", "writing_implement", "optical_instrument"),
    *("electronic_equipment", "audio_system", "camera", "musical_instrument"),
    *("sports_equipment", "game_equipment", "plaything"),
)
NOT_SOLD: Final = ("wheeled_vehicle",)
"""What stands below a department and is no product: to WordNet, vehicles are containers."""

MENTIONS: Final = 4
"""In how many definitions a word must occur to be one that people know."""

_WORD: Final = re.compile(r"[a-z][a-z -]*")
_LETTERS: Final = re.compile(r"[a-z]+")


class Shelf:
    """Products: what is below a department, goes by a name of its own, and is not obscure.

    A name is its own if the product is its first meaning. It is known if its words occur in the
    definitions of other things.
    """

    def __init__(self, dictionary: Dictionary) -> None:
        """Find the products; BadInput if there is none."""
        self._synsets = dictionary.synsets
        self._words = dictionary.words
        self._below: dict[str, frozenset[str]] = {}
        self._mentions = Counter(
            word
            for synset in dictionary.synsets.values()
            for word in set(_LETTERS.findall(synset.gloss))
        )
        sold = self._under(DEPARTMENTS) - self._under(NOT_SOLD)
        self.products = tuple(
            product for id_ in sorted(sold) if self._is_product(product := self._synsets[id_])
        )
        if not self.products:
            raise BadInput("This WordNet knows no products.")
        self._ids = {product.id for product in self.products}

    def _under(self, words: Iterable[str]) -> frozenset[str]:
        tops = filter(None, map(self._top, words))
        return frozenset(id_ for top in tops for id_ in (top.id, *self.below(top)))

    def _top(self, word: str) -> Synset | None:
        sense = self._words.get(word)
        meanings = (self._synsets[id_] for id_ in sense.synsets) if sense else iter(())
        return next((meaning for meaning in meanings if meaning.field in FIELDS), None)

    def _is_product(self, synset: Synset) -> bool:
        sense = self._words.get(synset.words[0])  # no proper name: the index has lower case only
        if sense is None or sense.synsets[0] != synset.id or synset.field not in FIELDS:
            return False
        return bool(_WORD.fullmatch(name(synset))) and self._is_known(name(synset))

    def _is_known(self, called: str) -> bool:
        return min(self._mentions[word] for word in _LETTERS.findall(called)) >= MENTIONS

    def above(self, synset: Synset) -> tuple[Synset, ...]:
        """What it directly is a kind of."""
        return tuple(self._synsets[id_] for id_ in synset.above)

    def below(self, synset: Synset) -> frozenset[str]:
        """Ids of all that is a kind of it, itself left out."""
        if synset.id not in self._below:
            deeper = (self.below(self._synsets[id_]) for id_ in synset.below)
            self._below[synset.id] = frozenset(synset.below).union(*deeper)
        return self._below[synset.id]

    def kinds(self, synset: Synset) -> tuple[Synset, ...]:
        """Products that are a kind of it."""
        return tuple(self._products(self.below(synset)))

    def parts(self, synset: Synset) -> tuple[Synset, ...]:
        """Its parts that have a name to be called by."""
        parts = (self._synsets[id_] for id_ in synset.parts)
        return tuple(part for part in parts if self._is_known(name(part)))

    def siblings(self, synset: Synset) -> tuple[Synset, ...]:
        """Products that are directly a kind of what it is a kind of."""
        ids = {id_ for parent in self.above(synset) for id_ in parent.below}
        return tuple(self._products(ids - {synset.id}))

    def far(self, synset: Synset) -> tuple[Synset, ...]:
        """Products of which nothing within two steps above is above it too."""
        near = {synset.id}
        for parent in self.above(synset):
            for wide in (parent, *self.above(parent)):
                near |= {wide.id, *self.below(wide)}
        return tuple(product for product in self.products if product.id not in near)

    def _products(self, ids: Iterable[str]) -> Iterator[Synset]:
        return (self._synsets[id_] for id_ in sorted(ids) if id_ in self._ids)


def name(synset: Synset) -> str:
    """What it is called."""
    return spoken(synset.words[0])


def spoken(word: str) -> str:
    """A word of the files as it is written elsewhere."""
    return word.replace("_", " ")


def echoes(synset: Synset, other: Synset) -> bool:
    """Whether a word of one name begins as one of the other: that would give an answer away."""
    beginnings = {word[:5] for word in name(synset).split()}
    return any(word[:5] in beginnings for word in name(other).split())
