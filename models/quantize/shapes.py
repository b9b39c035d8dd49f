"""The matrices to quantise and the groups that divide them: seen before any work is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
from compressed_tensors.utils import match_named_modules
from transformers import AutoConfig, AutoModelForCausalLM

from models.llm.checkpoint import Checkpoint
from models.llm.loading import loading_told, quietly
from models.quantize.choices import AwqChoices
from models.quantize.nibbles import EACH
from service.errors import BadSettings

KIND: Final = "Linear"
GROUPS: Final = (128, 64, 32)


def matrices(checkpoint: Checkpoint, ignore: list[str]) -> dict[str, tuple[int, int]]:
    """The matrices to quantise, outputs by inputs; no weight is read."""
    with quietly(), loading_told(checkpoint.folder), torch.device("meta"):
        config = AutoConfig.from_pretrained(checkpoint.folder, local_files_only=True)
        model = AutoModelForCausalLM.from_config(config)
    found = {
        name: (module.out_features, module.in_features)
        for name, module in match_named_modules(model, [KIND], ignore)
    }
    if not found:
        raise BadSettings(
            f"there is nothing to quantise in {checkpoint.folder}",
            hint=f"ignore leaves out all of it: {', '.join(ignore)}.",
        )
    return found


def group_of(shapes: Mapping[str, tuple[int, int]], choices: AwqChoices) -> int:
    """The size of groups; BadSettings where that chosen, or every one, leaves a rest."""
    for size in (choices.group,) if choices.group else GROUPS:
        wrong = [name for name, (_, inputs) in shapes.items() if inputs % size]
        if not wrong:
            break
    else:
        raise BadSettings(
            f"groups of {size} do not divide the {shapes[wrong[0]][1]} inputs of {wrong[0]}",
            hint="Choose a smaller group, or name such matrices in ignore.",
        )
    uneven = [name for name, (outputs, _) in shapes.items() if outputs % EACH]
    if uneven:
        raise BadSettings(
            f"the {shapes[uneven[0]][0]} outputs of {uneven[0]} cannot be packed by {EACH}",
            hint="Name such matrices in ignore.",
        )
    return size
