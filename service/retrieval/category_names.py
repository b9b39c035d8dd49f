"""How the names of categories are read in a text: in one number or the other, "and" or "&"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from service.retrieval.words_said import AND, RULES_OUT, Word, words_said

SHORT: Final = 3
"""Letters of a word that may well mean something else."""

ORDINARY: Final = frozenset(
    {
        "all",
        "and",
        "any",
        "anything",
        "best",
        "both",
        "everything",
        "good",
        "great",
        "here",
        "just",
        "less",
        "like",
        "me",
        "more",
        "most",
        "my",
        "new",
        "none",
        "nothing",
        "now",
        "one",
        "only",
        "other",
        "others",
        "same",
        "some",
        "something",
        "that",
        "the",
        "them",
        "there",
        "these",
        "they",
        "thing",
        "this",
        "those",
        "time",
        "very",
        "want",
        "well",
        "what",
        "with",
        "you",
        "your",
    }
)
"""Words of any sentence, which a category may be called by."""

_SMALL: Final = (
    ORDINARY
    | RULES_OUT
    | {"a", "am", "an", "are", "as", "at", "be", "but", "by", "can", "did", "do", "for", "get"}
    | {"go", "got", "had", "has", "he", "her", "him", "his", "how", "i", "if", "in", "is", "it"}
    | {"its", "let", "may", "of", "off", "on", "or", "our", "out", "own", "she", "so", "to", "too"}
    | {"up", "us", "was", "way", "we", "who", "why", "yes"}
)
"""With the shortest, which are no names where a catalogue writes them like that."""

HISSING: Final = ("s", "x", "z", "ch", "sh")

Reading: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """The categories that each reading names."""

    own: Mapping[Reading, tuple[str, ...]]
    """As the catalogue writes them; several where they read alike."""
    forms: Mapping[Reading, tuple[str, ...]]
    """In the other number."""
    widest: int
    """Words of the longest."""

    @classmethod
    def of(cls, categories: Sequence[str]) -> Names:
        """The readings of some names; one of signs alone has none."""
        own: dict[Reading, tuple[str, ...]] = {}
        forms: dict[Reading, tuple[str, ...]] = {}
        for name in categories:
            for reading in _readings(name):
                own[reading] = (*own.get(reading, ()), name)
                for form in () if is_ordinary(name) else _forms(reading):
                    forms[form] = (*forms.get(form, ()), name)
        return cls(own, forms, max(map(len, (*own, *forms)), default=0))

    def named_by(self, reading: Reading, first: Word) -> tuple[str, ...]:
        """The categories that just these words name, of which this is the first."""
        names = self.own.get(reading) or self.forms.get(reading, ())
        return tuple(name for name in names if not is_ordinary(name) or _meant(name, first))


def is_ordinary(name: str) -> bool:
    """Whether a name is one word that may stand in a text without meaning the category."""
    words = words_said(name)
    return len(words) == 1 and _is_common(words[0].read)


def _is_common(word: str) -> bool:
    return len(word) <= SHORT or word in ORDINARY


def _meant(name: str, word: Word) -> bool:
    """Whether a word is written as the name is, and not just because it begins a sentence."""
    written = words_said(name)[0].written
    if written == written.lower() and word.read in _SMALL:
        # Any sentence writes it like that.
        return False
    by_place = written == written.capitalize() != written.lower()
    return word.written == written and not (word.first and by_place)


def _readings(name: str) -> set[Reading]:
    """With every "and", and without any."""
    whole = tuple(word.read for word in words_said(name))
    without = tuple(word for word in whole if word != AND)
    return {whole, without} if without else set()


def _forms(reading: Reading) -> Iterator[Reading]:
    *before, last = reading
    for form in _other_number(last):
        if before or (len(form) >= SHORT and form not in ORDINARY):
            yield (*before, form)


def _other_number(word: str) -> Iterator[str]:
    """What may be the plural of an English word, or its singular."""
    yield word + ("es" if word.endswith(HISSING) else "s")
    if word.endswith("y"):
        yield word[:-1] + "ies"
    if word.endswith("ies"):
        yield word[:-3] + "y"
    elif word.endswith("es") and word[:-2].endswith((*HISSING, "o")):
        yield word[:-2]
    if word.endswith("s") and not word.endswith("ss"):
        yield word[:-1]
