"""Whether two checkpoints can be blended: all that can be seen before any work is done."""

from __future__ import annotations

from typing import Final

from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from models.llm.checkpoint import Checkpoint, refuse_other_tokenizer, refuse_quantised
from models.llm.tensors import Tensors
from models.merge.adapter import BEFORE_QUANTISING
from service.errors import BadInput

_LAYERS: Final = "num_hidden_layers"

_TOLD: Final = {
    _LAYERS: "layers",
    "vocab_size": "tokens in the vocabulary",
    "hidden_size": "hidden units",
    "num_attention_heads": "attention heads",
    "num_key_value_heads": "key and value heads",
}
"""What makes models of one architecture differ, the plainest first."""

_HINT: Final = "Blend models that were tuned from the same one."


def refuse_unlike(one: Checkpoint, other: Checkpoint) -> None:
    """BadInput unless every tensor of one has its fellow in the other."""
    _refuse_unknown(one)
    _refuse_unknown(other)
    refuse_quantised(one, BEFORE_QUANTISING)
    refuse_quantised(other, BEFORE_QUANTISING)
    if one.architecture != other.architecture:
        raise BadInput(
            f"{one.folder} is a {one.architecture}, {other.folder} a {other.architecture}.",
            hint=_HINT,
        )
    if _LAYERS not in one.config:
        raise BadInput(
            f"{one.folder} does not say how many layers it has: its config.json has no {_LAYERS}.",
            hint="Blended are models of text alone; of one that sees as well, save that part.",
        )
    for name, called in _TOLD.items():
        ours, theirs = one.config.get(name), other.config.get(name)
        if ours != theirs:
            raise BadInput(
                f"{one.folder} has {ours} {called}, {other.folder} has {theirs}.", hint=_HINT
            )
    _refuse_other_shapes(one, other)
    refuse_other_tokenizer(one, other)


def _refuse_unknown(checkpoint: Checkpoint) -> None:
    """The blend is read by transformers, which would have to run code of the folder's own."""
    kind = checkpoint.config.get("model_type")
    if kind not in CONFIG_MAPPING:
        ours = "auto_map" in checkpoint.config
        raise BadInput(
            f"{checkpoint.folder} is a model of type {kind!r}, which transformers does not know"
            f"{'; it brings code of its own, which is never run' if ours else ''}.",
            hint="Blend models of an architecture that transformers has itself.",
        )


def _refuse_other_shapes(one: Checkpoint, other: Checkpoint) -> None:
    with Tensors(one.folder) as ours, Tensors(other.folder) as theirs:
        for name in sorted({*ours, *theirs}):
            shapes = [
                tensors.shape(name) if name in tensors else "none" for tensors in (ours, theirs)
            ]
            if shapes[0] != shapes[1]:
                raise BadInput(
                    f"{name} is {shapes[0]} in {one.folder} and {shapes[1]} in {other.folder}.",
                    hint=_HINT,
                )
