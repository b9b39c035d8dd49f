"""Labels as a chat model spells them one after another, each ended by a separator."""

from __future__ import annotations

from collections.abc import Sequence

from service.engines.text.tokenizer import ChatTokenizer
from service.errors import BadCatalogue, EngineFailed
from service.steering.labels import LabelLexicon, label_lexicon


def label_spelling(
    tokenizer: ChatTokenizer, labels: Sequence[str], *, lines: int, separator: str
) -> LabelLexicon:
    """The lexicon of some labels; EngineFailed if the tokenizer cannot spell them apart.

    Each is spelled as at the beginning of a line, wherever it comes to stand: one spelling a label
    is what a lexicon has. Digits and most else are spelled so after a comma too; where a tokenizer
    would join the comma to what follows it, the text that is spelled is the same all the same.
    """
    _check(labels, separator)
    texts = [label + separator for label in labels]
    try:
        sequences = tokenizer.opening(texts)
    except BadCatalogue as error:
        raise _unfit(tokenizer, "a label", "apart from what is before it") from error
    special = {tokenizer.end, *tokenizer.specials.values()}
    for place, (text, read) in enumerate(
        zip(texts, tokenizer.decode_each(sequences), strict=True), start=1
    ):
        # So none is the beginning of another: where one ends, the other has no separator.
        if read != text or not special.isdisjoint(sequences[place - 1]):
            raise _unfit(tokenizer, f"label {place} of {len(labels)}", "exactly")
    return label_lexicon(sequences, lines=lines, end=tokenizer.end, separator=separator)


def _check(labels: Sequence[str], separator: str) -> None:
    if not separator or not labels or "" in labels or len(set(labels)) < len(labels):
        raise ValueError("labels are distinct texts with a separator after each")
    if any(separator in label for label in labels):
        raise ValueError("a label that holds the separator would be read as two")


def _unfit(tokenizer: ChatTokenizer, what: str, how: str) -> EngineFailed:
    # Not the label itself, which may be anybody's words.
    return EngineFailed(f"the tokenizer of {tokenizer.name} cannot spell {what} {how}")
