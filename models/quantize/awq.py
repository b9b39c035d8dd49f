"""The step that makes a 4-bit model: drawn, calibrated, written, read back and compared.

Calibrating is one piece of work. A killed run keeps a parent it merged before that, and the
quantised weights after it: what remains then is to compare and to write. Both models are asked on
a GPU where one holds all of them, else on the processor.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import torch
from transformers import PreTrainedModel

from models.llm.checkpoint import Checkpoint, checkpoint_in, refuse_quantised
from models.llm.loading import load_model
from models.llm.parent import Parent
from models.llm.tensors import weight_bytes
from models.quantize.asking import where_it_fits
from models.quantize.calibration import Calibration, drawn
from models.quantize.choices import AwqChoices
from models.quantize.divergence import divergence, said
from models.quantize.fit import group_of, matrices
from models.quantize.llm_compressor import quantise, save
from models.quantize.rewriting import write_autoawq, write_plain
from models.steps.digest import digest_of
from models.steps.output import STATE, Recipe, made
from models.steps.telling import Telling, silently
from service.modelfolder import MANIFEST

WHOLE: Final = (
    "Name the model that it was made of, or read it into a plain one first:"
    " python -m models.quantize read."
)


def make_awq(
    model: Parent, prompts: Path, choices: AwqChoices, out: Path, telling: Telling
) -> Path:
    """Make the quantised model; BadInput, before any work, where it cannot be made."""
    refuse_quantised(model.standing, WHOLE)
    shapes = matrices(model.standing, choices.ignore)
    group = group_of(shapes, choices)
    calibration = drawn(prompts, model.standing.tokenizer, choices)
    made_of = {"model": model.digest, "prompts": digest_of(prompts)}
    recipe = Recipe("quantize awq", choices, made_of)

    def make(work: Path) -> Mapping[str, Any]:
        torch.set_num_threads(choices.threads)
        parent = model.whole(work / STATE / "parent", telling)
        small, before = _quantised(
            _Work(parent, calibration, recipe, choices, group), telling, work
        )
        with where_it_fits(_plain(small, work)) as plain:
            after = said(plain, calibration.held, "ask it after", telling)
            compared = divergence(before, after, calibration.held)
        if choices.layout == "autoawq":
            write_autoawq(small, group, work, telling)
        else:
            _copy(small.folder, work)
        return {
            "bytes_before": weight_bytes(parent.folder),
            "bytes": weight_bytes(work),
            "group": group,
            "matrices": len(shapes),
            "tokens": calibration.tokens,
            "too_long": calibration.too_long,
            **asdict(compared),
        }

    return made(out, recipe, make)


@dataclass(frozen=True, slots=True)
class _Work:
    """What is quantised, and how."""

    parent: Checkpoint
    calibration: Calibration
    recipe: Recipe
    choices: AwqChoices
    group: int


def _quantised(
    work: _Work, telling: Telling, folder: Path
) -> tuple[Checkpoint, list[torch.Tensor]]:
    """The quantised weights, and what the model said before; it is in memory only here."""
    model = load_model(work.parent)
    held, seen = work.calibration.held, work.calibration.seen
    with where_it_fits(model):
        before = list(said(model, held, "ask the model before", telling))

    def make(aside: Path) -> Mapping[str, Any]:
        quantise(model, seen, work.choices, work.group, telling)
        save(model, work.parent, aside)
        return {}

    return checkpoint_in(made(folder / STATE / "quantised", work.recipe, make)), before


def _plain(small: Checkpoint, folder: Path) -> PreTrainedModel:
    """What was written, as anyone reads it."""
    plain = folder / STATE / "plain"
    plain.mkdir(exist_ok=True)
    write_plain(small, "bfloat16", plain, silently)
    return load_model(checkpoint_in(plain))


def _copy(small: Path, folder: Path) -> None:
    for path in small.iterdir():
        if path.name != MANIFEST:
            shutil.copyfile(path, folder / path.name)
