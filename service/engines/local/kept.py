"""Whole prompts that were read before: who asks the same again need not wait for the reading.

What is kept was computed by the very passes that would be run again, so nothing changes by it but
the time. It is shared by all decoders of the process.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TypeAlias

from service.engines.local.model import Beginning

Read: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]
"""A prompt as it was read: its constant beginning, and the rest up to the first choice."""


class KeptPrompts:
    """Prompts with what the model said after them, the least used let go of beyond a bound."""

    def __init__(self, most_tokens: int) -> None:
        self._most = most_tokens
        self._tokens = 0
        self._kept: OrderedDict[Read, Beginning] = OrderedDict()
        self._lock = threading.Lock()

    def takes(self, prompt: Read) -> bool:
        """Whether a prompt is small enough to stand beside others."""
        return 2 * _length(prompt) <= self._most

    def get(self, prompt: Read) -> Beginning | None:
        """What is kept of a prompt."""
        with self._lock:
            found = self._kept.get(prompt)
            if found is not None:
                self._kept.move_to_end(prompt)
            return found

    def put(self, prompt: Read, state: Beginning) -> None:
        """Keep a prompt that `takes` lets in."""
        with self._lock:
            if prompt not in self._kept:
                self._kept[prompt] = state
                self._tokens += _length(prompt)
            while self._tokens > self._most:
                dropped, _ = self._kept.popitem(last=False)
                self._tokens -= _length(dropped)

    def clear(self) -> None:
        """Keep nothing of what there is."""
        with self._lock:
            self._kept.clear()
            self._tokens = 0


def _length(prompt: Read) -> int:
    return len(prompt[0]) + len(prompt[1])
