"""Texts to unit vectors with onnxruntime and tokenizers alone, when building and when serving.

One runtime for both, so the vectors of the catalogue and of a query cannot drift apart. Only
texts of the same number of tokens are run together, and pooling is done text by text: so the
vector of a text does not depend on what stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from service.modelfolder import read_manifest
from service.retrieval.export import MODEL_FILE, TOKENIZER_FILE
from service.steering.arrays import FloatArray

BATCH: Final = 64
WINDOW: Final = 8192  # texts tokenized ahead: enough to fill batches of one length


class OnnxEncoder:
    """Implements ports.Encoder. Safe to share between threads."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        """Load an exported encoder; DamagedArtifact when it is not as it was written."""
        manifest = read_manifest(folder)
        self.name: str = manifest["name"]
        self.dimension: int = manifest["dimension"]
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(manifest["max_tokens"])
        self._session = onnxruntime.InferenceSession(
            str(folder / MODEL_FILE), _options(threads), providers=["CPUExecutionProvider"]
        )

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> FloatArray:
        """One float32 unit vector a text; `progress` hears how many are done so far."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        done = 0
        for start in range(0, len(texts), WINDOW):
            tokens = [self._tokens(text) for text in texts[start : start + WINDOW]]
            for batch in _batches(tokens):
                ids = np.array([tokens[position] for position in batch], dtype=np.int64)
                vectors[[start + position for position in batch]] = self._run(ids)
                done += len(batch)
                if progress is not None:
                    progress(done)
        return vectors

    def _tokens(self, text: str) -> list[int]:
        # A lone surrogate cannot become UTF-8; two that form a pair are one character.
        clean = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        # One by one: encode_batch would start a thread a core whatever `threads` says.
        ids: list[int] = self._tokenizer.encode(clean).ids
        return ids

    def _run(self, ids: npt.NDArray[np.int64]) -> FloatArray:
        (token_vectors,) = self._session.run(None, {"input_ids": ids})
        return np.stack([_pooled(rows) for rows in token_vectors])


def _pooled(token_vectors: FloatArray) -> FloatArray:
    mean = token_vectors.mean(axis=0, dtype=np.float32)
    unit: FloatArray = mean / np.sqrt(np.vecdot(mean, mean))
    return unit


def _batches(tokens: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Positions of texts of one length, at most BATCH together, shortest first."""
    by_length: dict[int, list[int]] = {}
    for position, ids in enumerate(tokens):
        by_length.setdefault(len(ids), []).append(position)
    for _, positions in sorted(by_length.items()):
        for start in range(0, len(positions), BATCH):
            yield positions[start : start + BATCH]


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Threads that spin collapse when a core is shared.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options
