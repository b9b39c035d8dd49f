"""Other words for categories, out of WordNet where it is installed: synonyms, else the definition.

A name of two words that WordNet lacks is looked up by its last one. None of the other words may be
a word of the name, or begin as one does: else whoever looks for the name would find it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from models.evaluate.wordnet.dictionary import Dictionary, Synset, read_dictionary

WORDNET: Final = Path("/usr/share/wordnet")
STEM: Final = 4
"""Letters that two words share at their beginning if one may be made of the other."""

WORD: Final = re.compile(r"[^\W\d_]+")


def meanings_in(folder: Path, categories: Iterable[str]) -> Mapping[str, str]:
    """Other words for those categories that have some; none where there is no WordNet."""
    if not (folder / "data.noun").is_file():
        return {}
    dictionary = read_dictionary(folder)
    found = ((name, _meaning(dictionary, name)) for name in categories)
    return {name: meaning for name, meaning in found if meaning}


def _meaning(dictionary: Dictionary, name: str) -> str | None:
    own = _words(name)
    return next(
        (
            phrase
            for synset in _synsets(dictionary, own, several="&" in name)
            for phrase in _phrases(synset)
            if not _alike(own, _words(phrase))
        ),
        None,
    )


def _synsets(dictionary: Dictionary, own: list[str], *, several: bool) -> Iterator[Synset]:
    """What the name means most often, or what its last word does: if that is not one of several."""
    for text in ("_".join(own), *([] if several else own[-1:])):
        for form in (text, text.removesuffix("s")):
            sense = dictionary.words.get(form)
            if sense is not None:
                yield dictionary.synsets[sense.synsets[0]]
                return


def _phrases(synset: Synset) -> Iterator[str]:
    yield from (word.replace("_", " ") for word in synset.words)
    yield synset.gloss


def _alike(own: Iterable[str], others: Iterable[str]) -> bool:
    stems = {word[:STEM] for word in own}
    return any(word[:STEM] in stems for word in others)


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower())
