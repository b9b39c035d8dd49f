"""The tokenizer of a chat model: titles to token sequences, prompts to token ids.

What users and catalogues wrote is encoded with special tokens switched off: `<|im_start|>` in a
title is spelled out like any other text and can never open a turn.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer

from service.domain import Prompt
from service.errors import BadCatalogue
from service.steering.arrays import IntArray
from service.steering.lexicon import Frame

ANCHOR: Final = "1."
"""What stands before a title in its line; the title is tokenized as it follows this."""

BATCH: Final = 4_096

_SYSTEM: Final = "\ue000"
_USER: Final = "\ue001"
"""Placeholders for the contents while the template is rendered; private-use characters."""


class ChatTokenizer:
    """Tokenizer, chat template and end token of one model folder."""

    def __init__(self, folder: Path, name: str) -> None:
        data = (folder / "tokenizer.json").read_bytes()
        config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
        self.name = name
        self.sha256 = hashlib.sha256(data).hexdigest()
        self._markup = Tokenizer.from_str(data.decode())
        self._plain = Tokenizer.from_str(data.decode())
        self._plain.encode_special_tokens = True
        added = self._plain.get_added_tokens_decoder()
        self.specials = {token.content: index for index, token in added.items() if token.special}
        self.end = self.specials[config["eos_token"]]
        template = (folder / "chat_template.jinja").read_text(encoding="utf-8")
        self._pieces = _Template(template, config).pieces()

    def encode(self, text: str) -> list[int]:
        """Token ids of plain text; never a special token."""
        ids: list[int] = self._plain.encode(text, add_special_tokens=False).ids
        return ids

    def decode(self, tokens: Sequence[int]) -> str:
        """The text that tokens spell."""
        text: str = self._plain.decode(list(tokens), skip_special_tokens=False)
        return text

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
        return Frame(tuple(tuple(self.encode(f"{i + 1}.")) for i in range(lines)), self.end)

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


def _without(anchor: list[int], ids: list[int]) -> list[int]:
    if ids[: len(anchor)] != anchor:
        message = "the tokenizer joins a line's number with its title; titles cannot be spelled"
        raise BadCatalogue(message)
    return ids[len(anchor) :]


class _Template:
    """A chat template, cut where the system's and the user's words go."""

    def __init__(self, source: str, config: dict[str, Any]) -> None:
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        self._template = environment.from_string(source)
        self._config = config

    def pieces(self) -> tuple[str, str, str]:
        text = self._template.render(
            messages=[
                {"role": "system", "content": _SYSTEM},
                {"role": "user", "content": _USER},
            ],
            add_generation_prompt=True,
            bos_token=self._config.get("bos_token") or "",
            eos_token=self._config.get("eos_token") or "",
        )
        before, rest = text.split(_SYSTEM)
        between, after = rest.split(_USER)
        return before, between, after
