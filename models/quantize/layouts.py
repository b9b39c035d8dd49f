"""What the layouts of 4-bit checkpoints have in common, and which one a checkpoint has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

import torch

from models.llm.checkpoint import Checkpoint
from models.llm.tensors import Tensors
from models.quantize.autoawq import AutoAwq
from models.quantize.compressed import Compressed
from models.quantize.grouped import Grouped
from service.errors import BadInput

_HINT: Final = "Read are AutoAWQ's layout (version gemm) and what `models.quantize awq` makes."


Layout: TypeAlias = AutoAwq | Compressed

_LAYOUTS: Final = (AutoAwq, Compressed)


def layout_of(checkpoint: Checkpoint) -> Layout:
    """The layout of a checkpoint; BadInput if it is none that can be read."""
    how = checkpoint.config.get("quantization_config")
    if not how:
        raise BadInput(f"{checkpoint.folder} is not quantised.", hint="It can be used as it is.")
    for layout in _LAYOUTS:
        if layout.understands(how):
            return layout()
    raise BadInput(
        f"{checkpoint.folder} is quantised in a way that is not read here"
        f" ({checkpoint.quantised}).",
        hint=_HINT,
    )


def parts(tensors: Tensors, layout: Layout) -> Iterator[tuple[str, Grouped | torch.Tensor]]:
    """All that a checkpoint holds: quantised matrices by their modules' names, other tensors."""
    for name in tensors:
        if name.endswith(layout.mark):
            module = name.removesuffix(layout.mark)
            yield module, layout.read(tensors, module)
        elif not name.endswith(layout.others):
            yield name, tensors[name]
