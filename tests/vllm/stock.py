"""Catalogues for the real server: made-up goods, built as users build theirs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bookcase import source

from loadtest.synthetic import make_titles
from service.catalog.build import Tools, build
from service.catalog.read import Source
from service.domain import Item
from service.engines.local.checkpoint import NAME
from service.engines.text.tokenizer import ChatTokenizer
from service.retrieval.popularity import popularity_scores

DEPARTMENTS = ("Home", "Outdoors", "Kitchen", "Music", "Books", "Sport", "Toys", "Garden")
LARGE = 2_000
SMALL = 300


@dataclass(frozen=True, slots=True)
class Catalogues:
    """A folder of two versions; the large one is the current one."""

    folder: Path
    large: Path
    small: Path


def goods(count: int, seed: int) -> list[Item]:
    """Items of one department, most also of one for their kind of thing, a few of a rare one."""
    titles = make_titles(count, seed)
    return [
        Item(
            id=f"g{n}",
            title=title,
            categories=(
                DEPARTMENTS[kind % len(DEPARTMENTS)],
                *([f"Kind {trait % 12}"] if n % 5 else []),
                *(["Rare"] if n % 97 == 0 else []),
            ),
        )
        for n, (title, kind, trait) in enumerate(
            zip(titles.texts, titles.kind.tolist(), titles.trait.tolist(), strict=True)
        )
    ]


def purchases(count: int, customers: int = 40) -> list[tuple[str, str, float]]:
    """Who bought what when; the first goods sell best."""
    return [
        (f"customer-{n % customers}", f"g{(n * n) % count // (1 + n % 4)}", 1000.0 + 7 * n)
        for n in range(customers * 12)
    ]


def build_catalogues(
    folder: Path, checkpoint: Path, sizes: tuple[int, int] = (SMALL, LARGE)
) -> Catalogues:
    """Both versions, spelled with the served model's own tokenizer."""
    tools = Tools(ChatTokenizer(checkpoint, NAME), popularity_scores)
    small, large = (
        build(_read(folder / f"files-{count}", count), folder / "built", tools) for count in sizes
    )
    return Catalogues(folder / "built", large, small)


def _read(folder: Path, count: int) -> Source:
    folder.mkdir(parents=True)
    return source(folder, goods(count, seed=count), purchases(count))
