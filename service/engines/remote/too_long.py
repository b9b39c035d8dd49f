"""How servers say that a prompt is too long for their model: by a name, or in words of their own.

Nothing else tells that a shorter one would do. A server may quote what users wrote, who may have
written such words themselves: so they count only where nothing says that the fault is elsewhere.
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


_OF_PROMPT: Final = frozenset(
    {
        "content",
        "contents",
        "input",
        "input_ids",
        "input_text",
        "input_tokens",
        "inputs",
        "messages",
        "prompt",
        "prompt_token_ids",
        "text",
    }
)
"""Fields that hold the prompt, or stand for it."""

_LIMITS: Final = frozenset({"max_completion_tokens", "max_new_tokens", "max_tokens"})
_LIMIT: Final = re.compile("|".join(sorted(_LIMITS)))
_COUNTED: Final = re.compile(r"\b(?:prompt|messages|inputs?)\b|got -", re.IGNORECASE)
"""In words about the limit of an answer: that it is the prompt which leaves no room for it."""

_OTHER_KINDS: Final = re.compile(r"unsupported|parameter|schema|format|field", re.IGNORECASE)
"""In names of errors about a field that is not taken as it is."""

_OTHERS: Final = re.compile(
    r"\b(?:response_format|json_schema|temperature|seed|stream|input_value)\b"
    r"|[\"'](?:messages|prompt|content)\\?[\"'] ?:",
    re.IGNORECASE,
)
"""What such words do not come after, unless they are of another field, or quoted with it."""


def is_too_long(status: int, told: Mapping[str, Any]) -> bool:
    """Whether an error is about the length of what was sent: its status, names and words."""
    names = {str(told.get(key)).lower() for key in ("code", "type")}
    if status == TOO_LARGE or not _NAMES.isdisjoint(names):
        return True
    return status in _IN_WORDS and _may_be_prompt(told) and _is_worded_so(told)


def _may_be_prompt(told: Mapping[str, Any]) -> bool:
    """Whether the names leave it open that the fault is the prompt's."""
    if told.get("param") is not None:
        return _field(told) in _OF_PROMPT | _LIMITS
    return not any(_OTHER_KINDS.search(str(told.get(key))) for key in ("code", "type"))


def _is_worded_so(told: Mapping[str, Any]) -> bool:
    said = str(told.get("message", ""))[:_LOOKED_AT]
    found = _WORDS.search(said)
    if found is None or _OTHERS.search(said, 0, found.start()):
        return False
    of_limit = _field(told) in _LIMITS or _LIMIT.search(said, 0, found.start())
    return not of_limit or _COUNTED.search(said) is not None


def _field(told: Mapping[str, Any]) -> str:
    """The field at fault, without what stands in it: `messages` of `messages[0].content`."""
    return re.split(r"[.\[]", str(told.get("param")), maxsplit=1)[0]
