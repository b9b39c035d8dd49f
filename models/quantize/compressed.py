"""The layout that llm-compressor writes for 4-bit weights: packed along the inputs.

A matrix is `weight_packed`, int32 [outputs, inputs / 8]; `weight_scale` [outputs, groups]; and,
unless it is symmetric, `weight_zero_point`, int32 [outputs / 8, groups].
"""

from __future__ import annotations

from typing import Any, Final

import torch

from models.llm.tensors import Tensors
from models.quantize.grouped import Grouped
from models.quantize.nibbles import BITS, STRAIGHT, unpacked

FORMAT: Final = "pack-quantized"

_MIDDLE: Final = 2 ** (BITS - 1)
"""What means zero where it is symmetric."""


class Compressed:
    """compressed-tensors with weights alone in groups of 4-bit integers."""

    mark: Final = ".weight_packed"
    others: Final = (".weight_scale", ".weight_zero_point", ".weight_shape")

    @classmethod
    def understands(cls, how: dict[str, Any]) -> bool:
        """Whether it can be read: one kind of weights, and activations as they are."""
        groups = list(how.get("config_groups", {}).values())
        return (
            how.get("quant_method") == "compressed-tensors"
            and how.get("format") == FORMAT
            and all(_weights_alone(group) for group in groups)
            and len(groups) == 1
        )

    def read(self, tensors: Tensors, module: str) -> Grouped:
        """One matrix."""
        scales = tensors[f"{module}.weight_scale"]
        numbers = unpacked(tensors[f"{module}.weight_packed"], STRAIGHT)
        name = f"{module}.weight_zero_point"
        if name in tensors:
            zeros = unpacked(tensors[name].T, STRAIGHT).T
        else:
            zeros = torch.full(scales.shape, _MIDDLE, dtype=torch.uint8)
        return Grouped(numbers, zeros, scales)


def _weights_alone(group: dict[str, Any]) -> bool:
    weights = group.get("weights") or {}
    return (
        weights.get("num_bits") == BITS
        and weights.get("type") == "int"
        and weights.get("strategy") == "group"
        # With it the groups are not of neighbours.
        and weights.get("actorder") is None
        and group.get("input_activations") is None
    )
