"""Building a catalogue: from items and events to an immutable artifact under its version's name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from service.catalog.artifact_categories import save_postings
from service.catalog.artifact_items import save_items
from service.catalog.artifact_lexicon import save_lexicon
from service.catalog.artifact_popularity import save_ranking
from service.catalog.build_aside import aside, is_sound, point, publish
from service.catalog.build_embeddings import save_embeddings
from service.catalog.build_tools import Progress, SimilarityTools, Tools
from service.catalog.build_version import version_of
from service.catalog.histories import save_histories
from service.catalog.manifest import Counts, EncoderEntry, Manifest, TokenizerEntry, write_manifest
from service.catalog.read import Source
from service.catalog.spelling import Spelled, spell_titles
from service.domain import Item
from service.errors import BadCatalogue
from service.steering.arrays import IntArray
from service.steering.lexicon import Lexicon
from service.steering.lexicon_build import build_lexicon

__all__ = ["Progress", "SimilarityTools", "Tools", "build"]


def build(
    source: Source, out: Path, tools: Tools, progress: Progress = lambda _stage, _done, _all: None
) -> Path:
    """Build `OUT/<version>` and point `OUT/CURRENT` to it; the folder of the version.

    A version that is there already, undamaged, is not built again. However a build ends, what was
    there before stays as it was.
    """
    _refuse_unfit(source.items)
    version = version_of(source, tools)
    try:
        out.mkdir(parents=True, exist_ok=True)
        if is_sound(out / version):
            return point(out, version)
        with aside(out) as folder:
            _write(folder, source, tools, version, progress)
            progress("publish", 0, 1)
            target = publish(folder, out, version)
            progress("publish", 1, 1)
            return target
    except OSError as error:
        raise BadCatalogue(
            f"the catalogue cannot be written to {out}: {error}",
            hint="Check that the folder can be written to and that there is room on its disk.",
        ) from error


def _refuse_unfit(items: Sequence[Item]) -> None:
    """What no reader lets through, but everything after relies on."""
    if not items:
        raise BadCatalogue("a catalogue needs at least one item")
    if len({item.id for item in items}) < len(items):
        raise BadCatalogue("two items have the same id")
    untitled = [item.id for item in items if not item.title.strip()]
    if untitled:
        raise BadCatalogue(f"item {untitled[0]!r} has no title")


def _write(folder: Path, source: Source, tools: Tools, version: str, progress: Progress) -> None:
    """All files of the artifact, their rows in the lexicon's order."""
    size = len(source.items)
    spelled = spell_titles(
        [item.title for item in source.items],
        tools.tokenizer,
        tools.title_tokens,
        lambda done: progress("spell", done, size),
    )
    progress("sort", 0, size)
    lexicon, order = _lexicon(spelled, tools)
    progress("sort", size, size)
    items = [source.items[place] for place in order.tolist()]
    if tools.similarity is not None:
        save_embeddings(folder, items, tools.similarity, progress)
    progress("write", 0, size)
    save_lexicon(folder, lexicon, tools.tokenizer.frame(tools.max_k))
    code_of = save_postings(folder, items)
    save_items(folder, items, [spelled.spellings[place] for place in order.tolist()], code_of)
    row_of = np.empty(size, dtype=np.int64)
    row_of[order] = np.arange(size)
    save_histories(folder, source.events, row_of)
    save_ranking(folder, source.events, row_of, tools.popularity)
    progress("write", size, size)
    counts = Counts(
        items=size,
        categories=len(code_of),
        users=len(source.events.users.dictionary),
        events=len(source.events),
        renamed=spelled.renamed,
    )
    progress("seal", 0, size)
    write_manifest(folder, _manifest(version, tools, counts, spelled))
    progress("seal", size, size)


def _lexicon(spelled: Spelled, tools: Tools) -> tuple[Lexicon, IntArray]:
    try:
        return build_lexicon(spelled.tokens, spelled.offsets)
    except ValueError as error:
        raise BadCatalogue(
            f"the tokens of {tools.tokenizer.name} make no lexicon: {error}"
        ) from error


def _manifest(version: str, tools: Tools, counts: Counts, spelled: Spelled) -> Manifest:
    tokenizer, similarity = tools.tokenizer, tools.similarity
    return Manifest(
        version=version,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        counts=counts,
        tokenizer=TokenizerEntry(
            name=tokenizer.name,
            sha256=tokenizer.sha256,
            limit=tools.title_tokens,
            longest=int(np.diff(spelled.offsets).max()),
        ),
        encoder=EncoderEntry(similarity.encoder.name, similarity.encoder.dimension)
        if similarity
        else None,
        files={},
    )
