"""A converted model on ONNX Runtime: the weights, and states that read tokens.

The graph is run by ONNX Runtime itself. The Python binding of onnxruntime-genai runs it as well,
to the same bits, but holds the interpreter's lock during a pass: for 200 ms of a long prompt no
other request of the process would be answered.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime as ort

from service.engines.local.model import Beginning, check_pass
from service.steering.arrays import FloatArray

_PAST: Final = "past_key_values"
_PRESENT: Final = "present"


class Model:
    """The weights, shared by all states."""

    def __init__(self, folder: Path, threads: int, context: int) -> None:
        config = json.loads((folder / "genai_config.json").read_text(encoding="utf-8"))["model"]
        decoder = config["decoder"]
        self.context = min(context, int(config["context_length"]))
        self.vocabulary = int(config["vocab_size"])
        self.cache_shape = (1, decoder["num_key_value_heads"], self.context, decoder["head_size"])
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        # Threads that spin collapse when a core is shared.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        path = str(folder / decoder["filename"])
        self.session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        inputs = [given.name for given in self.session.get_inputs()]
        self.caches = [name for name in inputs if name.startswith(_PAST)]

    def state(self) -> State:
        """A state that has read nothing, with room for `context` tokens."""
        return State(self)


class State:
    """What a model has read: keys and values of its tokens, in buffers written in place."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._mask = np.ones((1, model.context), dtype=np.int64)
        self._binding: Any = model.session.io_binding()
        self.context = model.context
        self.length = 0
        self._recalled: FloatArray | None = None
        # Pages of zeros take memory only once they are written.
        self._caches = [np.zeros(model.cache_shape, dtype=np.float32) for _ in model.caches]
        for past, cache in zip(model.caches, self._caches, strict=True):
            # On a CPU this is the array itself, not a copy.
            value = ort.OrtValue.ortvalue_from_numpy(cache)
            self._binding.bind_ortvalue_input(past, value)
            self._binding.bind_ortvalue_output(past.replace(_PAST, _PRESENT, 1), value)

    def append(self, tokens: Sequence[int]) -> None:
        """Read tokens, in one pass."""
        model = self._model
        check_pass(model, self.length, tokens)
        length = self.length + len(tokens)
        self._binding.bind_cpu_input("input_ids", np.array([list(tokens)], dtype=np.int64))
        mask = np.ascontiguousarray(self._mask[:, :length])
        self._binding.bind_cpu_input("attention_mask", mask)
        self._binding.bind_output("logits", "cpu")
        model.session.run_with_iobinding(self._binding)
        self.length = length
        self._recalled = None

    def clear(self) -> None:
        """Forget everything; what the buffers hold beyond `length` is never attended to."""
        self.length = 0

    def beginning(self) -> Beginning:
        """What has been read so far, to be resumed from later."""
        caches = [cache[:, :, : self.length].copy() for cache in self._caches]
        return Beginning(self.length, caches, self.logits().copy())

    def resume(self, beginning: Beginning) -> None:
        """Have read just that, bit for bit, in place of whatever has been."""
        self.length = beginning.length
        self._recalled = beginning.logits
        for cache, kept in zip(self._caches, beginning.caches, strict=True):
            cache[:, :, : self.length] = kept

    def logits(self) -> FloatArray:
        """What the model says may come after the last token."""
        if self._recalled is not None:
            return self._recalled
        # Outputs come in the order in which they were first bound: the caches, then this one.
        logits: FloatArray = self._binding.get_outputs()[-1].numpy()[0, -1]
        return logits
