"""LoRA adapters: made, written, read, and merged into the model they stand on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor
from transformers import PreTrainedModel

from models.llm.checkpoint import Checkpoint, checkpoint_in, is_adapter, read_json
from models.llm.loading import Precision, load_model, quietly
from service.engines.made_model import (
    ADAPTER_CONFIG,
    ADAPTER_WEIGHTS,
    PARENT,
    TOKENIZER,
    copy_tokenizer,
)
from service.errors import BadInput

EVERY_MATRIX: Final = "all-linear"


@dataclass(frozen=True, slots=True)
class Lora:
    """The shape of an adapter."""

    rank: int = 8
    alpha: float = 16
    dropout: float = 0.0
    matrices: str | tuple[str, ...] = EVERY_MATRIX
    """Which ones it stands on: their names' ends, or all but the output's."""


def with_lora(model: PreTrainedModel, shape: Lora) -> PeftModel:
    """A model under a new adapter, which changes nothing yet and alone is trained."""
    try:
        with quietly():
            return get_peft_model(model, lora_config(shape))
    except ValueError as error:
        raise BadInput(
            f"No adapter fits this model: {error}",
            hint=f"Name matrices that it has, or {EVERY_MATRIX!r}.",
        ) from error


def lora_config(shape: Lora) -> LoraConfig:
    """A shape as peft wants it, for trainers that put the adapter on by themselves."""
    return LoraConfig(
        r=shape.rank,
        lora_alpha=shape.alpha,
        lora_dropout=shape.dropout,
        target_modules=shape.matrices if isinstance(shape.matrices, str) else list(shape.matrices),
        task_type="CAUSAL_LM",
    )


def save_adapter(
    model: PeftModel,
    parent: Checkpoint,
    folder: Path,
    tensors: Mapping[str, Tensor] | None = None,
) -> None:
    """Write the adapter alone, with its parent's tokenizer, and where the parent stands.

    With `tensors`, by the model's names for them, those instead of what the model holds now.
    """
    config = model.peft_config["default"]
    config.base_model_name_or_path = str(parent.folder.resolve())
    with quietly():
        model.save_pretrained(folder, safe_serialization=True, state_dict=tensors)
    # A model card would be made up: the manifest says what is known.
    (folder / "README.md").unlink(missing_ok=True)
    copy_tokenizer(parent.folder, folder)


def parent_of(folder: Path, base: Path | None = None) -> Checkpoint:
    """The checkpoint that an adapter stands on: the named one, or the one it was made on."""
    _refuse_pickled(folder)
    named = base or Path(read_json(folder / ADAPTER_CONFIG, folder).get(PARENT) or "")
    if not named.is_dir():
        raise BadInput(
            f"{folder} is an adapter, and the model that it stands on is not at {named}.",
            hint="Name that model's folder with --base.",
        )
    parent = checkpoint_in(named)
    _refuse_other_tokenizer(folder, parent)
    return parent


def load_adapted(
    folder: Path, base: Path | None = None, precision: Precision = "bfloat16"
) -> tuple[Checkpoint, PreTrainedModel]:
    """The model of a folder, be it whole or an adapter, which is merged into its parent then."""
    if not is_adapter(folder):
        checkpoint = checkpoint_in(folder)
        return checkpoint, load_model(checkpoint, precision)
    parent = parent_of(folder, base)
    return parent, merged(under(load_model(parent, precision), folder))


def under(model: PreTrainedModel, folder: Path, *, trainable: bool = False) -> PeftModel:
    """A model under the adapter of a folder; BadInput if it was made for another one."""
    _refuse_pickled(folder)
    try:
        with quietly():
            return PeftModel.from_pretrained(model, str(folder), is_trainable=trainable)
    except (RuntimeError, ValueError, KeyError) as error:
        lines = str(error).strip().splitlines()
        raise BadInput(
            f"The adapter in {folder} does not fit the model: {lines[0]}",
            hint="Name the model that it was trained on with --base.",
        ) from error


def merged(model: PeftModel) -> PreTrainedModel:
    """The model with its adapter added to its weights: as fast as it was without."""
    whole: PreTrainedModel = model.merge_and_unload()
    return whole


def _refuse_pickled(folder: Path) -> None:
    """Where there are no safetensors, peft opens a pickled file, whatever it is told."""
    if not (folder / ADAPTER_WEIGHTS).is_file():
        raise BadInput(
            f"The adapter in {folder} has no weights in safetensors: no {ADAPTER_WEIGHTS}.",
            hint="Other formats are not opened: save the adapter again with safe_serialization.",
        )


def _refuse_other_tokenizer(folder: Path, parent: Checkpoint) -> None:
    """An adapter that brings a tokenizer of its own was taught other tokens."""
    beside = folder / TOKENIZER
    if beside.is_file() and beside.read_bytes() != (parent.folder / beside.name).read_bytes():
        raise BadInput(
            f"The adapter in {folder} was trained with another tokenizer than {parent.folder} has.",
            hint="Name the model that it was trained on with --base.",
        )
