"""An edition: one version of the catalogue, and all that was opened for it. One is current.

Another is opened beside it and takes its place in one step. Whoever had begun with the old one ends
with it: a request asks for the current one once. What cannot be opened changes nothing.

Which version all gateways are to serve is pointed at in the store. Whoever is asked for another
opens it first, points, and then serves it; the others look now and then, and follow. Who cannot
goes on as before, and says so.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from service.catalog.artifact import LoadedCatalogue
from service.catalog.manifest import MANIFEST_FILE, VERSION
from service.errors import ListwrightError, StoreUnavailable, UnknownVersion
from service.pipeline.parts import Recommender
from service.ports import CataloguePointer
from service.retrieval.ranker_watch import RankerWatch
from service.store.seeded import SeededHistories

LOG: Final = logging.getLogger("listwright.catalogue")

EVERY_S: Final = 1.0
"""How often a gateway looks which version is to be served."""

AGAIN_S: Final = 30.0
"""After how long a version that is there and could not be opened is tried again."""


@dataclass(frozen=True, slots=True)
class Edition:
    """What makes lists of one version."""

    catalogue: LoadedCatalogue
    recommender: Recommender
    store: SeededHistories
    ranker: RankerWatch | None = None

    @property
    def version(self) -> str:
        """Of the catalogue."""
        return self.catalogue.version


Opening: TypeAlias = Callable[[Path], Awaitable[Edition]]
"""Opens the version in a folder, and asks its first questions."""

Turned: TypeAlias = Callable[[Edition], None]
"""Hears of an edition the moment it is current."""


class Editions:
    """The current one, and the way to others beside it in the same folder."""

    def __init__(
        self,
        first: Edition,
        opening: Opening,
        turned: Turned,
        pointer: CataloguePointer,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._current = first
        self._opening = opening
        self._turned = turned
        self._pointer = pointer
        self._clock = clock
        self._root = first.catalogue.folder.parent
        self._one_at_a_time = asyncio.Lock()
        self._trouble: str | None = None
        self._unfit: tuple[str, float] | None = None
        """What could not be opened, and when it is tried again."""
        self._agreed: str | None = None
        """What all gateways were pointed at last, whether or not it could be had here."""
        turned(first)

    @property
    def current(self) -> Edition:
        """What serves whoever comes now."""
        return self._current

    def trouble(self) -> str | None:
        """Why this gateway does not serve what all are to serve, if it does not."""
        return self._trouble

    async def reload(self, version: str | None = None) -> Edition:
        """Serve a version, or the one that CURRENT names, and have all gateways serve it.

        UnknownVersion, DamagedArtifact, StoreUnavailable: then nothing has changed here.
        """
        async with self._one_at_a_time:
            folder = self._root if version is None else beside(self._root, version)
            edition = await self._opening(folder)
            await self._pointer.point(edition.version, self._current.version)
            self._agreed = edition.version
            return self._turn_to(edition)

    async def rollback(self) -> Edition:
        """Serve what was served before, everywhere; UnknownVersion if there was nothing."""
        async with self._one_at_a_time:
            before = (await self._pointer.turns())[1:]
            if not before:
                raise UnknownVersion("no other version was served before this one")
            edition = await self._opening(beside(self._root, before[0].version))
            await self._pointer.back(edition.version)
            self._agreed = edition.version
            return self._turn_to(edition)

    async def follow(self) -> None:
        """Serve what is pointed at, if that is another version and can be had here."""
        async with self._one_at_a_time:
            try:
                turns = await self._pointer.turns()
            except StoreUnavailable:
                # What is served goes on; the store itself says what is the matter with it.
                return
            if not turns:
                await self._point_again()
                return
            self._agreed = turns[0].version
            if turns[0].version == self._current.version:
                self._trouble = self._unfit = None
                return
            await self._catch_up(turns[0].version)

    async def _point_again(self) -> None:
        """What had been pointed at is forgotten: a store that lost its data begins anew.

        Whoever starts now would serve what its folder names, and the others what they did before.
        """
        if self._agreed is None:
            return
        try:
            await self._pointer.begin(self._agreed)
        except StoreUnavailable:
            # It is looked at again in a second.
            return
        LOG.warning("the store had forgotten which catalogue is served: %s", self._agreed)

    async def _catch_up(self, version: str) -> None:
        if self._unfit is not None and self._unfit[0] == version and self._clock() < self._unfit[1]:
            return
        try:
            edition = await self._opening(beside(self._root, version))
        except UnknownVersion:
            # Looked for at the next turn again: it may be on its way here.
            self._stay(version, "it is not in this gateway's folder")
        except ListwrightError as error:
            self._unfit = version, self._clock() + AGAIN_S
            self._stay(version, error.message)
        except Exception as error:
            self._unfit = version, self._clock() + AGAIN_S
            LOG.exception("catalogue %s cannot be opened", version)
            self._stay(version, type(error).__name__)
        else:
            self._turn_to(edition)

    def _stay(self, version: str, why: str) -> None:
        trouble = f"{version} is to be served, and {self._current.version} goes on here: {why}"
        if trouble != self._trouble:
            LOG.warning("%s", trouble)
        self._trouble = trouble

    def _turn_to(self, edition: Edition) -> Edition:
        self._trouble = self._unfit = None
        old = self._current
        if edition.version == old.version:
            return old
        self._current = edition
        self._turned(edition)
        fields = {"from": old.version, "to": edition.version}
        LOG.info("another catalogue is served", extra={"fields": fields})
        return edition


@asynccontextmanager
async def followed(editions: Editions) -> AsyncIterator[Editions]:
    """Editions that follow the pointer meanwhile."""

    async def follow() -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await editions.follow()
            except Exception:
                # Whoever would end here would never follow again, and nobody would know.
                LOG.exception("which catalogue is to be served cannot be followed")

    following = asyncio.create_task(follow())
    try:
        yield editions
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def first_edition(path: Path, opening: Opening, pointer: CataloguePointer) -> Edition:
    """What a gateway begins with: what all serve, if it can be had here; else what is set."""
    root = path.parent if (path / MANIFEST_FILE).is_file() else path
    version = await _pointed_at(pointer)
    if version is not None:
        try:
            return await opening(beside(root, version))
        except ListwrightError as error:
            LOG.warning("%s is to be served, and cannot be had: %s", version, error.message)
    return await opening(path)


async def _pointed_at(pointer: CataloguePointer) -> str | None:
    try:
        turns = await pointer.turns()
    except StoreUnavailable as error:
        LOG.warning("which catalogue is to be served cannot be read yet: %s", error.message)
        return None
    return turns[0].version if turns else None


def beside(root: Path, version: str) -> Path:
    """The folder of a version; UnknownVersion if it is not among those of this gateway."""
    folder = root / version
    if not VERSION.fullmatch(version) or not (folder / MANIFEST_FILE).is_file():
        raise UnknownVersion(f"there is no version {version[:40]!r} beside the one served")
    return folder
