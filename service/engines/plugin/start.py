"""What must be so before a server with the plugin may start, and what is read of its model."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

from service.errors import BadSettings

TOKENIZER_FILE: Final = "tokenizer.json"

UNSEEN: Final = (
    "with asynchronous scheduling, vLLM shows the plugin what was written only if it is named on"
    " the command line"
)
ANNOUNCE: Final = (
    "Add --logits-processors service.engines.vllm_plugin:ListwrightProcessor, or start with"
    " --no-async-scheduling."
)


def blind(vllm_config: Any) -> BadSettings | None:
    """The trouble of a V1 server that was not told of the plugin; None if there is none.

    Found by its entry point alone, the plugin sees placeholders where the tokens should be.
    """
    told = bool(vllm_config.model_config.logits_processors)
    if told or not vllm_config.scheduler_config.async_scheduling:
        return None
    return BadSettings(f"{UNSEEN}. {ANNOUNCE}")


def tokenizer_of(model_config: Any) -> tuple[str, str]:
    """Name of the model's tokenizer, and the SHA-256 of its tokenizer.json."""
    name = str(model_config.tokenizer)
    path = _tokenizer_file(name, model_config.tokenizer_revision)
    try:
        return name, hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        message = f"the tokenizer {name} has no {TOKENIZER_FILE} that can be compared"
        raise BadSettings(message) from error


def escape_of(model_config: Any) -> int:
    """The model's own end-of-text, for a request that brings none."""
    end = getattr(model_config.hf_config, "eos_token_id", None)
    ends = end if isinstance(end, list) else [end]
    return next((token for token in ends if isinstance(token, int)), 0)


def _tokenizer_file(name: str, revision: str | None) -> Path:
    folder = Path(name)
    if folder.is_dir():
        return folder / TOKENIZER_FILE
    # A name on a hub: vLLM has fetched it into the cache by now.
    from transformers.utils.hub import cached_file  # noqa: PLC0415 - slow, and seldom needed

    try:
        found = cached_file(name, TOKENIZER_FILE, revision=revision, local_files_only=True)
    except OSError:
        found = None
    return Path(found) if found else folder / TOKENIZER_FILE
