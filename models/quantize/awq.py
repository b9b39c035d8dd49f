"""The step that makes a 4-bit model: drawn, calibrated, written, read back and compared.

Calibrating is one piece of work. A killed run keeps a parent it merged before that, and the
quantised weights after it: what remains then is to write and to compare. Both models are asked on
a GPU where one holds all of them, else on the processor.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import torch

from models.llm.checkpoint import Checkpoint, checkpoint_in, refuse_quantised
from models.llm.loading import load_model
from models.llm.parent import Parent
from models.llm.tensors import weight_bytes
from models.llm.threads import at_most
from models.quantize.calibration import Calibration, drawn
from models.quantize.choices import AwqChoices
from models.quantize.divergence import Divergence, divergence, refuse_no_numbers, said
from models.quantize.gpu import on_gpu
from models.quantize.llm_compressor import quantise, save
from models.quantize.rewriting import write_autoawq, write_plain
from models.quantize.shapes import group_of, matrices
from models.steps.digest import digest_of
from models.steps.output import Recipe, made
from models.steps.telling import Telling, silently
from models.steps.work import STATE
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
        parent = model.whole(work / STATE / "parent", telling)
        small, before = _quantised(
            _Work(parent, calibration, recipe, choices, group), telling, work
        )
        if choices.layout == "autoawq":
            write_autoawq(small, group, work, telling)
        else:
            _take_over(small.folder, work)
        plain = work / STATE / "plain"
        try:
            compared = _compared(before, checkpoint_in(work), calibration, plain, telling)
        finally:
            # As large as the model was, and of no use to whoever goes on.
            shutil.rmtree(plain, ignore_errors=True)
        return {
            "bytes_before": weight_bytes(parent.folder),
            "bytes": weight_bytes(work),
            "group": group,
            "matrices": len(shapes),
            "tokens": calibration.tokens,
            "too_long": calibration.too_long,
            **asdict(compared),
        }

    with at_most(choices.threads):
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
    with on_gpu(model):
        before = list(said(model, held, "ask the model before", telling))
    refuse_no_numbers(before, f"The model in {work.parent.folder}")

    def make(aside: Path) -> Mapping[str, Any]:
        quantise(model, seen, work.choices, work.group, telling)
        save(model, work.parent, aside)
        return {}

    return checkpoint_in(made(folder / STATE / "quantised", work.recipe, make)), before


def _compared(
    before: Sequence[torch.Tensor],
    written: Checkpoint,
    calibration: Calibration,
    plain: Path,
    telling: Telling,
) -> Divergence:
    """How far it is from what was said before, by the files that stay, as anyone reads them."""
    plain.mkdir(exist_ok=True)
    write_plain(written, "bfloat16", plain, silently)
    with on_gpu(load_model(checkpoint_in(plain))) as model:
        after = said(model, calibration.held, "ask it after", telling)
        return divergence(before, after, calibration.held)


def _take_over(small: Path, folder: Path) -> None:
    """Have the files here too; they stay where they are, for this may yet be ended."""
    for path in small.iterdir():
        if path.name == MANIFEST:
            continue
        here = folder / path.name
        here.unlink(missing_ok=True)
        try:
            here.hardlink_to(path)
        except OSError:
            # Not every file system has links: twice the room, then.
            shutil.copyfile(path, here)
