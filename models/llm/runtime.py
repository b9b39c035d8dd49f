"""A torch model in memory, read token by token as the service's own model is.

The counterpart of `service.engines.local.runtime`. The model may be under training: it is put into
eval mode for each pass, and found afterwards as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy

import numpy as np
import torch
from transformers import DynamicCache, PreTrainedModel

from service.engines.local.model import Beginning, check_pass
from service.errors import EngineFailed
from service.steering.arrays import FloatArray


class TorchModel:
    """The weights, shared by all states."""

    def __init__(self, model: PreTrainedModel, context: int) -> None:
        config = model.config.get_text_config(decoder=True)
        self.module = model
        self.vocabulary = int(config.vocab_size)
        self.context = min(context, int(config.max_position_embeddings))

    def state(self) -> TorchState:
        """A state that has read nothing."""
        return TorchState(self)

    def cache(self) -> DynamicCache:
        """The keys and values of no token, as this architecture has them."""
        return DynamicCache(config=self.module.config)

    def version(self) -> int:
        """Rises with every step of training: what was read before does not hold afterwards."""
        return sum(one._version for one in self.module.parameters())  # noqa: SLF001 - torch's count


class TorchState:
    """What a model has read: the keys and values of its tokens."""

    def __init__(self, model: TorchModel) -> None:
        self._model = model
        self.context = model.context
        self.length = 0
        self._cache = model.cache()
        self._logits: FloatArray = np.zeros(0, dtype=np.float32)
        self._version = model.version()

    def append(self, tokens: Sequence[int]) -> None:
        """Read tokens, in one pass."""
        check_pass(self._model, self.length, tokens)
        module = self._model.module
        block = torch.tensor([list(tokens)], device=module.device)
        # Not inference mode: what a module remembers of such a pass could not be trained through.
        with torch.no_grad(), _as_served(module):
            # Only the last token's logits are ever read.
            made = module(
                input_ids=block, past_key_values=self._cache, use_cache=True, logits_to_keep=1
            )
        self._logits = made.logits[0, -1].float().cpu().numpy()
        self.length += len(tokens)

    def clear(self) -> None:
        """Forget everything."""
        self._cache = self._model.cache()
        self._version = self._model.version()
        self.length = 0

    def beginning(self) -> Beginning:
        """What has been read so far, to be resumed from later."""
        kept = (self._version, deepcopy(self._cache))
        return Beginning(self.length, kept, self._logits)

    def resume(self, beginning: Beginning) -> None:
        """Have read just that, bit for bit; EngineFailed if the model was trained since."""
        version, cache = beginning.caches
        if version != self._model.version():
            message = "the model was trained since it read this: open another engine on it"
            raise EngineFailed(message)
        self._version = version
        self._cache = deepcopy(cache)
        self._logits = beginning.logits
        self.length = beginning.length

    def logits(self) -> FloatArray:
        """What the model says may come after the last token."""
        return self._logits


@contextmanager
def _as_served(module: torch.nn.Module) -> Iterator[None]:
    """Without dropout and the like; whatever was being trained is afterwards again."""
    training = [part for part in module.modules() if part.training]
    for part in training:
        part.training = False
    try:
        yield
    finally:
        for part in training:
            part.training = True
