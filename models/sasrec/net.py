"""The net as it is trained, in torch. `service.retrieval.sasrec_net` reads what it exports."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.sasrec.config import Config
from service.retrieval.sasrec_net import WIDENING, Shape
from service.steering.arrays import FloatArray


class SasNet(nn.Module):
    """Vectors of what comes next, at every place of a history; places before it are padding."""

    def __init__(self, shape: Shape, config: Config) -> None:
        super().__init__()
        self.shape = shape
        self.items = nn.Embedding(shape.items, shape.dimension)
        self.positions = nn.Parameter(torch.empty(shape.length, shape.dimension))
        nn.init.normal_(self.items.weight, std=config.spread)
        nn.init.normal_(self.positions, std=config.spread)
        self.layers = nn.ModuleList(
            Layer(shape.dimension, shape.heads, config.dropout) for _ in range(shape.layers)
        )
        self.norm = nn.LayerNorm(shape.dimension)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, items: Tensor, real: Tensor) -> Tensor:
        """One vector a place; `real` says which places hold an item."""
        width = items.shape[1]
        # Places are counted from the end: the last one is always the same.
        # The vectors are also what logits are made with, which keeps them short: as inputs they
        # are lengthened, or the net would take several times as many epochs.
        states = self.items(items) * (real * self.shape.lengthened)[..., None]
        states = states + self.positions[-width:]
        states = self.dropout(states)
        itself = torch.eye(width, dtype=torch.bool)
        seen = (real[:, None, :] | itself).tril()[:, None]
        for layer in self.layers:
            states = layer(states, seen)
        vectors: Tensor = self.norm(states)
        return vectors


class Layer(nn.Module):
    """Attention to what came before, then a feed-forward net; both normed first."""

    def __init__(self, dimension: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(dimension)
        self.attend = nn.Linear(dimension, 3 * dimension)
        self.join = nn.Linear(dimension, dimension)
        self.norm2 = nn.LayerNorm(dimension)
        self.widen = nn.Linear(dimension, WIDENING * dimension)
        self.narrow = nn.Linear(WIDENING * dimension, dimension)
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Tensor, seen: Tensor) -> Tensor:
        """The states after this layer; `seen` says which places each place attends to."""
        batch, width, dimension = states.shape
        parts = self.attend(self.norm1(states)).view(batch, width, 3, self.heads, -1)
        asks, keys, values = parts.permute(2, 0, 3, 1, 4)
        dropout = self.dropout.p if self.training else 0.0
        mixed = functional.scaled_dot_product_attention(
            asks, keys, values, attn_mask=seen, dropout_p=dropout
        )
        mixed = mixed.transpose(1, 2).reshape(batch, width, dimension)
        states = states + self.dropout(self.join(mixed))
        wide = self.dropout(functional.gelu(self.widen(self.norm2(states)), approximate="tanh"))
        narrowed: Tensor = self.dropout(self.narrow(wide))
        return states + narrowed


def shape_of(items: int, config: Config) -> Shape:
    """The shape of a net for so many items."""
    return Shape(items, config.dimension, config.layers, config.heads, config.length)


def exported(net: SasNet) -> dict[str, FloatArray]:
    """The tensors of a net as serving names and lays them."""
    found: dict[str, FloatArray] = {}
    for name, tensor in net.state_dict().items():
        values = tensor.detach().numpy()
        if name == "items.weight":
            found["items"] = values.copy()
        elif values.ndim > 1 and name != "positions":
            found[name] = np.ascontiguousarray(values.T)  # torch keeps (outputs, inputs)
        else:
            found[name] = values.copy()
    return found
