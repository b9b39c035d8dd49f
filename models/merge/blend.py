"""Two checkpoints blended along an arc by mergekit."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Final

from models.llm.checkpoint import Checkpoint
from models.llm.loading import quietly
from models.llm.tensors import Tensors
from models.merge.choices import SlerpChoices
from service.engines.made_model import copy_tokenizer
from service.errors import BadSettings

with warnings.catch_warnings():
    # It names parts of numpy that moved, for pickled checkpoints, which are never opened here.
    warnings.filterwarnings("ignore", "numpy.core", DeprecationWarning)
    from mergekit.config import MergeConfiguration
    from mergekit.merge import run_merge
    from mergekit.options import MergeOptions

_OPTIONS: Final = MergeOptions(
    copy_tokenizer=False, write_model_card=False, quiet=True, device="cpu"
)
"""The tokenizer is copied by ours, as it is; a card would be made up: the manifest says more."""


def slerp(one: Checkpoint, other: Checkpoint, choices: SlerpChoices, folder: Path) -> None:
    """Write the blend, with the tokenizer of one, which is also the other's."""
    plan = MergeConfiguration.model_validate(_plan(one, other, choices))
    with quietly():
        run_merge(plan, str(folder), _OPTIONS)
    copy_tokenizer(one.folder, folder)


def refuse_unused(one: Checkpoint, choices: SlerpChoices) -> None:
    """BadSettings where a t is named for tensors that there are none of."""
    with Tensors(one.folder) as tensors:
        names = list(tensors)
    for text in choices.t_of:
        if not any(text in name for name in names):
            raise BadSettings(
                f"t_of names {text!r}, and no tensor of {one.folder} is called so",
                hint=f"There are such as {names[0]} and {names[len(names) // 2]}.",
            )


def _plan(one: Checkpoint, other: Checkpoint, choices: SlerpChoices) -> dict[str, Any]:
    paths = [str(parent.folder.resolve()) for parent in (one, other)]
    named = [{"filter": text, "value": t} for text, t in choices.t_of.items()]
    layers = [0, one.config["num_hidden_layers"]]
    return {
        "merge_method": "slerp",
        "base_model": paths[0],
        # As slices, since only then t may change from layer to layer.
        "slices": [{"sources": [{"model": path, "layer_range": layers} for path in paths]}],
        "parameters": {"t": [*named, {"value": choices.t}]},
        "dtype": "bfloat16",
    }
