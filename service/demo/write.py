"""Writes the demo shop as the two files `listwright build` reads."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from service.demo.shop import Product, stock
from service.demo.shoppers import Event, events

HEADER: Final = "user_id,item_id,timestamp,event\n"


@dataclass(frozen=True, slots=True)
class ShopFiles:
    """Where the shop was written."""

    items: Path
    events: Path


def write_shop(folder: Path, seed: int = 7) -> ShopFiles:
    """Make the shop and write it to `items.jsonl` and `events.csv`; the same bytes for a seed."""
    products = stock(seed)
    lines = [_event_line(event) for event in events(products, seed)]
    folder.mkdir(parents=True, exist_ok=True)
    files = ShopFiles(folder / "items.jsonl", folder / "events.csv")
    _write(files.items, map(_item_line, products))
    _write(files.events, [HEADER, *lines])
    return files


def _item_line(product: Product) -> str:
    item = product.item
    fields = {
        "id": item.id,
        "title": item.title,
        "categories": item.categories,
        **item.attributes,
    }
    return json.dumps(fields, ensure_ascii=False) + "\n"


def _event_line(event: Event) -> str:
    return f"{event.user_id},{event.item_id},{event.timestamp},{event.event}\n"


def _write(path: Path, lines: Iterable[str]) -> None:
    """Written aside and renamed: a stopped run leaves no half file under the name."""
    aside = path.with_name(path.name + ".part")
    with aside.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(lines)
    aside.replace(path)
