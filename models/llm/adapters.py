"""LoRA adapters: made, written, read, and merged into the model they stand on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from safetensors import SafetensorError, safe_open
from torch import Tensor
from transformers import PreTrainedModel

from models.llm.checkpoint import Checkpoint, checkpoint_in, is_adapter, read_json
from models.llm.loading import Precision, load_model, quietly
from models.steps.digest import said_digest
from service.engines.made_model import (
    ADAPTER_CONFIG,
    ADAPTER_WEIGHTS,
    PARENT,
    TOKENIZER,
    copy_tokenizer,
)
from service.errors import BadInput
from service.modelfolder import MANIFEST

EVERY_MATRIX: Final = "all-linear"

STANDS_ON: Final = "stands_on"
"""Among the figures of an adapter: the digest of the checkpoint that was merged for it."""

_MARK: Final = "lora_"
"""In the names of an adapter's own tensors."""

_LAYER: Final = re.compile(r"\.layers\.(\d+)\.")

_RANKED: Final = ".lora_A."
"""In the names of those whose first dimension is the rank."""

_ON_ITS_OWN: Final = "Name the model that it was trained on with --base."
_MERGED_FOR_IT: Final = (
    f"It stands on a checkpoint that was merged for it: {ADAPTER_CONFIG} names its folder. Leave"
    " --base out, or name where that folder is now, whole and with its manifest."
)


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
    _refuse_other_parent(folder, parent)
    return parent


def load_adapted(
    folder: Path, base: Path | None = None, precision: Precision = "bfloat16"
) -> tuple[Checkpoint, PreTrainedModel]:
    """The model of a folder, be it whole or an adapter, which is merged into its parent then."""
    if not is_adapter(folder):
        checkpoint = checkpoint_in(folder)
        return checkpoint, load_model(checkpoint, precision)
    parent = parent_of(folder, base)
    return parent, merged(under(load_model(parent, precision), folder), folder)


def under(model: PreTrainedModel, folder: Path, *, trainable: bool = False) -> PeftModel:
    """A model under the adapter of a folder; BadInput if it was made for another one."""
    _refuse_pickled(folder)
    shapes = _shapes_in(folder / ADAPTER_WEIGHTS)
    _refuse_other_rank(folder, shapes)
    brought = set(shapes)
    try:
        with quietly():
            adapted = PeftModel.from_pretrained(model, str(folder), is_trainable=trainable)
    except (RuntimeError, ValueError, KeyError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        # torch says in the first line only that there are such as follow.
        why = lines[1] if lines[0].endswith(":") and len(lines) > 1 else lines[0]
        raise _unfit(folder, why.strip()) from error
    # peft passes over what has no place, and leaves at its beginning what was not brought.
    there = get_peft_model_state_dict(adapted, save_embedding_layers=False)
    if apart := brought ^ {name for name in there if _MARK in name}:
        first = min(apart)
        whose = "the model has no place for" if first in brought else "it does not bring"
        raise _unfit(folder, f"{whose} {len(apart)} tensors such as {first}")
    _refuse_fewer_layers(folder, adapted, brought)
    return adapted


def merged(model: PeftModel, folder: Path) -> PreTrainedModel:
    """The model with the adapter of a folder added to its weights: as fast as it was without.

    BadInput where a weight is not finite then: all that the model says would be nothing.
    """
    whole: PreTrainedModel = model.merge_and_unload()
    for name, weight in whole.state_dict().items():
        if weight.is_floating_point() and not torch.isfinite(weight).all():
            raise BadInput(
                f"With the adapter in {folder} {name} is not finite.",
                hint=f"A weight of the adapter or of the model that it stands on is no number, or"
                f" lora_alpha in {ADAPTER_CONFIG} is none: take copies that are whole.",
            )
    return whole


def _refuse_pickled(folder: Path) -> None:
    """Where there are no safetensors, peft opens a pickled file, whatever it is told."""
    if not (folder / ADAPTER_WEIGHTS).is_file():
        raise BadInput(
            f"The adapter in {folder} has no weights in safetensors: no {ADAPTER_WEIGHTS}.",
            hint="Other formats are not opened: save the adapter again with safe_serialization.",
        )


def _shapes_in(weights: Path) -> dict[str, list[int]]:
    """An adapter's own tensors by name."""
    try:
        with safe_open(weights, framework="pt") as file:
            names = [name for name in file.keys() if _MARK in name]  # noqa: SIM118 - no mapping
            return {name: list(file.get_slice(name).get_shape()) for name in names}
    except (OSError, SafetensorError) as error:
        raise BadInput(
            f"{weights} cannot be read: {error}", hint="It may be incomplete: copy it again."
        ) from error


def _refuse_other_rank(folder: Path, shapes: Mapping[str, Sequence[int]]) -> None:
    """BadInput where the weights are of another rank than the configuration says."""
    said = read_json(folder / ADAPTER_CONFIG, folder)
    # With these each matrix may have one of its own, or as many as there are experts.
    if said.get("rank_pattern") or said.get("target_parameters"):
        return
    for name, shape in shapes.items():
        if _RANKED in name and shape[0] != said.get("r"):
            raise BadInput(
                f"The adapter in {folder} contradicts itself: {ADAPTER_CONFIG} says that r is"
                f" {said.get('r')}, and {name} is of rank {shape[0]}.",
                hint=f"Copy the adapter again, with the {ADAPTER_CONFIG} that was written with it.",
            )


def _refuse_fewer_layers(folder: Path, adapted: PeftModel, brought: set[str]) -> None:
    """An adapter of every matrix names each by its layer: a deeper model has all of these too."""
    numbers = {int(found[1]) for name in brought if (found := _LAYER.search(name))}
    layers = adapted.get_base_model().config.get_text_config(decoder=True).num_hidden_layers
    chosen = adapted.peft_config["default"].layers_to_transform
    if chosen is None and numbers == set(range(len(numbers))) and 0 < len(numbers) < layers:
        raise _unfit(folder, f"it is of {len(numbers)} layers, and the model has {layers}")


def _unfit(folder: Path, why: str) -> BadInput:
    return BadInput(f"The adapter in {folder} does not fit the model: {why}", hint=_ON_ITS_OWN)


def _refuse_other_parent(folder: Path, parent: Checkpoint) -> None:
    """Where manifests say it, the adapter was made on that model."""
    if not (folder / MANIFEST).is_file():
        return
    said = read_json(folder / MANIFEST, folder)
    merged_for_it, named = _said(said, "figures", STANDS_ON), _said(said, "made_of", "model")
    there = said_digest(parent.folder)
    # A step writes a manifest beside what it merges: a model that has none is another.
    wanted = merged_for_it or (named if there else None)
    if wanted and wanted != there:
        raise BadInput(
            f"The adapter in {folder} was made on another model than the one in {parent.folder}.",
            hint=_MERGED_FOR_IT if merged_for_it else _ON_ITS_OWN,
        )


def _said(manifest: Mapping[str, Any], part: str, name: str) -> str | None:
    """What a part of a manifest says; it may be one that no step wrote."""
    found = manifest.get(part)
    return found.get(name) if isinstance(found, dict) else None


def _refuse_other_tokenizer(folder: Path, parent: Checkpoint) -> None:
    """An adapter that brings a tokenizer of its own was taught other tokens."""
    beside = folder / TOKENIZER
    if beside.is_file() and beside.read_bytes() != (parent.folder / beside.name).read_bytes():
        raise BadInput(
            f"The adapter in {folder} was trained with another tokenizer than {parent.folder} has.",
            hint=_ON_ITS_OWN,
        )
