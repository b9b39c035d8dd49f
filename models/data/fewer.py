"""A data set cut down to the items that were met most: the same questions at toy size."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np

from models.data.dataset import Dataset
from service.domain import Item


def write_fewer(dataset: Dataset, items: int, folder: Path) -> Path:
    """Write the items that most users met, and all meetings with them, where `build` reads them."""
    met = np.concatenate([np.zeros(0, dtype=np.int64), *dataset.sequences])
    counts = np.bincount(met, minlength=dataset.size)
    kept = {int(place) for place in np.argsort(-counts, kind="stable")[:items]}
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "items.jsonl").open("w", encoding="utf-8") as file:
        for place in sorted(kept):
            file.write(json.dumps(_plain(dataset.source.items[place]), ensure_ascii=False) + "\n")
    _write_events(dataset, kept, folder / "events.csv")
    return folder


def _plain(item: Item) -> dict[str, object]:
    return {"id": item.id, "title": item.title, "categories": list(item.categories)}


def _write_events(dataset: Dataset, kept: set[int], path: Path) -> None:
    """Every user's first meetings, at the times they were at."""
    times = dataset.source.events.timestamps
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("user_id", "item_id", "timestamp"))
        for user, met, at in zip(dataset.users, dataset.sequences, dataset.first_met, strict=True):
            for place, event in zip(met.tolist(), at.tolist(), strict=True):
                if place in kept:
                    rows.writerow((user, dataset.ids[place], int(times[event])))
