"""AWQ by llm-compressor, with weights of 4 bits in groups."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from models.quantize.quiet import hushed, unpinned  # isort: split

from compressed_tensors.quantization import QuantizationArgs, QuantizationScheme
from llmcompressor import oneshot
from llmcompressor.core import reset_session
from llmcompressor.modifiers.quantization import QuantizationModifier
from llmcompressor.modifiers.transform.awq import AWQModifier
from pydantic import PrivateAttr
from torch.utils.data import DataLoader, Dataset
from transformers import PreTrainedModel

from models.llm.checkpoint import Checkpoint
from models.llm.tokens import Tokens
from models.quantize.choices import AwqChoices
from models.quantize.nibbles import BITS
from models.quantize.shapes import KIND
from models.steps.telling import Moment, Telling
from service.engines.made_model import copy_tokenizer


class Rows(Dataset[dict[str, torch.Tensor]]):
    """Examples one by one: nothing is padded, and nothing cut off."""

    def __init__(self, rows: list[dict[str, torch.Tensor]]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        return self._rows[index]


# The library says nothing of its types.
class Awq(AWQModifier):  # type: ignore[misc]
    """Tells after each layer."""

    # Without a default: pydantic would take a function for a method.
    _telling: Telling = PrivateAttr()
    _layers: int = PrivateAttr(default=0)
    _done: int = PrivateAttr(default=0)

    @classmethod
    def told(cls, grid: int, layers: int, telling: Telling) -> Awq:
        """As it is to be done, and who hears of it."""
        made = cls(n_grid=grid)
        made._telling, made._layers = telling, layers
        return made

    def on_sequential_epoch_end(self, *given: Any, **named: Any) -> None:
        """One layer is scaled; what stands before and after the layers counts as none."""
        super().on_sequential_epoch_end(*given, **named)
        self._done = min(self._done + 1, self._layers)
        self._telling(Moment("calibrate", self._done, self._layers))


def quantise(
    model: PreTrainedModel, seen: Sequence[Tokens], choices: AwqChoices, group: int, told: Telling
) -> None:
    """Scale the weights and find their numbers; the model is changed in place."""
    rows = Rows([{"input_ids": torch.tensor([[*one.prompt, *one.answer]])} for one in seen])
    weights = QuantizationArgs(
        num_bits=BITS,
        type="int",
        strategy="group",
        group_size=group,
        symmetric=choices.symmetric,
    )
    scheme = QuantizationScheme(targets=[KIND], weights=weights)
    layers = model.config.get_text_config(decoder=True).num_hidden_layers
    recipe = [
        Awq.told(choices.grid, layers, told),
        QuantizationModifier(config_groups={"all": scheme}, ignore=choices.ignore),
    ]
    with hushed(), unpinned():
        try:
            oneshot(model=model, dataset=DataLoader(rows, batch_size=None), recipe=recipe)
        finally:
            # It is one for the whole process, and keeps what it worked on.
            reset_session()


def save(model: PreTrainedModel, parent: Checkpoint, folder: Path) -> None:
    """Write a quantised model packed, with its parent's tokenizer as it is."""
    with hushed():
        model.save_pretrained(folder, save_compressed=True)
    copy_tokenizer(parent.folder, folder)
