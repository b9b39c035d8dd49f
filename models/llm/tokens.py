"""Prompts and answers as the tokens that serving uses, so that training cannot drift from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.domain import Prompt
from service.engines.text.tokenizer import ChatTokenizer


@dataclass(frozen=True, slots=True)
class Tokens:
    """What is read, and what is to be said."""

    prompt: tuple[int, ...]
    answer: tuple[int, ...]
    """The token that ends it included."""

    def __len__(self) -> int:
        return len(self.prompt) + len(self.answer)


def list_tokens(tokenizer: ChatTokenizer, titles: Sequence[str]) -> list[int]:
    """A list as the speller writes it: numbered lines, then the end."""
    labels = tokenizer.frame(len(titles)).labels
    flat, offsets = tokenizer.spell(titles)
    tokens: list[int] = []
    for line, label in enumerate(labels):
        tokens += [*label, *flat[offsets[line] : offsets[line + 1]].tolist()]
    return [*tokens, tokenizer.end]


def text_tokens(tokenizer: ChatTokenizer, text: str) -> list[int]:
    """A text as it begins an answer, then the end: the only special token, whatever it says."""
    (tokens,) = tokenizer.answering([text])
    return [*(tokens or tokenizer.encode(text)), tokenizer.end]


def prompt_tokens(tokenizer: ChatTokenizer, prompt: Prompt) -> list[int]:
    """A prompt as every engine reads it."""
    constant, own = tokenizer.render(prompt)
    return [*constant, *own]
