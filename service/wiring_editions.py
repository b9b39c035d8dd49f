"""An edition: one version of the catalogue, and all that was opened for it. One is current.

Another is opened beside it and takes its place in one step. Whoever had begun with the old one ends
with it: a request asks for the current one once. What cannot be opened changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from service.catalog.artifact import LoadedCatalogue
from service.catalog.manifest import MANIFEST_FILE, VERSION
from service.errors import UnknownVersion
from service.pipeline.parts import Recommender
from service.retrieval.ranker_watch import RankerWatch
from service.store.seeded import SeededHistories

LOG: Final = logging.getLogger("listwright.catalogue")


@dataclass(frozen=True, slots=True)
class Edition:
    """What makes lists of one version."""

    catalogue: LoadedCatalogue
    recommender: Recommender
    store: SeededHistories
    ranker: RankerWatch | None = None


Opening: TypeAlias = Callable[[Path], Awaitable[Edition]]
"""Opens the version in a folder, and asks its first questions."""

Turned: TypeAlias = Callable[[Edition], None]
"""Hears of an edition the moment it is current."""


class Editions:
    """The current one, and the way to others beside it in the same folder."""

    def __init__(self, first: Edition, opening: Opening, turned: Turned) -> None:
        self._current = first
        self._opening = opening
        self._turned = turned
        self._root = first.catalogue.folder.parent
        self._before: list[Path] = []
        self._one_at_a_time = asyncio.Lock()
        turned(first)

    @property
    def current(self) -> Edition:
        """What serves whoever comes now."""
        return self._current

    async def reload(self, version: str | None = None) -> Edition:
        """Serve a version, or the one that CURRENT names; UnknownVersion, DamagedArtifact."""
        async with self._one_at_a_time:
            folder = self._root if version is None else self._folder(version)
            return await self._turn_to(folder, keep=True)

    async def rollback(self) -> Edition:
        """Serve what was served before; UnknownVersion if there was nothing."""
        async with self._one_at_a_time:
            if not self._before:
                raise UnknownVersion("no other version was served before this one")
            edition = await self._turn_to(self._before[-1], keep=False)
            self._before.pop()
            return edition

    async def _turn_to(self, folder: Path, *, keep: bool) -> Edition:
        edition, old = await self._opening(folder), self._current
        if edition.catalogue.version == old.catalogue.version:
            return old
        if keep:
            self._before.append(old.catalogue.folder)
        self._current = edition
        self._turned(edition)
        fields = {"from": old.catalogue.version, "to": edition.catalogue.version}
        LOG.info("another catalogue is served", extra={"fields": fields})
        return edition

    def _folder(self, version: str) -> Path:
        folder = self._root / version
        if not VERSION.fullmatch(version) or not (folder / MANIFEST_FILE).is_file():
            raise UnknownVersion(f"there is no version {version[:40]!r} beside the one served")
        return folder
