"""Models in torch behind the service's own engine: judged in the process like any other model.

Whoever opens one closes it: `await engine.close()`, or `asyncio.run(engine.close())`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch
from transformers import PreTrainedModel

from models.llm.adapters import load_adapted
from models.llm.checkpoint import Checkpoint
from models.llm.loading import Precision
from models.llm.parent import Parent
from models.llm.runtime import TorchModel
from service.engines.embedded import EmbeddedEngine, EmbeddedOptions, Loaded
from service.engines.text.tokenizer import ChatTokenizer

CONTEXT: Final = 8192
"""Tokens that are read at most, where the model itself sets no closer bound."""

QUEUE: Final = 32
"""Lists and texts that may wait for their turn."""


def torch_engine(
    model: PreTrainedModel,
    tokenizer: ChatTokenizer,
    name: str,
    *,
    context: int = CONTEXT,
    queue: int = QUEUE,
) -> EmbeddedEngine:
    """An engine on a model in memory, wherever it is, with as many threads as torch has.

    The model may be under training, and under an adapter: it is in eval mode and without gradients
    while it reads, and afterwards as it was. Make a new engine after each training: one that read
    something before refuses to go on from that. It keeps no prompts, so that times are of real
    reads.
    """
    loaded = Loaded(name, TorchModel(model, context), tokenizer)
    return EmbeddedEngine(loaded, EmbeddedOptions(queue=queue, kept=0))


def engine_in(
    folder: Path,
    base: Path | None = None,
    precision: Precision = "bfloat16",
    *,
    context: int = CONTEXT,
    queue: int = QUEUE,
) -> EmbeddedEngine:
    """An engine on the checkpoint or adapter of a folder, on a GPU if there is one."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    name = f"{_named(Parent.named(folder, base))}, {precision} on {device}"
    checkpoint, model = load_adapted(folder, base, precision)
    model.to(device)
    return torch_engine(model.eval(), checkpoint.tokenizer, name, context=context, queue=queue)


def checkpoint_under(folder: Path, base: Path | None = None) -> Checkpoint:
    """The whole checkpoint of a folder, or the one that its adapter stands on."""
    return Parent.named(folder, base).standing


def _named(parent: Parent) -> str:
    """A name that no other weights have, wherever they lie; DamagedArtifact if altered."""
    folders = dict.fromkeys((parent.folder, parent.standing.folder))
    return " on ".join(
        f"{folder.resolve().name}@{digest[:12]}"
        for folder, digest in zip(folders, parent.digests.values(), strict=True)
    )
