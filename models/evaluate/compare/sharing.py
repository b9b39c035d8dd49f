"""Worlds for several tokenizers: each has a catalogue of its own, and all have one SASRec.

What is learnt of users has nothing to do with how titles are cut into tokens.
"""

from __future__ import annotations

import shutil
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from models.data.split import Split
from models.evaluate.recommend.world import Making, World, world_of
from service.cli.progress import Report
from service.retrieval.ranker import load_ranker, ranker_root
from service.retrieval.ranker_facts import (
    IDS_FILE,
    INDEX_FILE,
    TUNING_FILE,
    WEIGHTS_FILE,
    Facts,
)
from service.retrieval.ranker_publish import publish
from service.retrieval.tuning_file import write_tuning
from service.settings import Settings
from service.tuning import Tuning
from service.versions import CURRENT_FILE
from service.wiring_engine import tokenizer_of


@dataclass(frozen=True, slots=True)
class Worlds:
    """One for each tokenizer, open until the end."""

    split: Split
    making: Making
    report: Report
    stack: AsyncExitStack
    _open: dict[str, World] = field(default_factory=dict)

    async def world(self, settings: Settings) -> World:
        """The world for the settings' tokenizer; they have no engine."""
        tokenizer = tokenizer_of(settings).sha256
        if tokenizer not in self._open:
            for first in [*self._open.values()][:1]:
                await self._take_over(first, settings)
            opening = world_of(self.split, settings, self.making, self.report)
            self._open[tokenizer] = await self.stack.enter_async_context(opening)
        return self._open[tokenizer]

    async def _take_over(self, first: World, settings: Settings) -> None:
        """Put the first world's SASRec beside the catalogue of another tokenizer."""
        source = ranker_root(first.catalogue.folder)
        if first.ranker is None:
            return
        bare = settings.retrieval.model_copy(update={"sasrec": False})
        without = settings.model_copy(update={"retrieval": bare})
        async with world_of(self.split, without, self.making, self.report) as world:
            catalogue = world.catalogue
        root = ranker_root(catalogue.folder)
        if not (root / CURRENT_FILE).exists():
            _copied(source / first.ranker, root, catalogue.version)


def _copied(source: Path, root: Path, catalogue: str) -> None:
    """Publish a ranker for another catalogue of the same items, with what no model changes."""
    ranker = load_ranker(source)

    def write(folder: Path) -> Facts:
        for name in (WEIGHTS_FILE, IDS_FILE, INDEX_FILE):
            if (source / name).exists():
                shutil.copyfile(source / name, folder / name)
        write_tuning(folder / TUNING_FILE, Tuning(ranker.tuning.blends))
        return replace(ranker.facts, catalogue=catalogue)

    publish(root, write)
