"""An adapter merged into its parent: a whole checkpoint, as fast as the parent is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.llm.adapters import load_adapted, parent_of
from models.llm.checkpoint import Checkpoint, is_adapter
from models.llm.loading import save_model
from models.llm.tensors import weight_bytes
from models.steps.config import Choices
from models.steps.digest import digest_of
from models.steps.output import Recipe, made
from service.errors import BadInput


def merge_adapter(adapter: Path, base: Path | None, out: Path) -> Path:
    """Make the checkpoint; BadInput unless there is an adapter that fits its parent."""
    if not is_adapter(adapter):
        raise BadInput(
            f"{adapter} holds no adapter.", hint="A whole checkpoint has nothing to merge."
        )
    parent = parent_of(adapter, base)
    refuse_quantised(parent)
    recipe = Recipe(
        "merge adapter",
        Choices(),
        {"adapter": digest_of(adapter), "parent": digest_of(parent.folder)},
    )

    def make(work: Path) -> Mapping[str, Any]:
        _, model = load_adapted(adapter, parent.folder)
        save_model(model, parent, work)
        return {"bytes": weight_bytes(work)}

    return made(out, recipe, make)


def refuse_quantised(checkpoint: Checkpoint) -> None:
    """BadInput where weights are quantised: what is added to them would be lost in their steps."""
    if checkpoint.quantised:
        raise BadInput(
            f"{checkpoint.folder} is quantised ({checkpoint.quantised}).",
            hint="Merge before quantising: name the model that it was made of."
            " `python -m models.quantize read` makes a whole one of an AWQ checkpoint.",
        )
