"""Labels as a chat model spells them one after another, each ended by a separator."""

from __future__ import annotations

from collections.abc import Sequence

from service.engines.text.tokenizer import ChatTokenizer
from service.errors import BadCatalogue, UnspellableLabels
from service.steering.labels import LONGEST_LABEL, MOST_TOKENS, LabelLexicon, label_lexicon


def label_spelling(
    tokenizer: ChatTokenizer, labels: Sequence[str], *, lines: int, separator: str
) -> LabelLexicon:
    """The lexicon of some labels; UnspellableLabels says which of them there can be no lexicon of.

    Each is spelled as at the beginning of a line, wherever it comes to stand: one spelling a label
    is what a lexicon has. Digits and most else are spelled so after a comma too; where a tokenizer
    would join the comma to what follows it, the text that is spelled is the same all the same.
    """
    _check(labels, separator)
    sequences = _spelled(tokenizer, [label + separator for label in labels])
    unfit = [place for place, sequence in enumerate(sequences) if not _fits(sequence)]
    unfit += _beyond(sequences, unfit)
    if unfit:
        # Not the labels themselves, which may be anybody's words.
        raise UnspellableLabels(
            f"the tokenizer of {tokenizer.name} cannot spell {len(unfit)} of {len(labels)} labels,"
            f" or not in {LONGEST_LABEL} tokens each and {MOST_TOKENS} in all",
            places=tuple(sorted(unfit)),
        )
    return label_lexicon(sequences, lines=lines, end=tokenizer.end, separator=separator)


def _check(labels: Sequence[str], separator: str) -> None:
    if not separator or not labels or "" in labels or len(set(labels)) < len(labels):
        raise ValueError("labels are distinct texts with a separator after each")
    if any(separator in label for label in labels):
        raise ValueError("a label that holds the separator would be read as two")


def _spelled(tokenizer: ChatTokenizer, texts: Sequence[str]) -> list[list[int]]:
    """The tokens of each text; none where they would not read as the text does."""
    sequences = _opening(tokenizer, texts)
    special = {tokenizer.end, *tokenizer.specials.values()}
    read = tokenizer.decode_each(sequences)
    # So none is the beginning of another: where one ends, the other has no separator.
    return [
        sequence if said == text and special.isdisjoint(sequence) else []
        for sequence, said, text in zip(sequences, read, texts, strict=True)
    ]


def _opening(tokenizer: ChatTokenizer, texts: Sequence[str]) -> list[list[int]]:
    """The tokens of texts at the beginning of a line; none of one that begins with the line."""
    try:
        return tokenizer.opening(texts)
    except BadCatalogue:
        if len(texts) == 1:
            return [[]]
    # Some of them: to be found by halves.
    half = len(texts) // 2
    return _opening(tokenizer, texts[:half]) + _opening(tokenizer, texts[half:])


def _fits(sequence: Sequence[int]) -> bool:
    return 0 < len(sequence) <= LONGEST_LABEL


def _beyond(sequences: Sequence[Sequence[int]], unfit: Sequence[int]) -> list[int]:
    """The longest of those that fit, until the others do together."""
    lengths = {place: len(sequence) for place, sequence in enumerate(sequences)}
    for place in unfit:
        del lengths[place]
    left, beyond = sum(lengths.values()), []
    for place in sorted(lengths, key=lambda place: -lengths[place]):
        if left <= MOST_TOKENS:
            break
        beyond.append(place)
        left -= lengths[place]
    return beyond
