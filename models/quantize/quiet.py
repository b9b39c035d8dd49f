"""llm-compressor without its own bars and log: a step tells what people want to know.

Import this before anything of llm-compressor: it begins to log when it is imported.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import torch
from loguru import logger
from tqdm import tqdm  # type: ignore[import-untyped]

from models.llm.loading import quietly

os.environ.setdefault("LLM_COMPRESSOR_LOG_DISABLED", "true")
logger.disable("compressed_tensors")

from llmcompressor.pipelines.cache import IntermediatesCache  # noqa: E402

_TRACING: Final = "torch.fx._symbolic_trace"
"""It warns whoever traces of a change in its own interface."""


@contextmanager
def hushed() -> Iterator[None]:
    """Without bars and warnings."""
    loud, tracing = tqdm.__init__, logging.getLogger(_TRACING)

    def mute(bar: object, *given: Any, **named: Any) -> None:
        loud(bar, *given, **(named | {"disable": True}))

    # tqdm reads its switch from the environment when it is first imported, which has happened.
    tqdm.__init__ = mute
    tracing.disabled = True
    try:
        with quietly():
            yield
    finally:
        tqdm.__init__ = loud
        tracing.disabled = False


@contextmanager
def unpinned() -> Iterator[None]:
    """Pinned memory is for copies to an accelerator: where there is none, pinning fails."""
    if torch.accelerator.is_available():
        yield
        return
    pin = IntermediatesCache.pin_memory

    def stay(_cache: IntermediatesCache, _batch: int, _names: list[str] | None = None) -> None:
        """Leave the values where they are."""

    IntermediatesCache.pin_memory = stay
    try:
        yield
    finally:
        IntermediatesCache.pin_memory = pin
