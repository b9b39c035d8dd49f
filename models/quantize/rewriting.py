"""Checkpoints in 4 bits written anew: as plain ones, or in AutoAWQ's layout."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import torch

from models.llm.checkpoint import Checkpoint, checkpoint_in
from models.llm.loading import DTYPES, Precision
from models.llm.tensors import Tensors, weight_bytes, write_tensors
from models.quantize import autoawq
from models.quantize.choices import ReadChoices
from models.quantize.grouped import Grouped
from models.quantize.layouts import layout_of, parts
from models.steps.digest import digest_of
from models.steps.output import Recipe, made
from models.steps.telling import Moment, Telling
from service.engines.made_model import CONFIG, copy_tokenizer

Named: TypeAlias = tuple[str, torch.Tensor]


def read(folder: Path, choices: ReadChoices, out: Path, telling: Telling) -> Path:
    """Make a plain checkpoint of a quantised one: to tune, to merge, to look into."""
    checkpoint = checkpoint_in(folder)
    layout_of(checkpoint)
    recipe = Recipe("quantize read", choices, {"model": digest_of(folder)})

    def make(work: Path) -> Mapping[str, Any]:
        matrices = write_plain(checkpoint, choices.precision, work, telling)
        return {
            "method": checkpoint.quantised,
            "matrices": matrices,
            "bytes_before": weight_bytes(folder),
            "bytes": weight_bytes(work),
        }

    return made(out, recipe, make)


def write_plain(
    checkpoint: Checkpoint, precision: Precision, folder: Path, telling: Telling
) -> int:
    """Write the weights that the numbers stand for; how many matrices they were of."""
    dtype = DTYPES[precision]

    def plain(name: str, part: Grouped | torch.Tensor) -> Iterator[Named]:
        if isinstance(part, Grouped):
            yield f"{name}.weight", part.plain(dtype)
        else:
            yield name, part.to(dtype) if part.is_floating_point() else part

    matrices = _rewritten(checkpoint, plain, folder, telling)
    _describe(checkpoint, folder, {"dtype": precision})
    return matrices


def write_autoawq(checkpoint: Checkpoint, group: int, folder: Path, telling: Telling) -> None:
    """Write the same numbers in AutoAWQ's layout."""

    def relaid(name: str, part: Grouped | torch.Tensor) -> Iterator[Named]:
        if isinstance(part, Grouped):
            yield from autoawq.written(name, part)
        else:
            yield name, part

    _rewritten(checkpoint, relaid, folder, telling)
    left = checkpoint.config["quantization_config"]["ignore"]
    how = autoawq.described(group, left)
    _describe(checkpoint, folder, {"quantization_config": how})


def _rewritten(
    checkpoint: Checkpoint,
    written: Callable[[str, Grouped | torch.Tensor], Iterable[Named]],
    folder: Path,
    telling: Telling,
) -> int:
    matrices = 0

    def rewritten(tensors: Tensors) -> Iterator[Named]:
        nonlocal matrices
        layout = layout_of(checkpoint)
        total = sum(name.endswith(layout.mark) for name in tensors)
        for name, part in parts(tensors, layout):
            if isinstance(part, Grouped):
                matrices += 1
                telling(Moment("matrices", matrices, total))
            yield from written(name, part)

    with Tensors(checkpoint.folder) as tensors:
        write_tensors(folder, rewritten(tensors))
    copy_tokenizer(checkpoint.folder, folder)
    return matrices


def _describe(checkpoint: Checkpoint, folder: Path, facts: Mapping[str, Any]) -> None:
    # Older checkpoints call their dtype so; two of them would contradict each other.
    without = {"quantization_config", "torch_dtype" if "dtype" in facts else ""}
    config = {name: fact for name, fact in checkpoint.config.items() if name not in without}
    text = json.dumps({**config, **facts}, indent=2) + "\n"
    (folder / CONFIG).write_text(text, encoding="utf-8")
