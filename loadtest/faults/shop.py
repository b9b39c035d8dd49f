"""The shop that is served while things fail: made up, and built twice, to be swapped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from loadtest.synthetic import KINDS, TRAITS, make_titles
from service.settings import load_settings
from service.wiring import build_catalogue

ITEMS: Final = 700
CHANGED: Final = 70
"""Items that one of the two versions has, and the other has not."""

USERS: Final = 1_000
MET: Final = 8
FIRST_S: Final = 1_760_000_000


@dataclass(frozen=True, slots=True)
class Versions:
    """A folder of versions; `served` is the current one."""

    folder: Path
    served: str
    other: str


def built(folder: Path) -> Versions:
    """Two versions side by side, and a few items that only one of them has."""
    folder.mkdir(parents=True)
    items = _items()
    other = _build(folder, items[CHANGED:])
    served = _build(folder, items[:-CHANGED])
    return Versions(folder / "versions", served, other)


def _items() -> list[dict[str, object]]:
    made = make_titles(ITEMS, seed=1)
    kinds, traits = KINDS.split(), TRAITS.split()
    rows = zip(made.texts, made.kind.tolist(), made.trait.tolist(), strict=True)
    return [
        {"id": f"p{place}", "title": title, "categories": [kinds[kind], traits[trait]]}
        for place, (title, kind, trait) in enumerate(rows)
    ]


def _build(folder: Path, items: list[dict[str, object]]) -> str:
    for name, rows in (("items", items), ("events", _events(items))):
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(row) + "\n" for row in rows)
    files = folder / "items.jsonl", folder / "events.jsonl"
    return build_catalogue(*files, folder / "versions", load_settings()).name


def _events(items: list[dict[str, object]]) -> Iterator[dict[str, object]]:
    dice = np.random.default_rng(2)
    for user in range(USERS):
        for place in dice.integers(0, len(items), MET).tolist():
            met = {"user": f"u{user}", "item": items[place]["id"]}
            yield met | {"timestamp": FIRST_S + int(dice.integers(10**7))}
