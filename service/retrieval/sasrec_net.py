"""SASRec's forward pass in numpy: what a trained net makes of a history, without torch.

Only the last position goes through the last layer, since only it is asked for. A history is
padded to a width that depends on its own length alone, and every product is done history by
history, so that what comes out for one does not depend on those read beside it.

Tensors are named as `tensors_of` says; weights stand as (inputs, outputs), ready to multiply.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from service.steering.arrays import BoolArray, FloatArray, IntArray

EPSILON: Final = 1e-5
"""Added to a variance, as torch does by default."""

WIDENING: Final = 4
"""How many times wider than a vector the feed-forward layer is."""

_NARROWEST: Final = 8
_HIDDEN: Final = np.float32(-1e9)


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a net is."""

    items: int
    dimension: int
    layers: int
    heads: int
    length: int
    """How many of the last items it looks at."""

    @property
    def lengthened(self) -> float:
        """How many times longer an item's vector is as an input than as an output."""
        return math.sqrt(self.dimension)


def tensors_of(shape: Shape) -> dict[str, tuple[int, ...]]:
    """Every tensor that a net of this shape has, by name, and the shape of each."""
    d = shape.dimension
    found: dict[str, tuple[int, ...]] = {"items": (shape.items, d), "positions": (shape.length, d)}
    for layer in range(shape.layers):
        sizes = {
            "norm1": (d,),
            "attend": (d, 3 * d),
            "join": (d, d),
            "norm2": (d,),
            "widen": (d, WIDENING * d),
            "narrow": (WIDENING * d, d),
        }
        for part, size in sizes.items():
            found[f"layers.{layer}.{part}.weight"] = size
            found[f"layers.{layer}.{part}.bias"] = size[-1:]
    found["norm.weight"] = found["norm.bias"] = (d,)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Net:
    """A trained net. Read-only, and safe to share between threads."""

    shape: Shape
    tensors: Mapping[str, FloatArray]

    def __post_init__(self) -> None:
        """ValueError unless the tensors are those of a net of this shape, all finite."""
        shape = self.shape
        if min(shape.items, shape.dimension, shape.layers, shape.heads, shape.length) < 1:
            raise ValueError(f"there is no net of {shape}")
        if shape.dimension % shape.heads:
            raise ValueError(f"{shape.heads} heads cannot share {shape.dimension} dimensions")
        expected = tensors_of(shape)
        if self.tensors.keys() != expected.keys():
            raise ValueError("its tensors are not those of a net of its shape")
        for name, size in expected.items():
            tensor = self.tensors[name]
            if tensor.shape != size or tensor.dtype != np.float32:
                raise ValueError(f"{name} is {tensor.dtype} {tensor.shape}, not float32 {size}")
            if not np.isfinite(tensor).all():
                raise ValueError(f"{name} holds numbers that are not finite")

    @property
    def items(self) -> FloatArray:
        """One vector an item: its product with a history's vector is the item's logit."""
        return self.tensors["items"]

    def read(self, histories: Sequence[IntArray]) -> FloatArray:
        """One vector a history, of items oldest first; those too far back are not looked at."""
        vectors = np.empty((len(histories), self.shape.dimension), dtype=np.float32)
        by_width: dict[int, list[int]] = {}
        for place, history in enumerate(histories):
            by_width.setdefault(self._width(len(history)), []).append(place)
        for width, places in by_width.items():
            vectors[places] = self._pass(*_padded([histories[place] for place in places], width))
        return vectors

    def _width(self, length: int) -> int:
        return min(self.shape.length, max(_NARROWEST, 1 << (length - 1).bit_length()))

    def _pass(self, items: IntArray, real: BoolArray) -> FloatArray:
        width = items.shape[1]
        states = self.items[items] * (real * np.float32(self.shape.lengthened))[..., np.newaxis]
        states += self.tensors["positions"][-width:]
        # A place sees itself and the real ones before it.
        seen = np.tril(real[:, np.newaxis, :] | np.eye(width, dtype=np.bool_))
        hidden = np.where(seen, np.float32(0), _HIDDEN)[:, np.newaxis]
        for layer in range(self.shape.layers):
            asked = 1 if layer == self.shape.layers - 1 else width
            states = self._layer(f"layers.{layer}", states, hidden, asked)
        vectors: FloatArray = self._norm("norm", states[:, -1])
        return vectors

    def _layer(self, layer: str, states: FloatArray, hidden: FloatArray, asked: int) -> FloatArray:
        """The states of the last `asked` places after one layer."""
        batch, width, d = states.shape
        heads = self.shape.heads
        parts = self._linear(f"{layer}.attend", self._norm(f"{layer}.norm1", states))
        split = parts.reshape(batch, width, 3, heads, d // heads).transpose(2, 0, 3, 1, 4)
        weights = split[0, :, :, -asked:] @ split[1].swapaxes(-1, -2)
        weights *= np.float32(1 / math.sqrt(d // heads))
        weights += hidden[:, :, -asked:]
        weights -= weights.max(axis=-1, keepdims=True)
        np.exp(weights, out=weights)
        weights /= weights.sum(axis=-1, keepdims=True)
        mixed = (weights @ split[2]).transpose(0, 2, 1, 3).reshape(batch, asked, d)
        states = states[:, -asked:] + self._linear(f"{layer}.join", mixed)
        wide = self._linear(f"{layer}.widen", self._norm(f"{layer}.norm2", states))
        states += self._linear(f"{layer}.narrow", _gelu(wide))
        return states

    def _linear(self, name: str, values: FloatArray) -> FloatArray:
        product: FloatArray = values @ self.tensors[f"{name}.weight"]
        product += self.tensors[f"{name}.bias"]
        return product

    def _norm(self, name: str, values: FloatArray) -> FloatArray:
        centred: FloatArray = values - values.mean(axis=-1, keepdims=True)
        variance = np.vecdot(centred, centred)[..., np.newaxis] / np.float32(values.shape[-1])
        centred /= np.sqrt(variance + np.float32(EPSILON))
        centred *= self.tensors[f"{name}.weight"]
        centred += self.tensors[f"{name}.bias"]
        return centred


def _padded(histories: Sequence[IntArray], width: int) -> tuple[IntArray, BoolArray]:
    """The last items of each history, to the right, and which places hold one."""
    items = np.zeros((len(histories), width), dtype=np.int64)
    real = np.zeros(items.shape, dtype=np.bool_)
    for place, history in enumerate(histories):
        kept = history[-width:]
        items[place, width - len(kept) :] = kept
        real[place, width - len(kept) :] = True
    return items, real


def _gelu(values: FloatArray) -> FloatArray:
    """GELU by its usual approximation: numpy has tanh but no error function."""
    inner = values * values
    inner *= np.float32(0.044715)
    inner += np.float32(1)
    inner *= values
    inner *= np.float32(math.sqrt(2 / math.pi))
    np.tanh(inner, out=inner)
    inner += np.float32(1)
    inner *= values
    inner *= np.float32(0.5)
    return inner
