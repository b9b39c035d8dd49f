"""Vectors of texts that were encoded before: words are asked for again and again.

In the process: Redis would be asked a third time for each list. What a text means depends on the
encoder alone, so all editions share what is kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Final

import numpy as np

from service.ports import Encoder
from service.steering.arrays import FloatArray

MOST_BYTES: Final = 16 << 20
"""About eight thousand wishes."""


class CachedEncoder:
    """Implements ports.Encoder; the text that was asked for longest ago goes first.

    Safe to share between threads. Two who ask for a new text at once both have it encoded.
    """

    def __init__(
        self, encoder: Encoder, heard: Callable[[bool], None], most_bytes: int = MOST_BYTES
    ) -> None:
        """`heard` is told of each text whether it was there."""
        self._encoder = encoder
        self._heard = heard
        self._most = most_bytes
        self._size = 0
        self._kept: OrderedDict[str, FloatArray] = OrderedDict()
        self._lock = Lock()

    @property
    def name(self) -> str:
        """Which model, as written in the manifest."""
        return self._encoder.name

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._encoder.dimension

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """One float32 unit vector a text."""
        found = {text: self._found(text) for text in dict.fromkeys(texts)}
        missing = [text for text, vector in found.items() if vector is None]
        if missing:
            for text, vector in zip(missing, self._encoder.encode(missing), strict=True):
                found[text] = vector
                self._keep(text, vector)
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for place, text in enumerate(texts):
            vectors[place] = found[text]
        return vectors

    def _found(self, text: str) -> FloatArray | None:
        with self._lock:
            vector = self._kept.get(text)
            if vector is not None:
                self._kept.move_to_end(text)
        self._heard(vector is not None)
        return vector

    def _keep(self, text: str, vector: FloatArray) -> None:
        with self._lock:
            if text in self._kept:
                return
            # A copy: a row would keep alive the whole array that it is part of.
            self._kept[text] = vector.copy()
            self._size += _bytes(text, vector)
            while self._size > self._most:
                self._size -= _bytes(*self._kept.popitem(last=False))


def _bytes(text: str, vector: FloatArray) -> int:
    # As Python holds a text at worst: four bytes a character.
    return 4 * len(text) + vector.nbytes
