"""A world in which what comes next is plain: items on a ring, each user walking round it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import cast

import faiss
import numpy as np
import torch

from models.sasrec.config import Config
from models.sasrec.evaluate import Asked
from models.sasrec.export import Use, publish_trained
from models.sasrec.net import SasNet, exported, shape_of
from models.sasrec.training import Trained, train
from service.ports import Catalogue
from service.retrieval.ranker import Ranker
from service.retrieval.ranker_bound import BoundRanker, bound
from service.retrieval.ranker_facts import Facts
from service.retrieval.sasrec_net import Net
from service.steering.arrays import IntArray
from service.tuning import Tuning

ITEMS = 12
IDS = [f"i{n}" for n in range(ITEMS)]
SMALL = Config(
    dimension=8,
    layers=2,
    heads=2,
    length=6,
    dropout=0.1,
    learning_rate=0.02,
    batch=16,
    epochs=12,
    patience=12,
)


def walks(users: int = 60, items: int = ITEMS, seed: int = 0) -> list[IntArray]:
    dice = np.random.default_rng(seed)
    lengths = dice.integers(4, 9, users)
    return [(np.arange(n) + dice.integers(items)) % items for n in lengths]


def lesson(users: int = 60) -> tuple[list[IntArray], list[Asked]]:
    every = walks(users)
    return [walk[:-1] for walk in every], [Asked(walk[:-1], int(walk[-1])) for walk in every]


@cache
def trained() -> Trained:
    return train(*lesson(), ITEMS, SMALL)


def untrained(items: int, config: Config, seed: int = 0, spread: float = 0.3) -> SasNet:
    """A net with weights large enough for everything in it to matter."""
    torch.manual_seed(seed)
    net = SasNet(shape_of(items, config), config).eval()
    with torch.no_grad():
        for weights in net.parameters():
            weights.normal_(std=spread)
    return net


def any_net(items: int, config: Config, seed: int = 0) -> Net:
    return Net(shape_of(items, config), exported(untrained(items, config, seed)))


def chance(seed: int) -> Trained:
    """A net that nobody trained, as if somebody had."""
    net = any_net(ITEMS, SMALL, seed)
    return Trained(net.shape, SMALL, dict(net.tensors), 1, 0.5, 0.5, [1.0], [0.5])


def publish(root: Path, seed: int | None = None, ids: list[str] | None = None) -> Path:
    """The trained ring, or with a seed a net of chance."""
    made = trained() if seed is None else chance(seed)
    return publish_trained(root, made, ids or IDS, Use("c0123456789ab"))


class Rack:
    """What is read of a catalogue: where the items with some ids stand."""

    version = "c0123456789ab"

    def __init__(self, ids: Sequence[str]) -> None:
        self.ids = list(ids)
        self.size = len(self.ids)

    def rows(self, ids: Sequence[str]) -> IntArray:
        row_of = {name: row for row, name in enumerate(self.ids)}
        return np.array([row_of.get(name, -1) for name in ids], dtype=np.int64)


def ranker(net: Net, ids: Sequence[str], index: faiss.Index | None = None) -> Ranker:
    """A ranker that was never published."""
    facts = Facts("c0", "", net.shape, {}, 1, 1, (1.0,), 0.5, 0.5)
    return Ranker("r000000000000", facts, tuple(ids), net, Tuning(), index)


def bind(net: Net, ids: Sequence[str], rack: Sequence[str]) -> BoundRanker:
    return bound(ranker(net, ids), cast("Catalogue", Rack(rack)))
