"""How servers say that a prompt is too long for their model: by a name, or in words of their own.

Nothing else tells that a shorter one would do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

TOO_LARGE: Final = 413

_IN_WORDS: Final = frozenset({400, 422})
"""Statuses of what is refused for itself; with others the same words may stand for anything."""

_NAMES: Final = frozenset(
    {
        "context_length_exceeded",
        "context_window_exceeded",
        "contextwindowexceedederror",
        "exceed_context_size_error",
        "model_context_window_exceeded",
    }
)
"""What OpenAI, llama.cpp, LiteLLM and others call it, whatever the status."""

_LOOKED_AT: Final = 2_000
"""Characters of the words. What follows may quote the prompt."""

# Without repetitions: a server may say anything, and quote what users sent.
_WORDS: Final = re.compile(
    "|".join(
        (
            *_NAMES,
            # OpenAI and all who word it so: vLLM, SGLang, LiteLLM, Mistral, llama-cpp-python.
            r"maximum context length",
            r"maximum model length",
            r"longer than the model's context",
            r"context length exceeded",
            r"exceeds? (?:the |model |the model's )?context (?:length|window|size|limit)",
            # A vLLM of before, which counts what the prompt leaves for the answer.
            r"max_tokens must be at least 1, got -",
            # llama.cpp, Ollama
            r"exceeds the available context size",
            r"input length exceeds",
            # SGLang, xAI, Gemini
            r"maximum allowed (?:input )?length",
            r"maximum prompt length",
            r"maximum number of tokens allowed",
            # Text Generation Inference
            r"`inputs` must have less than",
            r"`inputs` tokens \+ `max_new_tokens` must be",
            # Anthropic, Bedrock, Groq and others
            r"(?:prompt|input) is too long",
            r"input tokens exceed",
            r"reduce the length of the (?:messages|prompt|input)",
        )
    ),
    re.IGNORECASE,
)


def is_too_long(status: int, told: Mapping[str, Any], said: str) -> bool:
    """Whether an error is about the length of what was sent: its status, fields and words."""
    names = {str(told.get(key)).lower() for key in ("code", "type")}
    if status == TOO_LARGE or not _NAMES.isdisjoint(names):
        return True
    return status in _IN_WORDS and _WORDS.search(said, 0, _LOOKED_AT) is not None
