"""AutoAWQ's layout, in which most published AWQ models are: packed along the outputs.

A matrix is `qweight`, int32 [inputs, outputs / 8]; `qzeros`, int32 [groups, outputs / 8]; and
`scales`, fp16 [groups, outputs].
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import torch

from models.llm.tensors import Tensors
from models.quantize.grouped import Grouped
from models.quantize.nibbles import BITS, INTERLEAVED, packed, unpacked


class AutoAwq:
    """As vLLM's awq_marlin takes it directly."""

    mark: Final = ".qweight"
    """The end of the name of each matrix's main tensor."""
    others: Final = (".qzeros", ".scales")
    """The ends of those that belong to it."""

    @classmethod
    def understands(cls, how: dict[str, Any]) -> bool:
        """Whether it can be read: the layout called gemm alone, since others pack otherwise."""
        version = str(how.get("version", "gemm")).lower()
        bits = how.get("bits", how.get("w_bit", BITS))
        return how.get("quant_method") == "awq" and version == "gemm" and bits == BITS

    def read(self, tensors: Tensors, module: str) -> Grouped:
        """One matrix."""
        numbers, zeros = (
            unpacked(tensors[f"{module}.{name}"], INTERLEAVED).T for name in ("qweight", "qzeros")
        )
        return Grouped(numbers, zeros, tensors[f"{module}.scales"].T)


def written(module: str, matrix: Grouped) -> Iterator[tuple[str, torch.Tensor]]:
    """The tensors of one matrix."""
    yield f"{module}.qweight", packed(matrix.numbers.T, INTERLEAVED)
    yield f"{module}.qzeros", packed(matrix.zeros.T, INTERLEAVED)
    yield f"{module}.scales", matrix.scales.T.to(torch.float16)


def described(group: int, left: list[str]) -> dict[str, Any]:
    """What the config says of it; `left` are the modules that stayed as they were."""
    return {
        "quant_method": "awq",
        "bits": BITS,
        "group_size": group,
        "zero_point": True,
        "version": "gemm",
        "modules_to_not_convert": left,
    }
