"""A built catalogue, loaded: every part mapped into memory, so that processes share it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from service.catalog.artifact_categories import Postings
from service.catalog.artifact_files import map_array
from service.catalog.artifact_items import ItemTable
from service.catalog.artifact_lexicon import map_lexicon, read_frame
from service.catalog.artifact_popularity import Ranking
from service.catalog.artifact_search import search_titles
from service.catalog.build_embeddings import EMBEDDINGS_FILE, INDEX_FILE
from service.catalog.histories import Histories
from service.catalog.manifest import (
    MANIFEST_FILE,
    VERSION,
    Counts,
    EncoderEntry,
    Manifest,
    TokenizerEntry,
    check_files,
    check_tokenizer,
    read_manifest,
)
from service.domain import Item
from service.errors import DamagedArtifact
from service.steering.arrays import FloatArray, IntArray
from service.steering.lexicon import Frame, Lexicon
from service.versions import CURRENT_FILE


@dataclass(frozen=True, slots=True)
class Summary:
    """What there is to know about a catalogue at a glance."""

    version: str
    built_at: str
    counts: Counts
    categories: Mapping[str, int]
    tokenizer: TokenizerEntry
    encoder: EncoderEntry | None


@dataclass(frozen=True, slots=True, eq=False)
class LoadedCatalogue:
    """Implements ports.Catalogue. Read-only, and safe to share between threads."""

    folder: Path
    manifest: Manifest
    table: ItemTable
    by_category: Postings
    lexicon: Lexicon
    frame: Frame
    ranking: Ranking
    embeddings: FloatArray | None
    histories: Histories

    @property
    def version(self) -> str:
        """Name of this immutable version."""
        return self.manifest.version

    @property
    def size(self) -> int:
        """How many items there are."""
        return self.lexicon.size

    @property
    def categories(self) -> Sequence[str]:
        """Every category name, sorted."""
        return self.by_category.names

    @property
    def meetings(self) -> IntArray:
        """How often each row was interacted with."""
        return self.ranking.meetings

    @property
    def popularity(self) -> FloatArray:
        """Log-probability of each row by how often it was interacted with."""
        return self.ranking.scores

    @property
    def popular_rows(self) -> IntArray:
        """All rows, the most popular first."""
        return self.ranking.rows

    @property
    def index_path(self) -> Path | None:
        """The index over the embeddings; None if it was built without similarity."""
        return None if self.embeddings is None else self.folder / INDEX_FILE

    def postings(self, category: str) -> IntArray:
        """Sorted rows of a category; UnknownCategory if there is no such category."""
        return self.by_category.of(category)

    def rows(self, ids: Sequence[str]) -> IntArray:
        """The row of each id, -1 where the id is unknown."""
        return self.table.by_id.rows_of(ids)

    def item(self, row: int) -> Item:
        """The item at a row."""
        return self.table.item(row)

    def spelling(self, row: int) -> str:
        """The title as the lexicon spells it: the title itself unless it is very long."""
        return self.table.spelling(row)

    def titles(self, rows: IntArray) -> Sequence[str]:
        """The titles of many rows, for whoever goes through them."""
        return self.table.titles_of(rows)

    def spellings(self, rows: IntArray) -> Sequence[str]:
        """How the lexicon spells the titles of many rows."""
        return self.table.spellings_of(rows)

    def search(self, text: str, limit: int) -> IntArray:
        """Rows whose title holds every word of the text, in any case, the most popular first."""
        return search_titles(self.table.titles, self.popular_rows, text, limit)

    def summary(self) -> Summary:
        """Version, counts, and what it was built with."""
        manifest = self.manifest
        return Summary(
            version=manifest.version,
            built_at=manifest.created_at,
            counts=manifest.counts,
            categories=self.by_category.counts(),
            tokenizer=manifest.tokenizer,
            encoder=manifest.encoder,
        )


class Named(Protocol):
    """The tokenizer of the engine that will be steered."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def sha256(self) -> str:
        """Its identity."""


def load(path: Path, *, tokenizer: Named | None = None, verify: bool = True) -> LoadedCatalogue:
    """Load a catalogue from its folder, or the current one from the folder of its versions.

    DamagedArtifact if a file is missing or not as it was written, or if the lexicon was made for
    another tokenizer. Without `verify` only the sizes of files are compared, not their content.
    """
    folder = _folder(path)
    manifest = read_manifest(folder)
    if tokenizer is not None:
        check_tokenizer(manifest, tokenizer.name, tokenizer.sha256)
    check_files(folder, manifest, hashes=verify)
    by_category = Postings.mapped(folder)
    table = ItemTable.mapped(folder, by_category.names)
    return LoadedCatalogue(
        folder=folder,
        manifest=manifest,
        table=table,
        by_category=by_category,
        lexicon=map_lexicon(folder),
        frame=read_frame(folder),
        ranking=Ranking.mapped(folder),
        embeddings=map_array(folder / EMBEDDINGS_FILE) if manifest.encoder else None,
        histories=Histories.mapped(folder, table.by_id.ids),
    )


def _folder(path: Path) -> Path:
    """The folder of the version that a path means."""
    if (path / MANIFEST_FILE).exists():
        return path
    pointer = path / CURRENT_FILE
    try:
        version = pointer.read_text("ascii")
    except FileNotFoundError as error:
        raise DamagedArtifact(
            f"there is no built catalogue in {path}: neither {CURRENT_FILE} nor {MANIFEST_FILE}"
        ) from error
    except (OSError, ValueError) as error:
        raise DamagedArtifact(f"{pointer} cannot be read: {error}") from error
    if not VERSION.fullmatch(version.removesuffix("\n")):
        raise DamagedArtifact(f"{pointer} is damaged: it names no version")
    if not (path / version.strip()).is_dir():
        raise DamagedArtifact(f"{pointer} names {version.strip()}, which is not there")
    return path / version.strip()
