"""What the peers of `bench_vllm` are asked: catalogues of several sizes, users, the judge."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from loadtest.synthetic import make_titles
from service.catalog.artifact import LoadedCatalogue, load
from service.domain import Controls, Intent, Item
from service.engines.text.tokenizer import ChatTokenizer
from service.pipeline.validate import judge
from service.prompts.recommend import recommend_prompt
from service.settings import load_settings
from service.steering.assignment import Assignment
from service.steering.plan import Stock, compile_plan
from service.steering.prior import Prior
from service.versions import CURRENT_FILE
from service.wiring import build_catalogue

HISTORY: Final = 5
CANDIDATES: Final = 500
CHOICES: Final = 100
"""Candidates that the JSON schema lists."""
PRIOR_WEIGHT: Final = 4.0
CURRENT_SIZE: Final = 100


@dataclass(frozen=True)
class User:
    """Whom a list is for: a few rows met before, and some that a retriever might have scored."""

    history: tuple[int, ...]
    scored: tuple[int, ...]


@dataclass(frozen=True)
class World:
    """A catalogue that lists are made from."""

    catalogue: LoadedCatalogue
    tokenizer: ChatTokenizer
    k: int

    def users(self, count: int, seed: int) -> list[User]:
        """Users with different histories."""
        dice = np.random.default_rng(seed)
        size = self.catalogue.size
        return [
            User(
                tuple(dice.choice(size, HISTORY, replace=False).tolist()),
                tuple(np.unique(dice.integers(0, size, CANDIDATES)).tolist()),
            )
            for _ in range(count)
        ]

    def prompt(self, user: User) -> list[int]:
        """The service's own prompt for titles, as tokens."""
        titles = [self.catalogue.spelling(row) for row in user.history]
        constant, rest = self.tokenizer.render(recommend_prompt(titles, Intent(), self.k))
        return [*constant, *rest]

    def assignment(self, user: User) -> Assignment:
        """The same for the plugin, with a prior as the retrievers make one."""
        catalogue, banned = self.catalogue, np.unique(user.history)
        plan = compile_plan(Stock(catalogue.size, catalogue.postings, banned), Controls(), self.k)
        scores = np.log(np.arange(len(user.scored), 0, -1.0))
        return Assignment(
            lexicon=catalogue.lexicon,
            frame=catalogue.frame,
            plan=plan,
            catalogue=catalogue.version,
            banned=banned,
            prior=Prior.over(np.array(user.scored), scores - np.logaddexp.reduce(scores)),
            weight=PRIOR_WEIGHT,
        )

    def choices(self, user: User) -> list[str]:
        """The titles a schema may list for a user."""
        rows = [row for row in user.scored if row not in user.history][:CHOICES]
        return list(dict.fromkeys(self.catalogue.spelling(row) for row in rows))

    @cached_property
    def titles(self) -> list[str]:
        """Every title, as a list that is written freely must name it."""
        return [self.catalogue.spelling(row) for row in range(self.catalogue.size)]

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {title: row for row, title in enumerate(self.titles)}

    def item(self, title: str) -> Item | None:
        """The item a line names, if there is one."""
        row = self._row_of.get(title)
        return None if row is None else self.catalogue.item(row)

    def valid(self, items: Sequence[Item | None], user: User) -> bool:
        """Whether a list keeps the promise."""
        met = frozenset(self.catalogue.item(row).id for row in user.history)
        return not judge(items, self.k, met, Controls()).violations


def catalogues(folder: Path, sizes: Sequence[int]) -> dict[int, Path]:
    """A built version of each size, made once and kept, all in the one folder of versions.

    The current one is none of them: servers open it when they start, and the first list of every
    size shall pay for opening its own.
    """
    versions = folder / "versions"
    made = {size: _version(folder, versions, size) for size in (*sizes, CURRENT_SIZE)}
    (versions / CURRENT_FILE).write_text(made[CURRENT_SIZE].name + "\n", "ascii")
    return made


def opened(path: Path, tokenizer: ChatTokenizer, k: int) -> World:
    """A version, as both sides use it."""
    return World(load(path, tokenizer=tokenizer, verify=False), tokenizer, k)


def _version(folder: Path, versions: Path, size: int) -> Path:
    note = folder / f"{size}.version"
    if note.exists() and (path := versions / note.read_text("ascii")).is_dir():
        return path
    sys.stderr.write(f"Building a catalogue of {size:,} titles ...\n")
    items = folder / f"{size}.jsonl"
    items.parent.mkdir(parents=True, exist_ok=True)
    made = make_titles(size, seed=size)
    with items.open("w", encoding="utf-8") as lines:
        for place, (text, kind) in enumerate(zip(made.texts, made.kind.tolist(), strict=True)):
            lines.write(json.dumps({"id": f"p{place}", "title": text, "categories": [f"k{kind}"]}))
            lines.write("\n")
    settings = load_settings({"retrieval": {"similarity": False}})
    path = build_catalogue(items, None, versions, settings)
    items.unlink()
    note.write_text(path.name, "ascii")
    return path
