"""Titles that look like titles: shared beginnings, long tails, a few said twice.

Everything is made from the small word lists below and a seed. Names are built from syllables, so
that a tokenizer has to spell them in pieces as it does real ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from service.steering.arrays import IntArray

ONSETS: Final = "b br c ch d dr f fl g gr h j k kl l m n p pr qu r s sh st t tr v w z"
VOWELS: Final = tuple("aeiou")
CODAS: Final = ("", "", "l", "m", "n", "nd", "r", "rt", "s", "t", "x")
KINDS: Final = (
    "kettle lamp tent backpack drill notebook sofa mug jacket boots puzzle guitar camera router "
    "blender pillow bicycle helmet rug shelf desk chair novel atlas diary cookbook thermos knife "
    "towel candle vase mirror clock scarf gloves sandals racket kayak hammock telescope"
)
TRAITS: Final = (
    "classic compact cosy deluxe foldable garden gentle golden handmade heavy hidden insulated "
    "junior late light little lost magnetic midnight modern northern old outdoor pocket portable "
    "quiet rapid red royal rugged secret silent silver slim smart soft solar sturdy summer tiny "
    "travel urban velvet vintage waterproof white wild winter wireless wooden"
)
PLACES: Final = "river mountain harbour forest valley island desert orchard station lighthouse"
TAILS: Final = ("", "", "", " Set", " XL", " Mini", ", Black", ", Green", " (2nd Edition)", " Pro")
NAMES: Final = 12_000
DEPARTMENTS: Final = 10
SAMPLE: Final = 100_000
VOCABULARY: Final = 30_000
BATCH: Final = 20_000


@dataclass(frozen=True, slots=True)
class Titles:
    """Titles, and the kind and trait of each, from which categories are made."""

    texts: list[str]
    kind: IntArray
    trait: IntArray


def make_titles(count: int, seed: int = 0) -> Titles:
    """Titles of four patterns; what is popular in each list of words is used more often."""
    dice = np.random.default_rng(seed)
    names, kinds, traits, places = _names(dice), KINDS.split(), TRAITS.split(), PLACES.split()
    kind, trait = _skewed(dice, count, len(kinds)), _skewed(dice, count, len(traits))
    columns = zip(
        dice.choice(4, count, p=[0.55, 0.2, 0.15, 0.1]).tolist(),
        [kinds[i].title() for i in kind],
        [traits[i].title() for i in trait],
        [names[i] for i in _skewed(dice, count, NAMES)],
        [places[i].title() for i in _skewed(dice, count, len(places))],
        [TAILS[i] for i in dice.integers(0, len(TAILS), count)],
        dice.integers(1, 1_000, count).tolist(),
        strict=True,
    )
    return Titles([_title(*column) for column in columns], kind, trait)


def _title(pattern: int, kind: str, trait: str, name: str, place: str, tail: str, n: int) -> str:  # noqa: PLR0913, PLR0917 - the columns of one title
    match pattern:
        case 0:
            return f"{name} {trait} {kind} {n}{tail}"
        case 1:
            return f"{name} {kind} {n // 10}{tail}"
        case 2:
            return f"The {trait} {kind} of the {name} {place}{tail}"
        case _:
            return f"{trait} {kind} by {name}, Vol. {n % 40 + 1}"


def _names(dice: np.random.Generator) -> list[str]:
    sounds = (ONSETS.split(), VOWELS, CODAS)
    sizes = dice.integers(1, 4, NAMES).tolist()
    return [
        "".join(str(dice.choice(sound)) for _ in range(size) for sound in sounds).capitalize()
        for size in sizes
    ]


def _skewed(dice: np.random.Generator, count: int, choices: int) -> IntArray:
    return np.asarray((choices * dice.random(count) ** 2).astype(np.int64))


def tokenizer_for(texts: Sequence[str], cache: Path) -> tuple[str, Tokenizer]:
    """The tokenizer of a model in the cache, or else a byte-level BPE trained on the titles."""
    for path in sorted(cache.glob("*LM*/tokenizer.json")):
        return f"the cached {path.parent.name}", Tokenizer.from_file(str(path))
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts[:SAMPLE], trainer)
    return f"a byte-level BPE of {tokenizer.get_vocab_size():,} trained on the titles", tokenizer


def tokenized(texts: Sequence[str], tokenizer: Tokenizer) -> tuple[IntArray, IntArray]:
    """Each title as it stands in a line of a list, laid end to end, and the offsets."""
    parts, lengths = [], []
    for start in range(0, len(texts), BATCH):
        lines = [f" {text}\n" for text in texts[start : start + BATCH]]
        ids = [encoding.ids for encoding in tokenizer.encode_batch_fast(lines)]
        lengths.extend(map(len, ids))
        parts.append(np.fromiter((token for line in ids for token in line), dtype=np.int32))
    return np.concatenate(parts), np.concatenate([[0], np.cumsum(lengths)])
