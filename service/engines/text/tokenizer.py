"""The tokenizer of a chat model: titles to token sequences, prompts to token ids.

What users and catalogues wrote is encoded with special tokens switched off: `<|im_start|>` in a
title is spelled out like any other text and can never open a turn.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from tokenizers import Tokenizer

from service.domain import Prompt
from service.engines.text.chat_template import content, pieces
from service.errors import BadCatalogue, BadSettings
from service.steering.arrays import IntArray
from service.steering.lexicon import Frame

ANCHOR: Final = "1."
"""What stands before a title in its line; the title is tokenized as it follows this."""

BATCH: Final = 4_096

_HINT: Final = (
    "LISTWRIGHT_ENGINE__TOKENIZER names the folder of the server's model, as it was published."
)


class ChatTokenizer:
    """Tokenizer, chat template and end token of one model folder."""

    def __init__(self, folder: Path, name: str, *, hint: str = _HINT) -> None:
        """Read a folder; BadSettings, with the hint, where it holds no tokenizer."""
        data, described = (
            _read(folder / file, hint) for file in ("tokenizer.json", "tokenizer_config.json")
        )
        self.name = name
        self.sha256 = hashlib.sha256(data).hexdigest()
        try:
            config = dict(json.loads(described))
            self._markup, self._plain = _parsed(data)
        except Exception as error:  # tokenizers raises nothing more special
            message = f"the tokenizer in {folder} cannot be used: {error}"
            raise BadSettings(message, hint=hint) from error
        added = self._plain.get_added_tokens_decoder()
        self.specials = {token.content: index for index, token in added.items() if token.special}
        self.end = self._token(content(config, "eos_token"))
        self._pieces = pieces(folder, config)
        self._opener = self._opening_answer()

    def encode(self, text: str) -> list[int]:
        """Token ids of plain text; never a special token."""
        ids: list[int] = self._plain.encode(text, add_special_tokens=False).ids
        return ids

    def decode(self, tokens: Sequence[int]) -> str:
        """The text that tokens spell."""
        text: str = self._plain.decode(list(tokens), skip_special_tokens=False)
        return text

    def decode_each(self, sequences: Sequence[Sequence[int]]) -> list[str]:
        """The text that each sequence spells by itself."""
        texts: list[str] = self._plain.decode_batch(
            list(map(list, sequences)), skip_special_tokens=False
        )
        return texts

    def writable(self, vocabulary: int) -> IntArray:
        """Of a model's tokens those that free text may hold, and the one that ends it; sorted."""
        known = min(vocabulary, self._plain.get_vocab_size())
        special = set(self.specials.values()) - {self.end}
        return np.setdiff1d(np.arange(known), np.array(sorted(special), dtype=np.int64))

    def render(self, prompt: Prompt) -> tuple[list[int], list[int]]:
        """The prompt's tokens: what is the same for everyone, and what comes after it."""
        before, between, after = self._pieces
        constant = [
            *self._markup_ids(before),
            *self.encode(prompt.system),
            *self._markup_ids(between),
        ]
        return constant, [*self.encode(prompt.user), *self._markup_ids(after)]

    def frame(self, lines: int) -> Frame:
        """The labels that number the lines of a list, and end-of-text."""
        labels = self.opening([f"{line}." for line in range(1, lines + 1)])
        return Frame(tuple(map(tuple, labels)), self.end)

    def opening(self, texts: Sequence[str]) -> list[list[int]]:
        """The tokens of texts, each as it stands at the beginning of a line."""
        # After a line's end: alone, some tokenizers put a space before a text.
        before = self.encode("\n")
        lines = [f"\n{text}" for text in texts]
        encodings = self._plain.encode_batch_fast(lines, add_special_tokens=False)
        return [_without(before, encoding.ids) for encoding in encodings]

    def answering(self, texts: Sequence[str]) -> list[list[int]]:
        """The tokens of texts, each as it begins an answer; none where it joins the prompt.

        Some tokenizers put a space before a text there, others do not. Never a special token:
        of what opens the answer only what comes after its last one stands before the text.
        """
        before = self.encode(self._opener)
        encodings = self._plain.encode_batch_fast(
            [self._opener + text for text in texts], add_special_tokens=False
        )
        return [
            encoding.ids[len(before) :] if encoding.ids[: len(before)] == before else []
            for encoding in encodings
        ]

    def spell(
        self, titles: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> tuple[IntArray, IntArray]:
        """The token sequences of titles as lines of a list, laid end to end, and their offsets."""
        tokens: list[int] = []
        offsets = [0]
        anchor = self.encode(ANCHOR)
        for start in range(0, len(titles), BATCH):
            lines = [f"{ANCHOR} {title}\n" for title in titles[start : start + BATCH]]
            for encoding in self._plain.encode_batch_fast(lines, add_special_tokens=False):
                tokens.extend(_without(anchor, encoding.ids))
                offsets.append(len(tokens))
            if progress is not None:
                progress(len(offsets) - 1)
        flat = np.array(tokens, dtype=np.int32)
        if np.isin(flat, list(self.specials.values())).any():
            message = f"the tokenizer of {self.name} spells a title with a special token"
            raise BadCatalogue(message)
        return flat, np.array(offsets, dtype=np.int64)

    def _markup_ids(self, text: str) -> list[int]:
        ids: list[int] = self._markup.encode(text, add_special_tokens=False).ids
        return ids

    def _opening_answer(self) -> str:
        """A text without special tokens, after which texts are cut as where an answer begins."""
        after = self._pieces[2]
        encoding = self._markup.encode(after, add_special_tokens=False)
        special = set(self.specials.values())
        placed = zip(encoding.ids, encoding.offsets, strict=True)
        last = max((end for token, (_, end) in placed if token in special), default=0)
        if after[last:]:
            return after[last:]
        # Right after a special token: some tokenizers cut a text there as one by itself, others
        # as one that goes on, such as after a line's end.
        said = self._markup_ids(after + ANCHOR)[len(encoding.ids) :]
        return "" if said == self.encode(ANCHOR) else "\n"

    def _token(self, text: str | None) -> int:
        index = None if text is None else self._plain.token_to_id(text)
        if index is None:
            message = f"the tokenizer {self.name} names no token that ends a text"
            raise BadSettings(message, hint="tokenizer_config.json must have an eos_token.")
        return int(index)


@lru_cache(maxsize=4)
def _parsed(data: bytes) -> tuple[Tokenizer, Tokenizer]:
    """Who reads special tokens in a text, and who spells them out.

    Parsing takes a while, and the same file lies beside many models and is opened with each new
    catalogue. What is shared so is never changed.
    """
    markup, plain = (Tokenizer.from_str(data.decode()) for _ in range(2))
    plain.encode_special_tokens = True
    return markup, plain


def _read(file: Path, hint: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        raise BadSettings(message, hint=hint) from error


def _without(before: list[int], ids: list[int]) -> list[int]:
    if ids[: len(before)] != before:
        message = (
            "the tokenizer joins what opens a line with what is beside it; nothing can be spelled"
        )
        raise BadCatalogue(message)
    return ids[len(before) :]
