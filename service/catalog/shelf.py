"""The shelf: catalogue versions open for spelling, side by side, the least used let go of.

Only what spelling needs is opened and checked: manifest, lexicon, frame and postings, all of it
arrays and JSON, so the shelf works where pyarrow and the rest of a catalogue's tools are missing.
"""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Final

from service.catalog.artifact_categories import NAMES_FILE, OFFSETS_FILE, ROWS_FILE, Postings
from service.catalog.artifact_lexicon import FRAME_FILE, lexicon_files, map_lexicon, read_frame
from service.catalog.manifest import (
    VERSION,
    Manifest,
    check_files,
    check_tokenizer,
    read_manifest,
)
from service.errors import DamagedArtifact, UnknownCategory, UnknownVersion
from service.steering.arrays import IntArray
from service.steering.lexicon import Frame, Lexicon, highest_token
from service.versions import CURRENT_FILE

FILES: Final = frozenset((*lexicon_files(), FRAME_FILE, NAMES_FILE, OFFSETS_FILE, ROWS_FILE))
"""What is mapped of a version, and so what is checked."""

_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Speaks:
    """The tokenizer of the model whose lists are spelled, and how many tokens it has."""

    name: str
    sha256: str
    vocabulary: int | None = None
    """None: not known here; whoever decodes checks it."""


@dataclass(frozen=True, slots=True, eq=False)
class Volume:
    """One version, open for spelling; whoever holds it can use it after the shelf let go of it."""

    version: str
    lexicon: Lexicon
    frame: Frame
    by_category: Postings

    @property
    def size(self) -> int:
        """How many rows there are."""
        return self.lexicon.size

    def postings(self, category: str) -> IntArray:
        """Sorted rows of a category; UnknownCategory, without a search for what was meant."""
        if category not in self.by_category.code_of:
            message = f"there is no category {category[:_SHOWN]!r} in {self.version}"
            raise UnknownCategory(message)
        return self.by_category.of(category)


class Shelf:
    """The versions in one folder, opened by name. Safe to share between threads."""

    def __init__(
        self,
        folder: Path,
        *,
        versions: int = 4,
        verify: bool = True,
        speaks: Speaks | None = None,
    ) -> None:
        self._folder = folder
        self._most = versions
        self._verify = verify
        self._speaks = speaks
        self._open: OrderedDict[str, Future[Volume]] = OrderedDict()
        self._lock = Lock()

    def current(self) -> str:
        """The version that CURRENT names; DamagedArtifact if it names none."""
        pointer = self._folder / CURRENT_FILE
        try:
            version = pointer.read_text("ascii").strip()
        except (OSError, ValueError) as error:
            message = f"{self._folder} has no catalogues: {CURRENT_FILE} cannot be read"
            raise DamagedArtifact(message) from error
        if not VERSION.fullmatch(version):
            raise DamagedArtifact(f"{pointer} is damaged: it names no version")
        return version

    def manifest(self, version: str) -> Manifest:
        """The manifest of a version; UnknownVersion if it is not in the folder."""
        # The pattern also keeps a name from leading out of the folder.
        if not VERSION.fullmatch(version) or not (self._folder / version).is_dir():
            raise UnknownVersion(f"there is no catalogue {version[:_SHOWN]!r} here")
        return read_manifest(self._folder / version)

    def at_hand(self, version: str) -> Volume | None:
        """A version that is open; None for any other. Returns at once."""
        with self._lock:
            opening = self._open.get(version)
            if opening is None or not opening.done():
                return None
            self._open.move_to_end(version)
        return opening.result()

    def volume(self, version: str) -> Volume:
        """A version, opened unless it is open; UnknownVersion, DamagedArtifact.

        While one version is being opened, those who ask for it wait, and nobody else does.
        """
        with self._lock:
            opening = self._open.get(version)
            if opening is None:
                mine: Future[Volume] = Future()
                self._open[version] = mine
            self._open.move_to_end(version)
        return opening.result() if opening else self._opened(version, mine)

    def _opened(self, version: str, promise: Future[Volume]) -> Volume:
        try:
            volume = self._read(version)
        except BaseException as error:
            # Not kept: it may be there, or whole, the next time somebody asks.
            with self._lock:
                if self._open.get(version) is promise:
                    del self._open[version]
            promise.set_exception(error)
            raise
        promise.set_result(volume)
        self._let_go()
        return volume

    def _let_go(self) -> None:
        """Close what was asked for longest ago; what is being opened does not count."""
        with self._lock:
            done = [version for version, future in self._open.items() if future.done()]
            for version in done[: max(0, len(done) - self._most)]:
                del self._open[version]

    def _read(self, version: str) -> Volume:
        manifest = self.manifest(version)
        folder = self._folder / version
        if manifest.version != version:
            raise DamagedArtifact(f"{folder} holds catalogue {manifest.version}")
        speaks = self._spoken()
        if speaks:
            check_tokenizer(manifest, speaks.name, speaks.sha256)
        missing = FILES - manifest.files.keys()
        if missing:
            raise DamagedArtifact(f"{folder} was built without {min(missing)}")
        needed = {name: manifest.files[name] for name in sorted(FILES)}
        check_files(folder, replace(manifest, files=needed), hashes=self._verify)
        volume = Volume(version, map_lexicon(folder), read_frame(folder), Postings.mapped(folder))
        if speaks and speaks.vocabulary is not None:
            _check_vocabulary(volume, speaks.vocabulary)
        return volume

    def _spoken(self) -> Speaks | None:
        """What versions must speak; None for anything."""
        return self._speaks


class KindredShelf(Shelf):
    """For a process that knows no model: versions must speak as the current one does.

    Only their sizes are checked: whoever sends a request waits for this, and whoever decodes reads
    every byte.
    """

    def __init__(self, folder: Path, versions: int) -> None:
        super().__init__(folder, versions=versions, verify=False)

    def _spoken(self) -> Speaks:
        # Not before a version is opened, since the disk may hang; nor ever left unknown, since a
        # version that is open is not looked at again.
        if self._speaks is None:
            tokenizer = self.manifest(self.current()).tokenizer
            self._speaks = Speaks(tokenizer.name, tokenizer.sha256)
        return self._speaks


def _check_vocabulary(volume: Volume, tokens: int) -> None:
    highest = highest_token(volume.lexicon.tokens, volume.frame)
    if highest >= tokens:
        raise DamagedArtifact(
            f"catalogue {volume.version} spells with token {highest}; the model has {tokens} tokens"
        )
