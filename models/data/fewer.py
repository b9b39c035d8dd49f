"""A data set cut down to the items that were met most: the same questions at toy size."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np

from models.data.dataset import Dataset
from service.domain import Item


def write_fewer(dataset: Dataset, items: int, folder: Path) -> dict[str, int]:
    """Write the items that most users met, and all meetings with them, for `build` to read.

    How many there are of both.
    """
    met = np.concatenate([np.zeros(0, dtype=np.int64), *dataset.sequences])
    counts = np.bincount(met, minlength=dataset.size)
    kept = {int(place) for place in np.argsort(-counts, kind="stable")[:items]}
    with (folder / "items.jsonl").open("w", encoding="utf-8") as file:
        for place in sorted(kept):
            file.write(json.dumps(_plain(dataset.source.items[place]), ensure_ascii=False) + "\n")
    events = _write_events(dataset, kept, folder / "events.csv")
    return {"items": len(kept), "events": events}


def _plain(item: Item) -> dict[str, object]:
    return {"id": item.id, "title": item.title, "categories": list(item.categories)}


def _write_events(dataset: Dataset, kept: set[int], path: Path) -> int:
    """Every user's first meetings, at the times they were at; how many there are."""
    times = dataset.source.events.timestamps
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("user_id", "item_id", "timestamp"))
        for user, met, at in zip(dataset.users, dataset.sequences, dataset.first_met, strict=True):
            for place, event in zip(met.tolist(), at.tolist(), strict=True):
                if place in kept:
                    rows.writerow((user, dataset.ids[place], int(times[event])))
                    count += 1
    return count
