"""The GPU as the place where a model is asked, as long as there is room for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import torch
from transformers import PreTrainedModel

ROOM: Final = 1.2
"""Times its weights: what one prompt takes of a GPU beside them."""


@contextmanager
def on_gpu(model: PreTrainedModel) -> Iterator[PreTrainedModel]:
    """The model on a GPU that holds all of it, if there is one, and afterwards in memory again.

    Where none does it is asked on the processor: minutes a prompt at 70B. It is not spread over
    several GPUs, for what does that stays in the model, and quantising has its own.
    """
    if not has_room(model):
        yield model
        return
    model.to("cuda")
    try:
        yield model
    finally:
        model.to("cpu")
        torch.cuda.empty_cache()


def has_room(model: PreTrainedModel) -> bool:
    """Whether there is a GPU with room for a model."""
    if not torch.cuda.is_available():
        return False
    free, _ = torch.cuda.mem_get_info()
    return bool(model.get_memory_footprint() * ROOM < free)
