"""An adapter merged into its parent: a whole checkpoint, as fast as the parent is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from models.llm.checkpoint import is_adapter, refuse_quantised
from models.llm.parent import Merging, Parent
from models.steps.telling import Telling
from service.errors import BadInput

BEFORE_QUANTISING: Final = (
    "Merge before quantising: name the model that it was made of."
    " `python -m models.quantize read` makes a whole one of an AWQ checkpoint."
)
"""What is added to quantised weights would be lost in their steps."""


def merge_adapter(
    adapter: Path, base: Path | None, choices: Merging, out: Path, telling: Telling
) -> Path:
    """Make the checkpoint; BadInput unless there is an adapter that fits its parent."""
    if not is_adapter(adapter):
        raise BadInput(
            f"{adapter} holds no adapter.", hint="A whole checkpoint has nothing to merge."
        )
    parent = Parent.named(adapter, base)
    refuse_quantised(parent.standing, BEFORE_QUANTISING)
    return parent.whole(out, telling, choices.precision).folder
