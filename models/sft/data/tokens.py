"""An example as the tokens that are read, and those that are to be said."""

from __future__ import annotations

from models.llm.tokens import Tokens, list_tokens, prompt_tokens, text_tokens
from models.sft.data.example import Example
from service.engines.text.tokenizer import ChatTokenizer


def example_tokens(tokenizer: ChatTokenizer, example: Example) -> Tokens:
    """An example as serving reads and writes it."""
    if example.titles:
        answer = list_tokens(tokenizer, example.titles)
    else:
        answer = text_tokens(tokenizer, example.answer)
    return Tokens(tuple(prompt_tokens(tokenizer, example.prompt)), tuple(answer))
