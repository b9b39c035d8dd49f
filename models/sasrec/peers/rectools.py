"""RecTools' SASRec on a split that was written to a file; run by RecTools' own environment.

It knows nothing of this project, so neither can make the other look worse: it reads sequences, of
which the first are of users to be asked about and the others to learn from, and writes the
ten items that it recommends to each user, chosen by its own early stopping on NDCG@10 of
the validation items. Run as `python rectools.py SPLIT.npz LISTS.json SIZE SECONDS SEED`.
"""

from __future__ import annotations

import json
import logging
import math
import sys
import time
import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import torch
from pytorch_lightning import Trainer, seed_everything
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import SASRecModel

K: Final = 10
ROUND: Final = {"default": 20, "same": 5}
"""Epochs between two looks at the validation items. As it comes each is a few steps, a sequence a
user: with fewer it was ended before it had learnt more than what is popular. Of the same size it
has several windows a user."""

PATIENCE: Final = 8
"""Looks without a better one, after which training ends."""

SIZES: Final[dict[str, dict[str, Any]]] = {
    "default": {},
    "same": {
        "n_factors": 64,
        "n_heads": 2,
        "session_max_len": 50,
        "dropout_rate": 0.3,
        "batch_size": 64,
        "lr": 2e-3,
    },
}
"""As RecTools comes, and as large as the net it is compared with, learning in the same steps."""


def main() -> None:
    """Train, and write the best lists."""
    split, lists, size, seconds, seed = sys.argv[1:]
    warnings.simplefilter("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    seed_everything(int(seed))
    peer = Peer(*_sequences(Path(split)), SIZES[size])
    began, best, bad, epochs = time.monotonic(), -1.0, 0, 0
    found: dict[str, Any] = {}
    while bad < PATIENCE and time.monotonic() - began < float(seconds):
        peer.train(ROUND[size])
        epochs += ROUND[size]
        ndcg = peer.ndcg()
        bad = 0 if ndcg > best else bad + 1
        if ndcg > best:
            best = ndcg
            found = {"epochs": epochs, "ndcg": ndcg, "lists": peer.lists(held=1)}
        sys.stderr.write(
            f"RecTools ({size})  epoch {epochs}  NDCG@10 {ndcg:.4f}  best {best:.4f}\n"
        )
    found["cut_short"] = bad < PATIENCE
    Path(lists).write_text(json.dumps(found), encoding="utf-8")


class Peer:
    """RecTools' model, and the data in its shape."""

    def __init__(
        self, sequences: list[list[int]], learnt: list[list[int]], size: dict[str, Any]
    ) -> None:
        self._sequences = sequences
        self._train = Dataset.construct(_frame(learnt, held=0))
        self._known = set(self._train.item_id_map.external_ids.tolist())
        self._model = SASRecModel(
            deterministic=True, recommend_torch_device="cpu", get_trainer_func=_trainer, **size
        )

    def train(self, epochs: int) -> None:
        """So many more epochs."""
        self._model.fit_partial(self._train, min_epochs=epochs, max_epochs=epochs)

    def ndcg(self) -> float:
        """NDCG@10 of the validation items."""
        lists = self.lists(held=2)
        gains = [
            1 / math.log2(made.index(met[-2]) + 2) if met[-2] in made else 0.0
            for made, met in zip(lists, self._sequences, strict=True)
        ]
        return sum(gains) / len(gains)

    def lists(self, held: int) -> list[list[int]]:
        """Ten items a user, of the whole catalogue, the history's left out."""
        frame = _frame(self._sequences, held)
        frame = frame[frame[Columns.Item].isin(self._known)]
        users = np.array(sorted(frame[Columns.User].unique()))
        made = self._model.recommend(
            users=users, dataset=Dataset.construct(frame), k=K, filter_viewed=True
        )
        lists: list[list[int]] = [[] for _ in self._sequences]
        for user, item in zip(made[Columns.User], made[Columns.Item], strict=True):
            lists[user].append(int(item))
        return lists


def _frame(sequences: list[list[int]], held: int) -> pd.DataFrame:
    rows = [
        (user, item, 1.0, pd.Timestamp(at, unit="s"))
        for user, met in enumerate(sequences)
        for at, item in enumerate(met[: len(met) - held])
    ]
    names = [Columns.User, Columns.Item, Columns.Weight, Columns.Datetime]
    return pd.DataFrame(rows, columns=names)


def _sequences(path: Path) -> tuple[list[list[int]], list[list[int]]]:
    """Those of users to be asked about, and those to learn from."""
    with np.load(path) as arrays:
        items, ends, tested = arrays["items"], arrays["ends"], int(arrays["tested"])
    met = [part.tolist() for part in np.split(items, ends[:-1])]
    return met[:tested], met[tested:]


def _trainer() -> Trainer:
    return Trainer(
        max_epochs=1,  # each training says how many
        accelerator="cpu",
        deterministic=True,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


if __name__ == "__main__":
    main()
